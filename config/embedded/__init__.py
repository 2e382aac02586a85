"""PostgreSQL and Valkey from wheels: real servers for a laptop and for tests, with nothing to install.

    with Servers(Path(".data")) as servers:
        connect(servers.database_url, servers.redis_url)

Both listen on 127.0.0.1 only and ask for a password. Nothing outside the data folder is changed.
"""

from config.embedded.errors import StartError
from config.embedded.servers import Servers

__all__ = ["Servers", "StartError"]
