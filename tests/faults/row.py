"""Row: one fault of the table, and the order in which rows are run."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.plan import Plan
from tests.faults.stage import Stage

Play = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    title: str
    play: Play
    # Rows whose fault is over in an instant are repeated more often in the long run.
    kills: bool
    # What the row changes in the plan, such as more sockets.
    adapt: Callable[[Plan], Plan]
    # What must be there before anything is started; raises NotRunError.
    needs: Callable[[], None]
    # What stands in front of the two servers' commands, by the repeat's seed.
    prefixes: Callable[[int], tuple[list[str], list[str]]]
    # The figures that are its promise, for the table in the docs.
    tells: tuple[str, ...]


ROWS: dict[int, Row] = {}


def row(
    number: int,
    title: str,
    *,
    kills: bool = False,
    adapt: Callable[[Plan], Plan] = lambda plan: plan,
    needs: Callable[[], None] = lambda: None,
    prefixes: Callable[[int], tuple[list[str], list[str]]] = lambda seed: ([], []),
    tells: tuple[str, ...] = (),
) -> Callable[[Play], Play]:
    """Put a script into the table."""

    def put(play: Play) -> Play:
        ROWS[number] = Row(number, title, play, kills, adapt, needs, prefixes, tells)
        return play

    return put
