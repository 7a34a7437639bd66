"""The map as a process under a group that is told; else as `guiji` runs it."""

import signal
import sys
from threading import Event
from unittest.mock import patch

from infra import log
from infra.settings import get
from streams import map as mapping


def main(name: str, group: str) -> None:
    log.configure(name)
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with patch.object(mapping, "GROUP", group):
        mapping.run(get(), stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
