"""Whoever looks at the live figures: asked of `guiji live` once for all of them, and never more streams at once than the process can bear."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Lock
from typing import Any

import httpx

from infra.settings import Settings
from producers.refusal import Refusal

MOST, MOST_EACH = 100, 4  # streams in all, and of one account
FRESH_SECONDS, TIMEOUT = 2.0, 3.0


class Watch:
    """``life``: seconds after which a stream ends, so that the browser comes again; ``tick``: how often it looks. Threads may share it."""

    def __init__(self, settings: Settings, life: float = 600.0, tick: float = 2.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.life, self.tick, self.leaving = life, tick, Event()
        self._url, self._clock = f"http://127.0.0.1:{settings.live_port}/live", clock
        self._asking, self._counting = Lock(), Lock()
        self._said: Mapping[str, Any] | None = None
        self._until = -1.0
        self._open = Counter[int]()

    def said(self) -> Mapping[str, Any] | None:
        """What `guiji live` says, some FRESH_SECONDS old at most; None while it does not answer."""
        if self._clock() >= self._until and self._asking.acquire(blocking=self._said is None):  # one asks; the others are told what he was told last, and hold no thread
            try:
                if self._clock() >= self._until:
                    self._said = self._ask()
                    self._until = self._clock() + FRESH_SECONDS
            finally:
                self._asking.release()
        return self._said

    def room(self, account: int) -> None:
        """Raises Refusal where this account, or everybody together, has as many streams as may be."""
        with self._counting:
            if self._open[account] >= MOST_EACH or self._open.total() >= MOST:
                raise Refusal("busy", "打开的实时页面太多。", "请关闭其他实时页面后再试；页面本身仍可以刷新查看。")

    @contextmanager
    def place(self, account: int) -> Iterator[None]:
        """A stream that is open. Raises Refusal as `room` does."""
        self.room(account)
        with self._counting:
            self._open[account] += 1
        try:
            yield
        finally:
            with self._counting:
                self._open[account] -= 1

    @property
    def open(self) -> int:
        """How many streams are open."""
        return self._open.total()

    def _ask(self) -> Mapping[str, Any] | None:
        try:
            found = httpx.get(self._url, timeout=TIMEOUT).json()
        except (httpx.HTTPError, ValueError):
            return None
        return found if isinstance(found, dict) else None
