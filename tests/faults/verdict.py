"""Verdict: what one repeat measured and whether each promise held."""

from collections.abc import Sequence
from dataclasses import dataclass, field


class NotRunError(Exception):
    """The fault cannot be made on this machine. The message says what is missing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure. `limit` is the most it may be; None for what is only told."""

    name: str
    value: float
    limit: float | None = None
    detail: str = ""

    @property
    def held(self) -> bool:
        return self.limit is None or self.value <= self.limit

    @property
    def brief(self) -> str:
        """Without the examples."""
        bound = "" if not self.limit else f" ≤ {self.limit:g}"
        return f"{self.name} {self.value:.3g}{bound}" if self.value % 1 else f"{self.name} {self.value:.0f}{bound}"

    def __str__(self) -> str:
        return f"{self.brief} ({self.detail})" if self.detail and not self.held else self.brief


@dataclass
class Verdict:
    """Everything that was found in one repeat."""

    findings: list[Finding] = field(default_factory=list)

    def add(self, name: str, value: float, limit: float | None = None, detail: object = "") -> None:
        self.findings.append(Finding(name, round(float(value), 3), limit, str(detail)[:300]))

    def none(self, name: str, found: Sequence[object]) -> None:
        """There must be none of these; the first few are told."""
        self.add(name, len(found), 0, ", ".join(map(str, found[:3])))

    @property
    def broken(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.held]

    @property
    def passed(self) -> bool:
        return bool(self.findings) and not self.broken


def worst(verdicts: list[Verdict]) -> Verdict:
    """Of each figure the worst of all repeats, a broken one before any that held."""
    found: dict[str, Finding] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            before = found.get(finding.name)
            if before is None or (not finding.held, finding.value) > (not before.held, before.value):
                found[finding.name] = finding
    return Verdict(list(found.values()))


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all is not above; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
