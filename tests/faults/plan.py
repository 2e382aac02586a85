"""Plan: how much load, and when the fault comes and goes, in seconds from the first text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    rooms: int
    seconds: float
    fault_at: float
    heal_at: float
    repeats: int
    kills: int
    # Texts a second, of each client: half of what one connection may send.
    rate: float = 0.5
    # How much slower than its promise a slow machine may be.
    patience: float = 1.0
    # The rows' long versions.
    full: bool = False


USUAL = Plan(rooms=20, seconds=18, fault_at=4, heal_at=10, repeats=3, kills=3)
FULL = Plan(rooms=20, seconds=60, fault_at=15, heal_at=36, repeats=10, kills=30, full=True)
# On two busy cores: what is asked is the same, how long it may take is not.
SMOKE = Plan(rooms=8, seconds=12, fault_at=3, heal_at=6, repeats=1, kills=1, patience=3.0)
