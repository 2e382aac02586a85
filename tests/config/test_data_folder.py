"""The data folder: ours or nobody's, and nothing around it is changed."""

import json
import os
import stat
from pathlib import Path

import pytest

from config.embedded import Servers, StartError
from config.embedded.folder import MARKER, DataFolder

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand files to others")


def test_a_folder_with_other_things_is_refused(folder: Path) -> None:
    """A mistyped path must not fill somebody's folder; what is there stays as it was."""
    (folder / "holiday.jpg").touch()
    with pytest.raises(StartError, match=r"is not empty and not Porchlight's.*DATA_DIR"):
        DataFolder(folder).claim()
    assert [path.name for path in folder.iterdir()] == ["holiday.jpg"]


def test_a_damaged_marker_is_refused(folder: Path) -> None:
    """Passwords are in it: guessing new ones would lock the data away."""
    (folder / MARKER).write_text("{")
    with pytest.raises(StartError, match="is damaged"):
        DataFolder(folder).claim()


def test_a_newer_format_is_refused(folder: Path) -> None:
    (folder / MARKER).write_text(json.dumps({"format": 2}))
    with pytest.raises(StartError, match="made by a newer Porchlight"):
        DataFolder(folder).claim()


def test_a_file_in_its_place_is_refused(folder: Path) -> None:
    (folder / "data").touch()
    with pytest.raises(StartError, match="cannot be used: File exists"):
        DataFolder(folder / "data").claim()


@root_only
def test_a_folder_of_another_user_is_refused(folder: Path) -> None:
    """Root could write there, and its owner could then no longer start."""
    os.chown(folder, 12345, 12345)
    with pytest.raises(StartError, match="belongs to uid 12345, and you are root"):
        DataFolder(folder).claim()


@root_only
def test_server_files_of_another_user_are_refused(folder: Path) -> None:
    data = DataFolder(folder)
    data.claim()
    (folder / "postgres").mkdir()
    os.chown(folder / "postgres", 12345, 12345)
    with pytest.raises(StartError, match="belongs to uid 12345, but postgres has to run as nobody"):
        data.server_folder("postgres")
    data.release()


@root_only
def test_below_a_closed_folder_the_servers_live_elsewhere(folder: Path) -> None:
    """As root in a folder such as /root: no mode outside the data folder changes, and everything runs."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    before = [stat.S_IMODE(path.stat().st_mode) for path in (folder, closed)]
    servers = Servers(closed / "data", durable=False)
    try:
        with servers:
            assert not servers.folder.home.is_relative_to(folder)
            assert servers.postgres.running
            assert servers.valkey.running
        assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, closed)] == before
        again = DataFolder(closed / "data")
        again.claim()
        assert again.home == servers.folder.home
        again.release()
    finally:
        servers.folder.remove()
    assert not servers.folder.home.exists()


def test_others_can_read_nothing(folder: Path) -> None:
    """Passwords and the secret key are for the owner's eyes."""
    data = DataFolder(folder)
    data.claim()
    data.secret("secret_key")
    data.release()
    assert stat.S_IMODE(folder.stat().st_mode) & 0o066 == 0
    assert stat.S_IMODE((folder / MARKER).stat().st_mode) == 0o600


def test_secrets_are_kept(folder: Path) -> None:
    """A new secret key at every start would sign everybody out."""
    first = DataFolder(folder)
    first.claim()
    secret = first.secret("secret_key")
    first.release()
    again = DataFolder(folder)
    again.claim()
    assert again.secret("secret_key") == secret
    again.release()
