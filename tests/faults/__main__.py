"""`python -m tests.faults`: run the table of faults, or some rows of it, and say what held."""

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.faults import report
from tests.faults.ground import Ground
from tests.faults.plan import FULL, SMOKE, USUAL
from tests.faults.sabotage import SABOTAGES

SMOKE_ROWS = {"uvicorn": [1, 2, 3, 5, 7, 9, 12], "daphne": [1, 7]}
RESULT = Path("test-results") / "faults.json"


def main() -> int:
    options = _options()
    # Ctrl-C and a polite end clean up alike.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)
    plan = SMOKE if options.smoke else FULL if os.environ.get("FULL") == "1" else USUAL
    if options.repeats:
        plan = replace(plan, repeats=options.repeats, kills=options.repeats)
    if options.rooms:
        plan = replace(plan, rooms=options.rooms)
    began = time.monotonic()
    lines: list[report.Line] = []

    def write() -> None:
        seconds = round(time.monotonic() - began)
        report.write(options.result, lines, seed=options.seed, seconds=seconds, plan=repr(plan))

    # Whatever ends the run, what was measured until then is written down.
    with ExitStack() as ends:
        ends.callback(write)
        ground = ends.enter_context(Ground(options.sabotage))
        # Their modules import models.
        from tests.faults.perform import perform
        from tests.faults.table import ROWS

        wanted = [(kind, number) for kind, rows in _wanted(options, sorted(ROWS)).items() for number in rows]
        for count, (kind, number) in enumerate(wanted, start=1):
            minutes = (time.monotonic() - began) / 60
            print(f"row {number} on {kind}, {count} of {len(wanted)}, after {minutes:.1f} minutes", flush=True)
            lines.append(perform(ground, ROWS[number], kind, plan, options.seed))
            print(lines[-1], flush=True)
            write()
    seconds = time.monotonic() - began
    if options.markdown:
        print(f"\n{report.MARKDOWN_HEAD}", *map(report.markdown, lines), sep="\n")
    else:
        print(f"\n{report.HEAD}", *lines, sep="\n")
    print(f"\n{len(lines)} rows in {seconds / 60:.1f} minutes, seed {options.seed}; all figures in {options.result}")
    # A run of nothing has shown nothing.
    return int(not lines or any(line.outcome == "FAIL" for line in lines))


def _wanted(options: argparse.Namespace, everything: list[int]) -> dict[str, list[int]]:
    server = os.environ.get("SERVER")
    if options.smoke:
        rows = {kind: numbers for kind, numbers in SMOKE_ROWS.items() if server in (None, "", kind)}
    else:
        rows = {server or "uvicorn": everything}
    if options.sabotage and not options.only:
        options.only = set(SABOTAGES[options.sabotage].rows)
    if options.only:
        rows = {kind: [number for number in numbers if number in options.only] for kind, numbers in rows.items()}
    return rows


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", type=lambda text: {int(each) for each in text.split(",")}, help="such as 1,7")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=0, help="instead of 3, or of 10 and 30 with FULL=1")
    parser.add_argument("--rooms", type=int, default=0, help="instead of 20; five sockets each")
    parser.add_argument("--smoke", action="store_true", help="the short rows that belong to `make test`")
    parser.add_argument("--sabotage", default="", choices=["", *SABOTAGES], help="take a mechanism out: rows must fail")
    parser.add_argument("--result", type=Path, default=RESULT, help="where the figures go as JSON")
    parser.add_argument("--markdown", action="store_true", help="print the table as it stands in docs/guarantees.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
