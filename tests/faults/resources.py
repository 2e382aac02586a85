"""Resources: what a server process holds, read from /proc."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.faults.cluster import Cluster, Web

# What a process may keep open besides its clients' sockets and what it had before: idle pools, files being read.
SPARE_FILES = 24
GROWTH_MIB = 64.0


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
