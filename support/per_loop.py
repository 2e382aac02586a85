"""One instance per event loop: what all connections of a process share."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

_T = TypeVar("_T")


class PerLoop(Generic[_T]):
    """Calls `make` once in each running loop and returns that instance from then on."""

    def __init__(self, make: Callable[[], _T]) -> None:
        self._make = make
        self._instances: WeakKeyDictionary[asyncio.AbstractEventLoop, _T] = WeakKeyDictionary()

    def __call__(self) -> _T:
        loop = asyncio.get_running_loop()
        if loop not in self._instances:
            self._instances[loop] = self._make()
        return self._instances[loop]
