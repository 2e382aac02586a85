"""A missing or broken variable ends in one line that names it and says what it should look like."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.core.exceptions import ImproperlyConfigured

from config.embedded.binaries import valkey_program
from config.embedded.folder import DataFolder
from config.environment import Environment, broker_url

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "SECRET_KEY": "only-for-tests-0123456789-0123456789-0123456789",
    "DATABASE_URL": "postgres://user:secret@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def start(folder: Path, changes: Mapping[str, str | None] = {}, then: str = "") -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of its own, with only these variables."""
    wanted = {**COMPLETE, "DATA_DIR": str(folder), "PATH": os.environ["PATH"], **changes}
    return subprocess.run(
        [sys.executable, "-c", f"import config.settings; {then}"],
        cwd=ROOT,
        env={name: value for name, value in wanted.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", None, "SECRET_KEY is not set. Set it to something like '32 random characters'"),
        ("DATABASE_URL", None, "DATABASE_URL is not set. Set it to something like 'postgres://"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL must start with postgres:// or postgresql://"),
        ("REDIS_URL", "http://x", "REDIS_URL must start with redis:// or rediss:// or unix://"),
        ("PUBLIC_URL", "chat.example.com", "PUBLIC_URL must start with http:// or https://"),
        ("DEBUG", "maybe", "DEBUG must be 1 or 0; it is 'maybe'"),
        ("DATABASE_URL", "postgres://", "DATABASE_URL names no host. Write it like 'postgres://"),
        ("DATABASE_URL", "postgres:///porchlight", "DATABASE_URL names no host"),
        ("DATABASE_URL", "postgres://u:p#q@h/d", "DATABASE_URL cannot be read (Port could not be cast"),
        ("REDIS_URL", "redis://", "REDIS_URL names no host. Write it like 'redis://localhost:6379/0'"),
        ("REDIS_URL", "unix://", "REDIS_URL names no host"),
        ("PUBLIC_URL", "https://", "PUBLIC_URL names no host"),
        ("PUBLIC_URL", "https://chat.example.com/support", "PUBLIC_URL must be a scheme, a host"),
        ("PUBLIC_URL", "https://büro.example", "PUBLIC_URL must be a scheme, a host"),
        ("PUBLIC_URL", "https://*.example.com", "PUBLIC_URL must be a scheme, a host"),
        ("SOCKET_DATABASE_THREADS", "0", "SOCKET_DATABASE_THREADS must be a whole number of at least 1"),
        ("SECRET_KEY", "x", "SECRET_KEY must have at least 32 random characters; it has 1."),
        (
            "SOCKET_DATABASE_THREADS",
            "two",
            "SOCKET_DATABASE_THREADS must be a whole number of at least 1, such as 4; it is 'two'",
        ),
        ("SECRET_KEY_FILE", "/nowhere", "SECRET_KEY_FILE names '/nowhere', which cannot be read"),
    ],
)
def test_one_line_for_each_broken_variable(folder: Path, name: str, value: str | None, complaint: str) -> None:
    """Settings fail at once, and the last line is the whole story."""
    unset = {"SECRET_KEY": None} if name.endswith("_FILE") else {}
    done = start(folder, changes={**unset, name: value})
    assert done.returncode != 0
    assert complaint in done.stderr.strip().splitlines()[-1]


def test_a_complete_environment_starts(folder: Path) -> None:
    """The three variables without a default are enough, and nothing has to answer yet."""
    done = start(folder)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_public_address_is_written_as_browsers_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compared with Origin headers, as text by Django."""
    monkeypatch.setenv("PUBLIC_URL", "https://Chat.example.com:443/")
    assert Environment().origin("PUBLIC_URL", "x") == "https://chat.example.com"


def test_the_file_of_make_run_fills_gaps_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is exported wins over what `make run` wrote."""
    (folder / "env").write_text("SECRET_KEY=from-the-file\nDATABASE_URL=postgres://from/file\n")
    monkeypatch.setenv("DATA_DIR", str(folder))
    monkeypatch.setenv("SECRET_KEY", "exported")
    monkeypatch.delenv("DATABASE_URL")
    env = Environment()
    assert env.text("SECRET_KEY", "x") == "exported"
    assert env.text("DATABASE_URL", "x") == "postgres://from/file"


def test_a_secret_may_come_from_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As container platforms hand them over, with a newline at the end."""
    (folder / "secret").write_text("s3cret\n")
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(folder / "secret"))
    assert Environment().text("SECRET_KEY", "x") == "s3cret"


@pytest.mark.parametrize(("raw", "value"), [("1", True), ("Yes", True), ("off", False), (" 0 ", False)])
def test_flags(monkeypatch: pytest.MonkeyPatch, raw: str, value: bool) -> None:
    monkeypatch.setenv("FLAG", raw)
    assert Environment().flag("FLAG", default=not value) is value


def test_words_are_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDS", "a, b ,,c")
    assert Environment().words("WORDS", []) == ["a", "b", "c"]


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files pass `NAME=` for what is not configured."""
    monkeypatch.setenv("SECRET_KEY", "")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        Environment().text("SECRET_KEY", "x")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres:///porchlight?host=/run/postgresql"),
        ("DATABASE_URL", "postgres://a:5432,b:5433/porchlight"),
        ("DATABASE_URL", "postgres://[::1]:5432/porchlight"),
        ("REDIS_URL", "unix:///run/redis.sock?db=1"),
    ],
)
def test_sockets_and_clusters_are_addresses_as_well(folder: Path, name: str, value: str) -> None:
    """A host is asked for where there must be one only."""
    done = start(folder, changes={name: value})
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_database_url_asks_for_reaches_the_connection(folder: Path) -> None:
    """Beside what Porchlight sets itself; a connection meant to be encrypted must never be a plain one."""
    url = "postgres://u:p@h/d?sslmode=verify-full&connect_timeout=9&options=-c%20search_path%3Dchat&CONN_MAX_AGE=60"
    done = start(
        folder,
        then="import json; print(json.dumps(config.settings.DATABASES['default']))",
        changes={"DATABASE_URL": url},
    )
    assert done.stderr == ""
    database = json.loads(done.stdout)
    options = database["OPTIONS"]
    assert (options["sslmode"], options["connect_timeout"], options["tcp_user_timeout"]) == ("verify-full", 9, 10_000)
    assert options["options"].split("-c ")[1:] == ["statement_timeout=10000 ", "lock_timeout=5000 ", "search_path=chat"]
    assert database["CONN_MAX_AGE"] == 0


def test_celery_reaches_a_redis_on_a_socket(folder: Path) -> None:
    """The same server, database and password as everybody else's, in Celery's own spelling."""
    path = folder / "valkey.sock"
    data_folder = DataFolder(folder)
    data_folder.claim()
    words = ["--port", "0", "--unixsocket", str(path), "--requirepass", "pw", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([valkey_program(data_folder), *words], stdout=subprocess.DEVNULL)
    try:
        url = f"unix://:pw@{path}?db=3"
        with redis.Redis.from_url(url) as client:
            deadline = time.monotonic() + 10
            while not path.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            with Celery(broker=broker_url(url), set_as_current=False).connection_for_write() as broker:
                broker.SimpleQueue("parcel").put("here")
            assert client.llen("parcel") == 1
    finally:
        process.terminate()
        process.wait(10)
        data_folder.remove()


def test_other_redis_urls_are_celerys_as_they_are() -> None:
    assert broker_url("rediss://:pw@h:6380/1?x=y") == "rediss://:pw@h:6380/1?x=y"
