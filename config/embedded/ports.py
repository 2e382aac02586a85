"""Free TCP ports on the loopback address."""

import errno
import random
import socket

from config.embedded.errors import StartError

HOST = "127.0.0.1"
# Below every system's ephemeral range: there, a client that retries a closed port can connect to itself,
# and any outgoing connection may take the port while a server restarts.
LOWEST, HIGHEST = 20_000, 29_999


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def free_port() -> int:
    """A port nobody listens on now; another process may still take it first."""
    for _ in range(200):
        port = random.SystemRandom().randint(LOWEST, HIGHEST)
        if is_free(port):
            return port
    raise StartError(f"No free TCP port between {LOWEST} and {HIGHEST} on {HOST}.")
