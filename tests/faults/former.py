"""Former: the servers of the version before, from the project's own history."""

import subprocess
from pathlib import Path

from config.run.options import ROOT
from tests.faults.cluster import Web

# The one whose clients are kept in `previous`.
COMMIT = "a77fe47"


def unpack(folder: Path) -> Path | None:
    """Its sources; None where there is no history to take them from."""
    target = folder / COMMIT
    if target.exists():
        return target
    known = subprocess.run(
        ["git", "cat-file", "-e", f"{COMMIT}^{{commit}}"], cwd=ROOT, capture_output=True, check=False
    )
    if known.returncode:
        return None
    archive = subprocess.run(["git", "archive", COMMIT], cwd=ROOT, capture_output=True, check=True, timeout=60)
    target.mkdir()
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive.stdout, check=True, timeout=60)
    return target


def become(web: Web, source: Path, argv: list[str]) -> None:
    """Replace what runs there by these sources, on the database as it is now."""
    web.stop()
    web.process.cwd, web.process.argv = source, argv
    web.start()


def without_lifespan(argv: list[str]) -> list[str]:
    """That version had nothing to do at a server's start and end, and says no word of it."""
    return ["off" if before == "--lifespan" else word for before, word in zip(["", *argv], argv, strict=False)]
