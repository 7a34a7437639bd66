"""Work that goes on after the answer: one thing at a time, in a thread of the serving process. What is to be done stands in the portal's database, so that a death loses nothing: it is begun again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import structlog

LOG = structlog.get_logger(__name__)


class Background:
    """`begin` is the same as before for what is under way; `stop` tells what runs to leave off at the next step."""

    def __init__(self) -> None:
        self.stop = Event()
        self._executor, self._lock, self._under_way = ThreadPoolExecutor(1, "background"), Lock(), set[str]()

    def begin(self, name: str, do: Callable[[Event], None]) -> None:
        """Do this when what was begun before has ended."""
        with self._lock:
            if name in self._under_way or self.stop.is_set():
                return
            self._under_way.add(name)
        self._executor.submit(self._run, name, do)

    def close(self) -> None:
        """Leave off, and wait for the step under way."""
        self.stop.set()
        self._executor.shutdown(cancel_futures=True)

    def _run(self, name: str, do: Callable[[Event], None]) -> None:
        try:
            do(self.stop)
        except Exception:  # the loop that owns the thread: what failed is begun again when somebody looks at it
            LOG.exception("background work failed", work=name)
        finally:
            with self._lock:
                self._under_way.discard(name)
