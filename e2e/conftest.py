"""A real browser against a real server: `SERVER=daphne` (unless said) or `SERVER=uvicorn`."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from config.run import browser as chromium
from e2e.server import PorchlightServer, running_server

FLAGS = [
    "--disable-gpu",
    # Nothing leaves the machine, and nothing changes under a test.
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def porchlight() -> Iterator[PorchlightServer]:
    """The server of this run. A test that stops it starts it again."""
    with running_server(os.environ.get("SERVER") or "daphne") as server:
        yield server


@pytest.fixture
def token(porchlight: PorchlightServer) -> str:
    """A customer who comes for the first time."""
    return porchlight.new_token()


@pytest.fixture(scope="session")
def base_url(porchlight: PorchlightServer) -> str:
    """What `page.goto("/inbox/")` starts from."""
    return porchlight.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """A Chromium of the system where there is one, else Playwright's own."""
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    path = chromium.find()
    return {**browser_type_launch_args, "args": flags, **({"executable_path": path} if path else {})}
