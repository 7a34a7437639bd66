"""The portal's scheduler of reminders: a thread that looks what is to be said, and one for each channel, so that none waits for another's server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread

import structlog

from portal.reminders import channels, deliver, plan
from portal.site import Site
from producers.refusal import Refusal

LOG = structlog.get_logger(__name__)
PLAN_SECONDS, IDLE_SECONDS = 900.0, 5.0
TROUBLE_SECONDS = 60.0


@contextmanager
def running(site: Site) -> Iterator[None]:
    """Reminders go out until the block ends. Raises SettingsFault when a channel is set up wrongly."""
    stop, ways = Event(), channels.of(site.settings)
    work: dict[str, Callable[[], float]] = {"reminders": partial(_plan, site, tuple(ways))}
    work |= {f"reminders-{channel}": partial(_deliver, site, channel, send) for channel, send in ways.items()}
    threads = [Thread(target=_run, args=(do, stop), name=name, daemon=True) for name, do in work.items()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(channels.TIMEOUT)


def _plan(site: Site, ways: tuple[str, ...]) -> float:
    made = plan.turn(site, ways)
    if made:
        LOG.info("reminders were made", reminders=made)
    return PLAN_SECONDS


def _deliver(site: Site, channel: str, send: channels.Send) -> float:
    return 0.0 if deliver.turn(site, channel, send) else IDLE_SECONDS


def _run(do: Callable[[], float], stop: Event) -> None:
    """Again and again, each time after as many seconds as the last one said."""
    while not stop.is_set():
        try:
            rest = do()
        except Refusal as fault:
            LOG.warning("no reminders now", why=fault.message)
            rest = TROUBLE_SECONDS
        except Exception:  # the loop that owns the thread: reminders must go on once the database does
            LOG.exception("the work on reminders failed")
            rest = TROUBLE_SECONDS
        stop.wait(rest)
