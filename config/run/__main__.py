"""`python -m config.run`: see `make run`."""

import sys

from config.run.stop import Stopped, raise_on_signals

if __name__ == "__main__":
    # First of all: Ctrl-C may come while the rest is being imported.
    raise_on_signals()
    try:
        from config.run.main import main

        sys.exit(main())
    except Stopped:
        sys.exit(0)
