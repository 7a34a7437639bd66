"""Clients that one thread uses at a time. A client that saw an error is thrown away: what is left on its connection belongs to nobody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

C = TypeVar("C")


class Pool(Generic[C]):
    """Lends clients made by ``make``; keeps at most ``keep`` idle ones and ends the others with ``close``."""

    def __init__(self, make: Callable[[], C], close: Callable[[C], object], keep: int = 8) -> None:
        self._make, self._close, self._keep = make, close, keep
        self._idle: list[C] = []
        self._lock = Lock()

    @contextmanager
    def lend(self) -> Iterator[C]:
        with self._lock:
            client = self._idle.pop() if self._idle else None
        client = client if client is not None else self._make()
        try:
            yield client
        except BaseException:  # whatever it was, an interrupt too: a client in an unknown state is not lent again
            self._close(client)
            raise
        with self._lock:
            if len(self._idle) < self._keep:
                self._idle.append(client)
                return
        self._close(client)

    def close(self) -> None:
        """Ends the idle clients; those on loan end when they come back to a full pool or with their process."""
        with self._lock:
            idle, self._idle = self._idle, []
        for client in idle:
            self._close(client)
