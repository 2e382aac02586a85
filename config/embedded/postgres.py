"""Postgres: one PostgreSQL server in a data folder, on the loopback address, with passwords."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.binaries import postgres_folder
from config.embedded.errors import StartError
from config.embedded.folder import DataFolder
from config.embedded.leftovers import end, is_running_with, read_pid
from config.embedded.ports import HOST
from config.embedded.process import Process
from config.embedded.server import Server

MAJOR = "18"
SUPERUSER, ROLE, DATABASE = "postgres", "porchlight", "porchlight"


class Postgres(Server):
    """PostgreSQL with a database and a role of the application's own, which owns it but is no superuser."""

    name = "PostgreSQL"

    def __init__(
        self,
        folder: DataFolder,
        *,
        port: int | None = None,
        durable: bool = True,
        max_connections: int = 100,
    ) -> None:
        super().__init__(folder, key="postgres", port=port)
        self.durable, self.max_connections = durable, max_connections

    @property
    def url(self) -> str:
        return f"postgres://{ROLE}:{self.folder.secret('postgres_password')}@{HOST}:{self.port}/{DATABASE}"

    @property
    def superuser_url(self) -> str:
        password = self.folder.secret("postgres_superuser_password")
        return f"postgres://{SUPERUSER}:{password}@{HOST}:{self.port}/postgres"

    def prepare(self) -> None:
        self.programs = postgres_folder(self.folder)
        self.data = self.folder.server_folder("postgres")
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._create_cluster()
        elif version.read_text().strip() != MAJOR:
            raise StartError(
                f"{self.data} holds data of PostgreSQL {version.read_text().strip()}, and this is PostgreSQL {MAJOR}. "
                "Dump it with the old version and restore it, or name another folder with DATA_DIR."
            )
        self._end_leftover()

    def process(self, port: int) -> Process:
        settings = {
            "listen_addresses": HOST,
            "port": port,
            "unix_socket_directories": "",
            "max_connections": self.max_connections,
            "log_checkpoints": "off",
        }
        if not self.durable:
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
            }
        return Process(
            self.name,
            [
                self.programs / "postgres",
                "-D",
                self.data,
                *(f"--{name.replace('_', '-')}={value}" for name, value in settings.items()),
            ],
            log=self.folder.logs / "postgres.log",
            account=self.folder.account,
            cwd=self.data,
            # "Fast": ends sessions, keeps everything committed.
            stop_signal=signal.SIGINT,
        )

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.superuser_url, connect_timeout=2, autocommit=True) as connection:
                self._ensure_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_database(self, connection: psycopg.Connection) -> None:
        password = sql.Literal(self.folder.secret("postgres_password"))
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, password))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))

    def _create_cluster(self) -> None:
        """Make the cluster beside its place and move it there when it is whole."""
        if self.data.exists() and any(self.data.iterdir()):
            raise StartError(f"{self.data} is not empty and not a PostgreSQL data folder. Move it away.")
        account, fresh = self.folder.account, self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        account.own(fresh, 0o700)
        with tempfile.NamedTemporaryFile("w", dir=self.folder.home, prefix="password-") as password:
            password.write(self.folder.secret("postgres_superuser_password"))
            password.flush()
            account.own(Path(password.name), 0o600)
            made = subprocess.run(
                [
                    str(self.programs / "initdb"),
                    f"--pgdata={fresh}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={password.name}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    # Sorts and folds alike on every system, whatever locales are installed.
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    *([] if self.durable else ["--no-sync"]),
                ],
                cwd=fresh,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
                start_new_session=True,
                **account.identity(),
            )
        if made.returncode:
            lines = [line for line in (made.stderr + made.stdout).splitlines() if line.strip()] or ["no output"]
            reason = next(
                (line for line in lines if "error" in line.lower() or "could not" in line),
                lines[-1],
            )
            raise StartError(f"PostgreSQL's data cannot be created in {self.data}: {reason}")
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def _end_leftover(self) -> None:
        """Clear away a server that an earlier run left behind, and a lock file that only seems to name one.

        We hold the data folder's lock, so nobody else is using it.
        """
        pid_file = self.data / "postmaster.pid"
        pid = read_pid(pid_file)
        if pid is not None and is_running_with(pid, self.data):
            end(pid, signal.SIGINT, lambda: is_running_with(pid, self.data))
        # Also a stale one: PostgreSQL refuses to start when its number now belongs to another process of its user.
        pid_file.unlink(missing_ok=True)
