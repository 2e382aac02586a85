"""Who the servers run as: ourselves, or `nobody` when we are root (PostgreSQL refuses to run as root)."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from config.embedded.errors import StartError


class Identity(TypedDict, total=False):
    """What `subprocess` needs to start a program as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The user that runs the servers. `switch` says whether processes have to change to it."""

    uid: int
    gid: int
    switch: bool

    def own(self, path: Path, mode: int) -> None:
        """Make `path` this account's, with exactly this mode."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def can_enter(self, folder: Path) -> bool:
        return self._passes("-x", folder)

    def can_execute(self, program: Path) -> bool:
        return self._passes("-x", program)

    def _passes(self, test: str, path: Path) -> bool:
        # Asked as that user rather than computed from modes: parents, ACLs and mounts count too.
        asked = subprocess.run(
            ["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **self.identity(),
        )
        return asked.returncode == 0

    def identity(self) -> Identity:
        """Keyword arguments by which `subprocess` starts a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}


def server_account() -> Account:
    """The account for servers; as root that is `nobody`, which exists everywhere and owns nothing else."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise StartError("This system has no user `nobody` to run PostgreSQL as. Start as an ordinary user.") from None
    return Account(nobody.pw_uid, nobody.pw_gid, switch=True)


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
