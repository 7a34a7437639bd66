"""Slots: small numbers that living processes hold exclusively.

The operating system gives a slot back when its holder dies, so the process that comes after takes the same number, and with it the same transactional id.
"""

import fcntl
import hashlib
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path


class Occupied(Exception):
    """Another process has what only one may have; the message says so."""


def instance(name: str, topics: Iterable[str]) -> str:
    """The holder of a slot among those of all machines: a member of a consumer group under this name takes over from the one before at once, without waiting until the broker misses it.

    Only from one that read the same ``topics``: the broker gives a member that comes back what it had, and never asks whether it wants something else now."""
    digest = hashlib.sha256("\n".join(sorted(topics)).encode()).hexdigest()[:8]
    return f"{socket.gethostname()}-{name}-{digest}"


@contextmanager
def slot(directory: Path, name: str) -> Iterator[str]:
    """Hold the lowest free slot of this name; gives `name-N`."""
    directory.mkdir(parents=True, exist_ok=True)
    for number in count():
        handle = os.open(directory / f"{name}-{number}", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        try:
            yield f"{name}-{number}"
        finally:
            os.close(handle)
        return


@contextmanager
def alone(file: Path, what: str) -> Iterator[None]:
    """Be the only one, as far as this file is seen. Raises Occupied with ``what`` the other one is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise Occupied(f"{what} is at work already: there is no second one beside it.") from fault
        yield
