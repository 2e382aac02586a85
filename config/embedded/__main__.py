"""`python -m config.embedded [FOLDER]`: run PostgreSQL and Valkey until Ctrl-C and print how to reach them."""

import argparse
import os
import signal
import sys
from pathlib import Path

from config.embedded import Servers, StartError


def main() -> int:
    stop_signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    default = os.environ.get("DATA_DIR") or Path(__file__).resolve().parents[2] / ".data"
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description="Run PostgreSQL and Valkey.")
    parser.add_argument("folder", nargs="?", default=default, type=Path, help="where their data is (.data)")
    try:
        with Servers(parser.parse_args().folder) as servers:
            print(
                f"export DATABASE_URL={servers.database_url}\nexport REDIS_URL={servers.redis_url}",
                flush=True,
            )
            signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals)
            while signal.sigtimedwait(stop_signals, 1) is None:
                servers.check()
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
