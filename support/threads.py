"""The few threads on which sockets' database work runs.

By default all sockets of a process share one thread, so that one slow query stalls every socket. asgiref asks that an
executor given to a ThreadSensitiveContext has a single thread, to keep what is bound to a thread in one place; Django's
connections are the only such thing here, and every unit of work gives its connection back before it ends.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from time import monotonic
from typing import ParamSpec, TypeVar

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.db import OperationalError, close_old_connections

from support import limits

_P = ParamSpec("_P")
_R = TypeVar("_R")

_answer_by: ContextVar[float | None] = ContextVar("answer_by", default=None)


class DatabaseThreads(ThreadPoolExecutor):
    """Runs each unit of work and then returns its database connection to the pool.

    Whoever waits gets an answer within `limits.ANSWER_SECONDS`, or by `answer_by`: the result, or an OperationalError,
    as for any other database that is not there. A unit that hangs then goes on alone, and may still commit: what is
    sent again finds what it stored.
    """

    def submit(self, fn: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        answer: Future[_R] = Future()
        # Units that nobody waits for any more stay in the queue until a thread is free, which may be long.
        if self._work_queue.qsize() >= limits.UNITS_WAITING:
            answer.set_exception(OperationalError("too much waits for the database"))
            return answer
        work = super().submit(_and_release, fn, *args, **kwargs)
        loop = asyncio.get_running_loop()
        until = _answer_by.get() or monotonic() + limits.ANSWER_SECONDS
        timer = loop.call_later(until - monotonic(), _give_up, answer)

        def answered(_: Future[_R]) -> None:
            # What has not begun is not needed any more, what is done does not care.
            work.cancel()
            # Called on the worker's thread, where a loop's timer must not be touched; the loop may be gone by now.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(timer.cancel)

        work.add_done_callback(lambda _: _pass_on(work, answer))
        answer.add_done_callback(answered)
        return answer


@contextmanager
def answer_by(moment: float | None) -> Iterator[None]:
    """Within this context all units of work together have until then, as `time.monotonic` counts; None for no such end.

    It is not for tasks that are begun there and outlive it: `database_threads` is without.
    """
    before = _answer_by.set(moment)
    try:
        yield
    finally:
        _answer_by.reset(before)


def _give_up(answer: Future[_R]) -> None:
    with suppress(InvalidStateError):
        answer.set_exception(OperationalError("no answer in time"))


def _pass_on(work: Future[_R], answer: Future[_R]) -> None:
    with suppress(InvalidStateError, CancelledError):
        if error := work.exception():
            answer.set_exception(error)
        else:
            answer.set_result(work.result())


def _and_release(fn: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
    try:
        return fn(*args, **kwargs)
    finally:
        close_old_connections()


@cache
def _threads() -> DatabaseThreads:
    return DatabaseThreads(settings.SOCKET_DATABASE_THREADS, thread_name_prefix="sockets-db")


@asynccontextmanager
async def database_threads() -> AsyncIterator[None]:
    """Within this context the ORM's `a…` calls run on the sockets' threads, several at a time."""
    with answer_by(None):
        async with ThreadSensitiveContext(executor=_threads()):
            yield
