"""Where presence lives in Redis, and the one way to read text from its answers."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key of presence. The braces put all of them into one cluster slot, as a script touches several.

    `{prefix}:topics`         ZSET    topic → when its first lease runs out (ms); a topic without leases is not in it
    `{prefix}:leases:<topic>` ZSET    `person|connection` → when the lease runs out (ms)
    `{prefix}:people:<topic>` HASH    person → how many members of the ZSET above are theirs
    `{prefix}:journal`        STREAM  joins and leaves, capped
    `{prefix}:kept`           STRING  up to which entry the journal is stored elsewhere
    `{prefix}:states`         HASH    person → "away", for those who chose it

    None has a TTL: Redis must not evict them (`noeviction`, or one of the `volatile-*` policies).
    """

    prefix: str = "presence"

    @property
    def base(self) -> str:
        return f"{{{self.prefix}}}:"

    @property
    def topics(self) -> str:
        return self.base + "topics"

    @property
    def journal(self) -> str:
        return self.base + "journal"

    def people(self, topic: str) -> str:
        return f"{self.base}people:{topic}"

    @property
    def kept(self) -> str:
        return self.base + "kept"

    @property
    def states(self) -> str:
        return self.base + "states"


class Lease(NamedTuple):
    """One connection of one person in one topic. A person, such as `agent:7`, must not contain `|`."""

    topic: str
    person: str
    connection: str

    @classmethod
    def of(cls, topic: str, person: str, connection: str) -> "Lease":
        """A lease that can be stored. Raises ValueError if `person` is empty or contains `|`, or for a lone surrogate.

        One that cannot be encoded would spoil the round trip of all leases it shares, with every beat.
        """
        if not person or "|" in person:
            raise ValueError(f"not the name of a person: {person!r}")
        f"{topic}{person}{connection}".encode()
        return cls(topic, person, connection)


def as_text(value: str | bytes) -> str:
    """Text from a client of either kind, `decode_responses` or not."""
    return value.decode() if isinstance(value, bytes) else value
