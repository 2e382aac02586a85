"""DataFolder: one folder for all data of an installation, used by one supervisor at a time."""

import fcntl
import json
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

from config.embedded.account import Account, server_account, user_name
from config.embedded.errors import StartError

MARKER = "porchlight.json"
# Where servers keep their files when root's folder is closed to the account they run as.
SYSTEM_HOME = Path("/var/lib/porchlight")


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner can read it."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


class DataFolder:
    """The folder, claimed: ours, of a known format, and locked against a second start.

    `path` holds what we write (marker, logs, environment); `home` holds what the servers write.
    They differ only for root, when the servers' account cannot reach `path`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.home = self.path
        self.account: Account = server_account()
        self._lock: IO[str] | None = None
        self._notes: dict[str, str | int] = {}

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def claim(self) -> None:
        """Create or take the folder. StartError when it is somebody else's, something else's, or in use."""
        if self._lock:
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            owner = self.path.stat().st_uid
            us = os.geteuid()
            if owner != us:
                raise StartError(
                    f"The data folder {self.path} belongs to {user_name(owner)}, and you are {user_name(us)}. "
                    "Start as that user, or name another folder with DATA_DIR."
                )
            self._check_marker()
            self._take_lock()
            # Others may pass through (as root the servers' account must), but neither list nor read.
            self.path.chmod(0o711 if self.account.switch else 0o700)
            self._find_home()
        except OSError as error:
            raise StartError(
                f"The data folder {self.path} cannot be used: {error.strerror}: {error.filename}"
            ) from None

    def release(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

    def remove(self) -> None:
        """Delete everything. For temporary folders."""
        self.release()
        shutil.rmtree(self.path, ignore_errors=True)
        if self.home != self.path:
            shutil.rmtree(self.home, ignore_errors=True)
            with suppress(OSError):
                SYSTEM_HOME.rmdir()

    def secret(self, name: str, size: int = 32) -> str:
        """A random secret of this installation, made of `size` bytes on first use and kept."""
        if name not in self._notes:
            self.note(name, secrets.token_urlsafe(size))
        return str(self._notes[name])

    def number(self, name: str) -> int | None:
        value = self._notes.get(name)
        return value if isinstance(value, int) else None

    def note(self, name: str, value: str | int) -> None:
        """Keep a fact about this installation in the marker."""
        self._notes[name] = value
        write_private(self.path / MARKER, json.dumps(self._notes, indent=2) + "\n")

    def server_folder(self, name: str) -> Path:
        """A folder for one server's files; StartError when its files belong to another user."""
        folder = self.home / name
        if folder.exists() and folder.stat().st_uid != self.account.uid:
            raise StartError(
                f"{folder} belongs to {user_name(folder.stat().st_uid)}, but {name} has to run as "
                f"{user_name(self.account.uid)}. Start as the user who made it, or name another folder with DATA_DIR."
            )
        return folder

    def _check_marker(self) -> None:
        marker = self.path / MARKER
        if marker.exists():
            try:
                self._notes = json.loads(marker.read_text())
            except ValueError:
                raise StartError(f"{marker} is damaged. Restore it, or name another folder with DATA_DIR.") from None
        elif any(self.path.iterdir()):
            raise StartError(
                f"The data folder {self.path} is not empty and not Porchlight's ({MARKER} is missing). "
                "Name another folder with DATA_DIR."
            )
        else:
            self.note("format", 1)
        if self._notes.get("format") != 1:
            raise StartError(f"The data folder {self.path} was made by a newer Porchlight. Use that version.")

    def _take_lock(self) -> None:
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise StartError(
                f"The data folder {self.path} is in use: Porchlight is already running there (process {holder})."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def _find_home(self) -> None:
        kept = self._notes.get("home")
        if kept:
            self.home = Path(str(kept))
        elif not self.account.can_enter(self.path):
            self.home = SYSTEM_HOME / secrets.token_hex(6)
            self.note("home", str(self.home))
        if self.home != self.path:
            for folder in (SYSTEM_HOME, self.home):
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o711)
            if not self.account.can_enter(self.home):
                who = user_name(self.account.uid)
                raise StartError(
                    f"{who}, who runs the servers, can reach neither {self.path} nor {self.home}. "
                    "Name a folder it can reach with DATA_DIR, or start as an ordinary user."
                )
