"""What the user may say to `make run`."""

from pathlib import Path

import pytest

from config.embedded import StartError
from config.run.options import ROOT, Options


def test_the_defaults() -> None:
    """Daphne on 8000, the shop next to it under another host name, data in the clone."""
    options = Options.read({})
    assert (options.server, options.url, options.shop_url) == (
        "daphne",
        "http://localhost:8000",
        "http://127.0.0.1:8001",
    )
    assert options.data_dir == ROOT / ".data"
    assert (options.database_url, options.redis_url) == (None, None)


def test_everything_can_be_said() -> None:
    options = Options.read(
        {
            "PORT": "9000",
            "SERVER": "uvicorn",
            "DATA_DIR": "/srv/porchlight",
            "DATABASE_URL": "postgres://x/y",
            "REDIS_URL": "redis://z",
        }
    )
    assert options == Options(9000, "uvicorn", Path("/srv/porchlight"), "postgres://x/y", "redis://z")


def test_urls_may_come_from_files(folder: Path) -> None:
    """As settings read them; otherwise `make run` would start servers that nobody uses."""
    (folder / "url").write_text("postgres://x/y\n")
    assert Options.read({"DATABASE_URL_FILE": str(folder / "url")}).database_url == "postgres://x/y"
    with pytest.raises(StartError, match="REDIS_URL_FILE names '/nowhere', which cannot be read"):
        Options.read({"REDIS_URL_FILE": "/nowhere"})


@pytest.mark.parametrize("port", ["0", "65535", "-1", "80a", "8000.0", "١٢٣"])
def test_a_wrong_port_is_named(port: str) -> None:
    """65535 is wrong, too: the shop needs the next one."""
    with pytest.raises(StartError, match=r"^PORT must be a number from 1 to 65534; it is"):
        Options.read({"PORT": port})


def test_an_unknown_server_is_named() -> None:
    with pytest.raises(StartError, match=r"^SERVER must be daphne or uvicorn; it is 'gunicorn'\.$"):
        Options.read({"SERVER": "gunicorn"})
