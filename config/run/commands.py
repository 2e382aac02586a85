"""The command lines of Porchlight's own processes, for `make run`, for the browser tests and as a model for units."""

import sys
from collections.abc import Mapping
from pathlib import Path

from config.embedded.errors import StartError
from config.embedded.ports import HOST
from support.limits import SOCKET_FRAME_BYTES

PREPARE = [sys.executable, "-m", "config.run.prepare"]
APPLICATION = "config.asgi:application"
SERVERS = ("daphne", "uvicorn")
PING_SECONDS, PONG_SECONDS = 20, 20


def web(server: str, port: int, host: str = HOST) -> list[str]:
    """The web server: both kinds bound by the same limits, without per-message compression (50 KiB a socket)."""
    if server == "daphne":
        return [
            *(sys.executable, "-m", "daphne", "--bind", host, "--port", str(port)),
            f"--websocket-max-message-size={SOCKET_FRAME_BYTES}",
            f"--websocket-max-frame-size={SOCKET_FRAME_BYTES}",
            f"--ping-interval={PING_SECONDS}",
            f"--ping-timeout={PONG_SECONDS}",
            # A socket may live for as long as its page: only a missing pong ends it.
            "--websocket_timeout=-1",
            "--no-server-name",
            APPLICATION,
        ]
    if server == "uvicorn":
        return [
            *(sys.executable, "-m", "uvicorn", "--host", host, "--port", str(port)),
            *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio", "--lifespan", "on"),
            f"--ws-max-size={SOCKET_FRAME_BYTES}",
            "--ws-per-message-deflate=false",
            f"--ws-ping-interval={PING_SECONDS}",
            f"--ws-ping-timeout={PONG_SECONDS}",
            "--timeout-graceful-shutdown=5",
            # Nothing depends on the client's address, and a header about it is anybody's to write.
            "--no-proxy-headers",
            "--no-server-header",
            APPLICATION,
        ]
    raise StartError(f"SERVER must be {' or '.join(SERVERS)}; it is {server!r}.")


def worker() -> list[str]:
    # Threads: one process to stop, and the tasks wait for networks rather than compute.
    return [
        *(sys.executable, "-m", "celery", "--app", "config.celery", "worker"),
        *("--pool", "threads", "--concurrency", "4", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
    ]


def beat(schedule: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "celery", "--app", "config.celery", "beat"),
        *("--schedule", str(schedule), "--pidfile", "", "--loglevel", "INFO"),
    ]


def shop(port: int, widget_origin: str, site_key: str) -> list[str]:
    return [sys.executable, "-m", "config.demo", str(port), widget_origin, site_key]


def environment(
    base: Mapping[str, str], *, port: int, database_url: str, redis_url: str, secret: str
) -> dict[str, str]:
    """What Porchlight's processes read; what `base` already says about addresses stays."""
    return {
        "PUBLIC_URL": f"http://localhost:{port}",
        **base,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": secret,
        "PYTHONUNBUFFERED": "1",
    }
