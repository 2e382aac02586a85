"""The table, complete once this is imported."""

from tests.faults.row import ROWS
from tests.faults.rows import frames, order, postgres, processes, redis, silence, slow

__all__ = ["ROWS", "frames", "order", "postgres", "processes", "redis", "silence", "slow"]
