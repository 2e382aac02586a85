"""Namespace: a network of its own for clients, whose packets can be lost. Linux, root, `ip` and `nft` only."""

import os
import secrets
import shutil
import subprocess
from typing import Self

from tests.faults.verdict import NotRunError

HOST, CLIENT = "10.213.0.1", "10.213.0.2"


def needs_namespaces() -> None:
    missing = [program for program in ("ip", "nft") if not shutil.which(program)]
    if missing:
        raise NotRunError(f"{' and '.join(missing)} missing (Debian: apt-get install iproute2 nftables)")
    if os.geteuid() != 0:
        raise NotRunError("network namespaces need root")
    try:
        with Namespace(loss_percent=1) as namespace:
            namespace.lose()
    except subprocess.CalledProcessError as error:
        raise NotRunError(f"no network namespaces or nft here: {error.stderr.strip()[:120]}") from None


class Namespace:
    """Reaches this machine at `host` and nothing else; gone with the `with` block."""

    host = HOST

    def __init__(self, loss_percent: int) -> None:
        self.loss_percent = loss_percent
        self._name = f"porchlight-{secrets.token_hex(3)}"
        self._here, self._there = f"pl{secrets.token_hex(3)}h", f"pl{secrets.token_hex(3)}c"

    def __enter__(self) -> Self:
        try:
            _run("ip", "netns", "add", self._name)
            _run("ip", "link", "add", self._here, "type", "veth", "peer", "name", self._there, "netns", self._name)
            _run("ip", "address", "add", f"{HOST}/30", "dev", self._here)
            _run("ip", "link", "set", self._here, "up")
            self._inside("ip", "address", "add", f"{CLIENT}/30", "dev", self._there)
            self._inside("ip", "link", "set", self._there, "up")
            self._inside("ip", "link", "set", "lo", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["ip", "link", "delete", self._here], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "delete", self._name], capture_output=True, check=False)

    @property
    def prefix(self) -> list[str]:
        """In front of a command that is to run there."""
        return ["ip", "netns", "exec", self._name]

    def lose(self) -> None:
        """From now on packets get lost, in both directions."""
        self._inside("nft", "add", "table", "inet", "loss")
        for hook in ("input", "output"):
            chain = f"{{ type filter hook {hook} priority 0; policy accept; }}"
            self._inside("nft", "add", "chain", "inet", "loss", hook, chain)
            share = ("numgen", "random", "mod", "200", "<", str(self.loss_percent), "drop")
            self._inside("nft", "add", "rule", "inet", "loss", hook, *share)

    def lose_nothing(self) -> None:
        self._inside("nft", "delete", "table", "inet", "loss")

    def _inside(self, *command: str) -> None:
        _run(*self.prefix, *command)


def _run(*command: str) -> None:
    subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
