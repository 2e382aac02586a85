"""Actor: who is speaking, as a small frozen value that every layer understands."""

from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["customer", "agent", "bot", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who speaks. `id` is a customer's UUID or a decimal key; `site_id` is a customer's site, 0 for staff."""

    kind: ActorKind
    id: str
    name: str = ""
    is_admin: bool = False
    site_id: int = 0
    # How an agent got in: the session, and a digest that changes with the password. Not who they are.
    session: str = field(default="", repr=False, compare=False)
    stamp: str = field(default="", repr=False, compare=False)

    @property
    def ref(self) -> str:
        """The name of this person in the log, in presence and on the wire, such as `agent:7`."""
        return f"{self.kind}:{self.id}"

    @property
    def is_customer(self) -> bool:
        return self.kind == "customer"


def visitor_name(customer_id: object) -> str:
    """What agents see of a customer who gave no name: enough to tell two apart."""
    return f"Visitor {str(customer_id)[:4]}"
