"""Waiting for what other processes do: until it holds, never for a length of time."""

from collections.abc import Callable
from typing import TypeVar

from infra.wait import until

Answer = TypeVar("Answer")


def eventually(what: Callable[[], Answer], seconds: float = 90, told: Callable[[], object] | str = "") -> Answer:
    """The first true answer; fails with the last one when there is none in time. ``told``: what else the failure says."""
    answer = until(what, seconds, every=0.1)
    assert answer, f"waited {seconds:.0f} s; the last answer was {answer!r}; {told() if callable(told) else told}"
    return answer
