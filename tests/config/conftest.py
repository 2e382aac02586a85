import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.folder import DataFolder
from config.embedded.ports import free_port, is_free


def new_folder() -> Path:
    # Not tmp_path: as root that lies below a folder which the servers' account may not enter.
    return Path(tempfile.mkdtemp(prefix="porchlight-config-"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder of our own."""
    path = new_folder()
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """A data folder in which the servers of one module have already been started."""
    path = new_folder()
    yield path
    remnants = DataFolder(path)
    remnants.claim()
    remnants.remove()


@pytest.fixture
def port() -> int:
    """A free port whose successor is free as well."""
    while not is_free((port := free_port()) + 1):
        pass
    return port
