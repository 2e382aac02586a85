"""Stopped: Ctrl-C, SIGTERM or a closed terminal, as an exception, so that every `finally` runs."""

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop."""


def raise_on_signals() -> None:
    """From now on the first stop signal raises Stopped in the main thread; later ones are ignored: we are stopping."""
    for signum in SIGNALS:
        # `nohup` has the hang-up ignored, and means it.
        if signum != signal.SIGHUP or signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, _raise)


def ignore_signals() -> None:
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_IGN)


def _raise(signum: int, frame: FrameType | None) -> None:
    ignore_signals()
    raise Stopped
