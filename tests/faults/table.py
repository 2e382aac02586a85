"""The table, complete once this is imported."""

from tests.faults.row import ROWS
from tests.faults.rows import disk, frames, hostile, order, postgres, processes, redis, rights, silence, slow

__all__ = ["ROWS", "disk", "frames", "hostile", "order", "postgres", "processes", "redis", "rights", "silence", "slow"]
