"""The table, complete once this is imported."""

from tests.faults.row import ROWS
from tests.faults.rows import frames, postgres, processes, redis, slow

__all__ = ["ROWS", "frames", "postgres", "processes", "redis", "slow"]
