"""The servers' command lines hold what architecture.md promises, in the words of the installed versions."""

import subprocess

import pytest

from config.embedded import StartError
from config.run import commands


@pytest.mark.parametrize("server", commands.SERVERS)
def test_every_option_exists(server: str) -> None:
    """A renamed option would stop the server at the worst moment: after an upgrade."""
    words = commands.web(server, 8000)
    help_text = subprocess.run([*words[:3], "--help"], capture_output=True, text=True, check=True).stdout
    for word in words[3:]:
        if word.startswith("--"):
            option = word.split("=")[0]
            assert option in help_text


def test_compression_is_off_and_frames_are_bounded() -> None:
    uvicorn, daphne = commands.web("uvicorn", 8000), commands.web("daphne", 8000)
    assert "--ws-per-message-deflate=false" in uvicorn
    assert "--ws-max-size=65536" in uvicorn
    assert "--websocket-max-message-size=65536" in daphne


def test_an_unknown_server_is_named() -> None:
    with pytest.raises(StartError, match="SERVER must be daphne or uvicorn"):
        commands.web("gunicorn", 8000)
