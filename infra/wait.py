"""Asking again, for whatever gives an answer and tells of no event: a server's readiness, a topic's end, a process that is not our child. The one place that sleeps for it."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer], seconds: float, every: float = 0.2, holds: Callable[[Answer], object] = bool) -> Answer:
    """The first answer that ``holds``, or the last one when the time (in seconds) is over. What ``ask`` raises passes through."""
    deadline = time.monotonic() + seconds
    while not holds(answer := ask()) and time.monotonic() < deadline:
        time.sleep(every)  # what is asked tells of no event
    return answer


def patiently(ask: Callable[[], Answer], passing: type[Exception] | tuple[type[Exception], ...], seconds: float, every: float = 0.5) -> Answer:
    """An answer; while ``passing`` is raised, asked again. Raises the last one when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except passing:
            if time.monotonic() > deadline:
                raise
            time.sleep(every)  # what is asked tells of no event
