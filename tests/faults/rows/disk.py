"""Row 13: the disk is full."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg

from config.embedded import Servers
from tests.faults.row import row
from tests.faults.rows.postgres import refused_soon
from tests.faults.stage import Stage
from tests.faults.verdict import NotRunError

DISK_MIB = 600


def _needs_mount() -> None:
    if os.geteuid() != 0:
        raise NotRunError("a disk of a limited size (tmpfs) needs root")


@row(
    13,
    "disk full under PostgreSQL and Redis",
    needs=_needs_mount,
    tells=(
        "refusals",
        "longest answer s",
    ),
)
def full(stage: Stage) -> None:
    """Both servers' data is on a small disk of its own, which something else fills."""
    disk = Path(tempfile.mkdtemp(prefix="porchlight-disk-"))
    stage.ends.callback(shutil.rmtree, disk, ignore_errors=True)
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0755", "tmpfs", str(disk)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        raise NotRunError("tmpfs cannot be mounted here")
    stage.ends.callback(subprocess.run, ["umount", "--lazy", str(disk)], capture_output=True, check=False)
    # The servers run as another user, who must be able to go there.
    disk.chmod(0o755)
    servers = Servers(disk / "data", max_connections=200)
    stage.ends.callback(servers.stop)
    servers.start()
    assert servers.folder.home.is_relative_to(disk), f"the data is in {servers.folder.home}"
    stage.move_to(servers)
    stage.assemble()
    stage.begin()
    stage.until_fault()
    ballast = disk / "ballast"
    stage.broken()
    _fill(ballast)
    _write_ahead(servers.postgres.superuser_url)
    stage.until_heal()
    ballast.unlink()
    # What a service manager does with a server that ended.
    ended = [server for server in servers.wanted if not server.running]
    for server in ended:
        server.start()
    stage.mended()
    stage.verdict.add("servers that ended", len(ended))
    stage.settle()
    record = stage.judge()
    refused_soon(stage, record)
    stage.verdict.add("nobody was refused", not record.errors, 0)


def _write_ahead(url: str) -> None:
    """Have PostgreSQL need new files soon: it keeps some of them ready."""
    with suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as connection:
        for _ in range(8):
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("SELECT pg_create_restore_point('full')")


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * (1 << 20))
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0")
