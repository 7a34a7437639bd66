"""`guiji connectors watch`: asks Connect every few seconds and starts again what failed, later each time, for as long as it takes. Once a day it has every source
compared with the warehouse (`sweep.runs`).

What was paused or stopped by hand is left alone, and so are connectors that are not ours. A restart loses nothing: the task goes on from the position that Connect committed with its events, and where
the database has no log from there any more it fails again instead of going on over a gap.
"""

import time
from collections.abc import Sequence
from threading import Event, Thread

import structlog

from connectors import restarts
from connectors.config import MARK
from connectors.connect import Connect, Status, Unavailable
from connectors.restarts import Restart
from connectors.sweep import runs
from infra.settings import Settings

LOG = structlog.get_logger(__name__)
EVERY = 3.0  # seconds


def run(settings: Settings, stop: Event) -> None:
    """Watch until told to stop; while Connect is away it is asked again. Raises Unavailable only where none is configured."""
    Thread(target=runs.daily, args=(settings, stop), name="daily", daemon=True).start()
    away = False
    with Connect(settings.connect) as connect:
        while not stop.is_set():
            try:
                once(settings, connect, time.time())
                away = False
            except Unavailable as fault:
                if not away:
                    LOG.warning("Connect is away", cause=str(fault))
                away = True
            stop.wait(EVERY)


def once(settings: Settings, connect: Connect, now: float) -> list[Restart]:
    """Start again what failed and is due; what was started. Raises Unavailable."""
    past, made = restarts.read(settings), list[Restart]()
    for name, (config, status) in connect.every().items():
        if MARK in config and (chosen := decide(status, restarts.of(past, name), now)):
            connect.restart(name)
            restarts.note(settings, chosen)
            LOG.warning("started again", connector=name, tasks=chosen.tasks, attempt=chosen.attempt, reason=chosen.reason)
            made.append(chosen)
    return made


def decide(status: Status, past: Sequence[Restart], now: float) -> Restart | None:
    """Whether a connector is to be started again now; ``past``: its restarts so far, in order."""
    return None if status.halted or not status.failed or restarts.due(past, now) > 0 else restart(status, past, now, "watch")


def restart(status: Status, past: Sequence[Restart], now: float, by: str) -> Restart:
    """What is remembered of starting it again."""
    failed = ["connector"] * (status.state == "FAILED") + [str(number) for number, state in enumerate(status.tasks) if state == "FAILED"]
    return Restart(now, status.name, tuple(failed), status.reason[:300], restarts.attempts(past, now) + 1, by)
