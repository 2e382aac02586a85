"""Rows 8 and 10: clocks that are wrong, and frames that come late, twice, and after those that followed them."""

from pathlib import Path

from tests.faults.driver import Driver, Part
from tests.faults.row import row
from tests.faults.shuffle import Shuffle
from tests.faults.stage import Stage
from tests.faults.verdict import NotRunError

DAY, SERVER_SECONDS = 86_400, 300


def _faketime() -> Path:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise NotRunError("faketime is missing (Debian: apt-get install faketime)")
    return found[0]


def _needs_faketime() -> None:
    _faketime()


def _wrong_server(seed: int) -> tuple[list[str], list[str]]:
    """One server of the two is five minutes ahead, or behind."""
    sign = "+" if seed % 2 else "-"
    fake = [f"LD_PRELOAD={_faketime()}", f"FAKETIME={sign}{SERVER_SECONDS}s", "FAKETIME_DONT_FAKE_MONOTONIC=1"]
    return ["env", *fake], []


@row(8, "clocks: clients ± 1 day, one server ± 300 s", needs=_needs_faketime, prefixes=_wrong_server)
def clocks(stage: Stage) -> None:
    """Nobody's clock decides on an order, and tokens of the one server are good on the other."""
    drivers = [stage.add_driver(clock_skew=skew) for skew in (0, DAY, -DAY)]

    def clock(part: Part) -> Driver:
        return drivers[stage.room_of(part) % 3]

    stage.assemble(choose=clock)
    stage.begin()
    stage.until_fault()
    # Everybody moves: what one server signed is read by the other.
    stage.broken()
    stage.cluster.front.reset()
    stage.mended()
    stage.settle()
    stage.judge()


@row(
    10,
    "frames held back, reordered and repeated; two tabs",
    tells=(
        "frames held back",
        "frames repeated",
    ),
)
def shuffled(stage: Stage) -> None:
    line = stage.cluster.wifi()
    shuffle = Shuffle(line, stage.seed)
    line.pump = shuffle.pump
    url = f"http://localhost:{line.port}"
    stage.assemble(server=lambda part: url)
    stage.begin()
    # From the first text to the last.
    stage.broken()
    stage.fault = stage.began
    stage.until(stage.load_seconds)
    stage.mended()
    stage.settle()
    stage.judge()
    stage.verdict.add("frames held back", shuffle.held)
    stage.verdict.add("frames repeated", shuffle.repeated)
    stage.verdict.add("nothing was shuffled", not (shuffle.held and shuffle.repeated), 0)
