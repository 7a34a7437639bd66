"""A door in a process of its own: publishes what waits in its home's spool, until the batch is settled."""

import sys

from infra import settings as environment
from producers import door
from schemas import catalog

if __name__ == "__main__":
    settings = environment.get()
    with door.opened(settings, catalog.load(settings.catalogue)) as entrance:
        sys.exit(0 if entrance.settle(sys.argv[1], 60) else 3)
