"""One `make run`, from the first line to the last."""

import os
import signal
import sys

from config.embedded import StartError
from config.embedded.process import die_with_parent
from config.run.options import Options
from config.run.stop import Stopped
from config.run.summary import progress, summary
from config.run.supervisor import Supervisor


def main() -> int:
    """Exit code 0 after Ctrl-C or SIGTERM, 1 with one line on standard error when something failed."""
    # Logs, schedules and what the demo wrote are nobody else's business.
    os.umask(0o077)
    if "MAKELEVEL" in os.environ:
        # `make` killed outright must not leave us behind.
        die_with_parent(os.getppid(), signal.SIGTERM)
    supervisor = None
    try:
        options = Options.read(os.environ)
        supervisor = Supervisor(options, os.environ, progress)
        print(summary(options, supervisor.start()), flush=True)
        supervisor.watch()
    except Stopped:
        print("\nStopping.", flush=True)
    except StartError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    finally:
        if supervisor:
            supervisor.stop()
    print("Stopped. Everything is kept for the next `make run`.", flush=True)
    return 0
