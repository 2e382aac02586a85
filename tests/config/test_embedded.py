"""The embedded servers: real ones, kept over restarts, recovered after crashes, closed to others."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
import redis

from config.embedded import Servers, StartError
from config.embedded.leftovers import is_running_with
from config.embedded.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def one(servers: Servers, query: LiteralString) -> object:
    with psycopg.connect(servers.database_url) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def write(servers: Servers, table: LiteralString, number: int) -> None:
    with psycopg.connect(servers.database_url) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (n int)")
        connection.execute(f"INSERT INTO {table} VALUES (%s)", [number])


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


def test_both_servers_are_real_and_kept(used_folder: Path) -> None:
    """What was written is there after a stop and a start, on the same ports."""
    with Servers(used_folder) as servers:
        first = servers.database_url, servers.redis_url
        assert str(one(servers, "SELECT version()")).startswith("PostgreSQL 18")
        write(servers, "kept", 1)
        with redis.Redis.from_url(servers.redis_url) as client:
            client.set("kept", "yes")
    with Servers(used_folder) as servers:
        assert (servers.database_url, servers.redis_url) == first
        assert one(servers, "SELECT max(n) FROM kept") == 1
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.get("kept") == b"yes"


def test_the_application_is_no_superuser(used_folder: Path) -> None:
    """It owns its database and may make test databases, as it would on a managed server, and no more."""
    with Servers(used_folder) as servers:
        assert one(servers, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert one(servers, "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user") is True


def test_nobody_gets_in_without_the_password(used_folder: Path) -> None:
    """Neither server trusts a connection because it comes from this machine."""
    with Servers(used_folder) as servers:
        ours = servers.folder.secret("postgres_password")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(servers.database_url.replace(ours, "guess"))
        with (
            redis.Redis(host="127.0.0.1", port=servers.valkey.port) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()


def test_committed_rows_survive_a_kill(used_folder: Path) -> None:
    """SIGKILL leaves a stale lock file; the next start recovers and has what was committed."""
    with Servers(used_folder) as servers:
        write(servers, "crash", 7)
        servers.postgres.kill()
        servers.valkey.kill()
        assert (used_folder / "postgres" / "postmaster.pid").exists()
        servers.postgres.start()
        servers.valkey.start()
        assert one(servers, "SELECT max(n) FROM crash") == 7


def test_a_lock_file_whose_number_was_given_away_is_no_obstacle(used_folder: Path) -> None:
    """After a reboot the number may belong to any other process of the same user."""
    with Servers(used_folder) as servers:
        lines = (used_folder / "postgres" / "postmaster.pid").read_text().split("\n")
        account = servers.folder.account
    with subprocess.Popen(["sleep", "60"], cwd="/", **account.identity()) as stranger:
        stale = used_folder / "postgres" / "postmaster.pid"
        stale.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        account.own(stale, 0o600)
        with Servers(used_folder) as servers:
            assert one(servers, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_servers_that_were_left_behind_are_ended_first(used_folder: Path) -> None:
    """Two servers must never write to the same files."""
    orphaned = Servers(used_folder)
    orphaned.start()
    pid = postmaster(used_folder)
    orphaned.folder.release()
    with Servers(used_folder) as servers:
        assert postmaster(used_folder) != pid
        assert not is_running_with(pid, used_folder)
        assert not orphaned.valkey.running
        orphaned.stop()
        assert one(servers, "SELECT 1") == 1


def test_a_folder_serves_one_at_a_time(used_folder: Path) -> None:
    """A second start is refused, naming the process that has it, and does not disturb the first."""
    with Servers(used_folder) as servers:
        with pytest.raises(StartError, match=rf"is in use: .*process {os.getpid()}"):
            Servers(used_folder).start()
        assert one(servers, "SELECT 1") == 1


def test_a_server_that_dies_is_named_with_its_last_words(used_folder: Path) -> None:
    """`check()` says which one, how, and where the log is."""
    with Servers(used_folder) as servers:
        servers.check()
        os.kill(postmaster(used_folder), signal.SIGQUIT)
        wait_for(lambda: not servers.postgres.running)
        with pytest.raises(StartError, match=r"^PostgreSQL has stopped.*shut down.*postgres\.log\)$"):
            servers.check()


def test_a_wanted_port_in_use_is_one_line(used_folder: Path) -> None:
    """A port that was asked for is not silently exchanged for another."""
    servers = Servers(used_folder)
    servers.folder.claim()
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(StartError, match=f"^PostgreSQL cannot start: port {port} on 127.0.0.1 is in use"):
                Postgres(servers.folder, port=port).start()
    finally:
        servers.stop()


def test_a_kept_port_in_use_is_exchanged(used_folder: Path) -> None:
    """Nobody asked for the port of last time: another one will do."""
    with Servers(used_folder) as servers:
        port = servers.postgres.port
    with socket.create_server(("127.0.0.1", port)), Servers(used_folder) as servers:
        assert servers.postgres.port != port
        assert one(servers, "SELECT 1") == 1


def test_data_of_another_major_version_is_left_alone(used_folder: Path) -> None:
    """PostgreSQL 17's files need a dump and restore: say so and touch nothing."""
    version = used_folder / "postgres" / "PG_VERSION"
    with Servers(used_folder):
        pass
    version.write_text("17\n")
    try:
        with pytest.raises(StartError, match="holds data of PostgreSQL 17, and this is PostgreSQL 18"):
            Servers(used_folder).start()
    finally:
        version.write_text("18\n")


def test_a_server_outlives_the_thread_that_started_it(used_folder: Path) -> None:
    """Linux counts the thread that forks as the parent; a fault test may restart a server from any."""
    with Servers(used_folder) as servers:
        servers.postgres.stop()
        starter = threading.Thread(target=servers.postgres.start)
        starter.start()
        starter.join()
        assert one(servers, "SELECT pg_sleep(0.3)::text") is not None
        servers.check()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_killing_us_leaves_nothing(folder: Path) -> None:
    """Even SIGKILL to the process that started the servers ends them."""
    starter = subprocess.Popen(
        [sys.executable, "-m", "config.embedded", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    with starter, starter.stdout:
        assert starter.stdout.readline().startswith("export DATABASE_URL=")
        pid = postmaster(folder)
        valkey = int((folder / "valkey" / "valkey.pid").read_text())
        starter.kill()
        wait_for(lambda: not is_running_with(pid, folder) and not is_running_with(valkey, folder))
