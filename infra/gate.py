"""The gate: whoever writes in transactions passes it, and for the instant of a backup's cut it is closed, so that no transaction stands on both sides of the cut.

Between the processes of one home. Processes of other machines are to be stopped for that instant.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra import wait
from infra.settings import Settings

PATIENCE = 60.0  # seconds; a transaction is given up before


class Busy(Exception):
    """A transaction did not end in time."""


@contextmanager
def passing(settings: Settings) -> Iterator[None]:
    """While this lasts the gate cannot be closed; waits while it is."""
    with _locked(settings, "gate-queue", fcntl.LOCK_SH):  # who closes the gate waits here alone, so that a stream of writers cannot keep it open
        pass
    with _locked(settings, "gate", fcntl.LOCK_SH):
        yield


@contextmanager
def closed(settings: Settings, patience: float = PATIENCE) -> Iterator[None]:
    """No transaction is open while this lasts, and none begins. Raises Busy after so many seconds."""
    with _locked(settings, "gate-queue", fcntl.LOCK_EX | fcntl.LOCK_NB, patience), _locked(settings, "gate", fcntl.LOCK_EX | fcntl.LOCK_NB, patience):
        yield


@contextmanager
def _locked(settings: Settings, name: str, how: int, patience: float = 0.0) -> Iterator[None]:
    path: Path = settings.slots / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            wait.patiently(lambda: fcntl.flock(file, how), BlockingIOError, patience, every=0.02)
        except BlockingIOError as fault:
            raise Busy(f"A transaction of a process of {settings.home} did not end within {patience:.0f} s, or another backup is at work.") from fault
        yield
