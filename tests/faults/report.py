"""Report: a line of the table for each row, and the same as JSON.

`python -m tests.faults.report test-results/faults.json` prints the table of a run that was, for the docs.
"""

import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.verdict import Finding, Verdict, worst


@dataclass
class Line:
    """What became of one row: its verdicts, or why it was not run."""

    number: int
    title: str
    server: str
    verdicts: list[Verdict] = field(default_factory=list)
    tells: tuple[str, ...] = ()
    not_run: str = ""
    seconds: float = 0.0

    @property
    def outcome(self) -> str:
        if self.not_run:
            return "not run"
        return "pass" if self.verdicts and all(verdict.passed for verdict in self.verdicts) else "FAIL"

    def __str__(self) -> str:
        passed = sum(verdict.passed for verdict in self.verdicts)
        figures = self.not_run or "; ".join(map(str, worth_telling(worst(self.verdicts))))
        repeats = f"{passed}/{len(self.verdicts)}" if self.verdicts else "–"
        return f"| {self.number} | {self.title} | {self.server} | {repeats} | {figures} | {self.outcome} |"


HEAD = "| # | fault | server | repeats | figures, worst of all repeats | result |\n|---|---|---|---|---|---|"


MARKDOWN_HEAD = (
    "| # | fault | lost / doubled / out of order | steady p99 s ≤ 1 | recovery s ≤ 10 | MiB grown ≤ 64 "
    "| what else it promises | repeats | result |\n|---|---|---|---|---|---|---|---|---|"
)
# Those have columns of their own.
COLUMNS = ("lost", "doubled", "out of order", "steady p99 s", "recovery s", "memory MiB")


def markdown(line: Line) -> str:
    """The row for the table in the docs: of each figure the worst of all repeats."""
    found = {finding.name: finding for finding in worst(line.verdicts).findings}

    def value(name: str) -> str:
        return f"{found[name].value:.3g}" if name in found else "–"

    lost, doubled, swapped, steady, recovery, memory = map(value, COLUMNS)
    told = [found[name] for name in line.tells if name in found]
    told += [each for each in found.values() if not each.held and each not in told and each.name not in COLUMNS]
    passed = sum(verdict.passed for verdict in line.verdicts)
    cells = [
        *(str(line.number), line.title, f"{lost} / {doubled} / {swapped}", steady, recovery, memory),
        line.not_run or "; ".join(each.brief for each in told) or "–",
        f"{passed} of {len(line.verdicts)}" if line.verdicts else "–",
        line.outcome,
    ]
    return f"| {' | '.join(cells)} |"


def worth_telling(verdict: Verdict) -> list[Finding]:
    """Everything but the zeroes of what must not happen."""
    return [found for found in verdict.findings if not found.held or found.value or found.limit is None]


def write(path: Path, lines: list[Line], **about: object) -> None:
    """The whole of it, for a machine."""
    document = {
        "machine": {"system": platform.platform(), "python": sys.version.split()[0], "cores": _cores()},
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **about,
        "rows": [
            {
                **asdict(line),
                "outcome": line.outcome,
                "worst": [asdict(found) for found in worst(line.verdicts).findings],
            }
            for line in lines
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def read(path: Path) -> list[Line]:
    """The lines of a run that was written down."""
    lines = []
    for row in json.loads(path.read_text())["rows"]:
        verdicts = [Verdict([Finding(**found) for found in each["findings"]]) for each in row["verdicts"]]
        fields = {name: row[name] for name in ("number", "title", "server", "not_run", "seconds")}
        lines.append(Line(verdicts=verdicts, tells=tuple(row["tells"]), **fields))
    return lines


def _cores() -> int:
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    print(MARKDOWN_HEAD, *map(markdown, read(Path(sys.argv[1]))), sep="\n")
