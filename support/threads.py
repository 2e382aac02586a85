"""The few threads on which sockets' database work runs.

By default all sockets of a process share one thread, so that one slow query stalls every socket. asgiref asks that an
executor given to a ThreadSensitiveContext has a single thread, to keep what is bound to a thread in one place; Django's
connections are the only such thing here, and every unit of work gives its connection back before it ends.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.db import close_old_connections

_P = ParamSpec("_P")
_R = TypeVar("_R")


class DatabaseThreads(ThreadPoolExecutor):
    """Runs each unit of work and then returns its database connection to the pool."""

    def submit(self, fn: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        return super().submit(_and_release, fn, *args, **kwargs)


def _and_release(fn: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
    try:
        return fn(*args, **kwargs)
    finally:
        close_old_connections()


@cache
def _threads() -> DatabaseThreads:
    return DatabaseThreads(settings.SOCKET_DATABASE_THREADS, thread_name_prefix="sockets-db")


def database_threads() -> ThreadSensitiveContext:
    """Within this context the ORM's `a…` calls run on the sockets' threads, several at a time."""
    return ThreadSensitiveContext(executor=_threads())
