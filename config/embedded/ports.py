"""Free TCP ports on the loopback address."""

import errno
import random
import socket

from config.embedded.errors import StartError

HOST = "127.0.0.1"
# Below every system's ephemeral range: there, a client that retries a closed port can connect to itself,
# and any outgoing connection may take the port while a server restarts.
LOWEST, HIGHEST = 20_000, 29_999


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now, and nobody answers it under the name `localhost`."""
    return _can_listen(socket.AF_INET, HOST, port) and (
        not socket.has_ipv6 or _can_listen(socket.AF_INET6, "::1", port)
    )


def _can_listen(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        # On a machine without IPv6 nobody listens there either.
        return error.errno not in (errno.EADDRINUSE, errno.EACCES)
    return True


def free_port() -> int:
    """A port nobody listens on now; another process may still take it first."""
    for _ in range(200):
        port = random.SystemRandom().randint(LOWEST, HIGHEST)
        if is_free(port):
            return port
    raise StartError(f"No free TCP port between {LOWEST} and {HIGHEST} on {HOST}.")
