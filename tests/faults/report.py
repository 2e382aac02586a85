"""Report: a line of the table for each row, and the same as JSON."""

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


def _cores() -> int:

    return len(os.sched_getaffinity(0))
