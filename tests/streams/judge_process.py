"""A judge in a process of its own, for tests that kill it: judges until told to stop. Arguments: group, rows a batch."""

import signal
import sys
import threading

from infra import settings as environment
from infra.slots import slot
from schemas import catalog as catalogues
from schemas.registry import Registry
from streams.buffers import Limits
from streams.judge import Judge, Tools


def main(group: str, rows: int) -> None:
    settings, stop = environment.get(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with slot(settings.slots, group) as transactional_id, Registry(settings.registry) as registry:
        Judge(Tools(settings, catalogues.load(settings.catalogue), registry, transactional_id, group=group, limits=Limits(rows=rows))).run(stop)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
