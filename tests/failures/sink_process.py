"""A loader in a process of its own, in a group of its own, with batches of 2 MB: loads until told to stop."""

import signal
import sys
import threading

from infra import settings as environment
from infra.linger import Linger
from loaders.intake import Member, Size
from loaders.sink import Sink
from loaders.warehouse import own
from schemas import catalog as catalogues


def main(group: str) -> None:
    settings, stop = environment.get(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Sink(settings, catalogues.load(settings.catalogue), own(settings), Size(rows=2_000, bytes=2 << 20, linger=Linger(0.1)), Member(group)).run(stop)


if __name__ == "__main__":
    main(sys.argv[1])
