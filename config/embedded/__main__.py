"""`python -m config.embedded [FOLDER]`: run PostgreSQL and Valkey until Ctrl-C and print how to reach them."""

import os
import signal
import sys
from pathlib import Path

from config.embedded import Servers, StartError


def main() -> int:
    stop_signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    default = os.environ.get("DATA_DIR") or Path(__file__).resolve().parents[2] / ".data"
    try:
        with Servers(sys.argv[1] if len(sys.argv) > 1 else default) as servers:
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
