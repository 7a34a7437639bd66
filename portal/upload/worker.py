"""The threads that do the work behind 数据报送: one for small files, one for large ones, and now and then the broom. They take up after a restart what was under way."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import structlog

from portal.site import Site
from portal.upload import work

LOG = structlog.get_logger(__name__)
IDLE_SECONDS, SWEEP_SECONDS = 0.5, 600.0


@contextmanager
def running(site: Site) -> Iterator[None]:
    """The work goes on until the block ends; a step under way is finished or, when it takes long, left to the next start."""
    stop = Event()
    lanes = [Thread(target=_run, args=(site, stop, small), name=f"uploads-{'small' if small else 'large'}", daemon=True) for small in (True, False)]
    for lane in lanes:
        lane.start()
    try:
        yield
    finally:
        stop.set()
        for lane in lanes:
            lane.join(5)


def _run(site: Site, stop: Event, small: bool) -> None:  # noqa: FBT001
    swept = -SWEEP_SECONDS
    while not stop.is_set():
        try:
            if small and time.monotonic() - swept >= SWEEP_SECONDS:
                work.sweep(site)
                swept = time.monotonic()
            if work.step(site, small=small):
                continue
        except Exception:  # the loop that owns the thread: uploads must go on once the database does
            LOG.exception("the work on uploaded files failed")
        stop.wait(IDLE_SECONDS)
