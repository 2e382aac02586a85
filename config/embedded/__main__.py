"""`python -m config.embedded [FOLDER]`: run PostgreSQL and Valkey until Ctrl-C and print how to reach them."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from config.embedded import Servers, StartError

WATCH_SECONDS = 0.5


def main() -> int:
    """Exit code 0 after Ctrl-C or SIGTERM, 1 with one line when a server cannot start or has ended by itself."""
    default = os.environ.get("DATA_DIR") or Path(__file__).resolve().parents[2] / ".data"
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description="Run PostgreSQL and Valkey.")
    parser.add_argument("folder", nargs="?", default=default, type=Path, help="where their data is (.data)")
    folder = parser.parse_args().folder
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.default_int_handler)
    try:
        with Servers(folder) as servers:
            print(f"export DATABASE_URL={servers.database_url}\nexport REDIS_URL={servers.redis_url}", flush=True)
            while True:
                servers.check()
                time.sleep(WATCH_SECONDS)
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
