"""Resources: what a server process holds, read from /proc."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.cluster import Cluster, Web
from tests.faults.verdict import Verdict

# What a process may keep open besides its clients' sockets and what it had before: idle pools, files being read.
SPARE_FILES = 24
GROWTH_MIB = 64.0
RELEASE_SECONDS = 60.0
POOL = 9


@dataclass(frozen=True, slots=True)
class Held:
    """Of one process: memory, files that are not clients' sockets, connections to the database."""

    pid: int
    rss_mib: float
    files: int
    database: int


def held_by(web: Web, cluster: Cluster) -> Held:
    status = Path(f"/proc/{web.pid}/status").read_text()
    rss = re.search(r"VmRSS:\s+(\d+)", status)
    clients = cluster.clients_of(web)
    files = len(list(Path(f"/proc/{web.pid}/fd").iterdir())) - clients
    return Held(web.pid, int(rss[1]) / 1024 if rss else 0.0, files, web.database.connections)


def all_held(cluster: Cluster) -> list[Held]:
    return [held_by(web, cluster) for web in cluster.webs]


def nothing_kept(cluster: Cluster, before: list[Held], healed: float, verdict: Verdict) -> None:
    """G6: files of the processes that are still the same come back, memory and the database's pool are bounded."""
    then = {held.pid: held for held in before}

    def kept() -> list[str]:
        return [
            f"{held.pid}: {then[held.pid].files} files, then {held.files}"
            for held in all_held(cluster)
            if held.pid in then and held.files > then[held.pid].files + SPARE_FILES
        ]

    while (found := kept()) and time.monotonic() < healed + RELEASE_SECONDS:
        time.sleep(0.5)
    verdict.none("files kept", found)
    now = all_held(cluster)
    # Of processes that are new nothing can be said.
    if grown := [held.rss_mib - then[held.pid].rss_mib for held in now if held.pid in then]:
        verdict.add("memory MiB", max(0.0, *grown), GROWTH_MIB)
    verdict.add("database connections", max((held.database for held in now), default=0), POOL)
