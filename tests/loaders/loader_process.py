"""A loader in a process of its own, for tests that kill it: loads until so many history rows stand, then says what the tables hold."""

import json
import signal
import sys
import threading
from dataclasses import replace

from infra import settings as environment
from infra.linger import Linger
from loaders.intake import Size
from loaders.sink import Sink, member
from loaders.warehouse import Warehouse, own
from schemas import catalog as catalogues
from schemas.catalog import Item
from tests.loaders.site import counts
from tests.waiting import eventually

SENT = {"rejected": 30, "receipts": 2, "echoes": 90, "batches": 1}


def main(rows: int, group: str) -> None:
    settings = environment.get()
    catalog = catalogues.load(settings.catalogue)
    warehouse, stop = own(settings), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    (item,) = catalog.values()
    with member(settings, [item.code]) as mine:
        sink = Sink(settings, catalog, warehouse, Size(rows=15, linger=Linger(0.1)), replace(mine, group=group))
        watch(sink, warehouse, item, rows, stop)
    current = warehouse.query(f"SELECT _key, _version FROM `{item.code}` FINAL WHERE _withdrawn = 0 ORDER BY _key").rows()
    sys.stdout.write(json.dumps({"counts": counts(warehouse, item), "current": current}))


def watch(sink: Sink, warehouse: Warehouse, item: Item, rows: int, stop: threading.Event) -> None:
    thread = threading.Thread(target=sink.run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: sink.progress.batches > 0 and counts(warehouse, item)[f"{item.code}_history"][1] >= rows)
        # Everything that was sent: stopping before would show a loader that was told to stop, not one that lost something.
        eventually(lambda: all(counts(warehouse, item)[name][1] >= number for name, number in SENT.items()))
    finally:
        stop.set()
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
