"""A judge in a thread of the test: its faults are raised where the test waits for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from streams.judge import Judge


@contextmanager
def running(judge: Judge) -> Iterator[Judge]:
    """Judges until the end of the block. Raises what the judge raised, unless the block raised first."""
    stop, faults = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            judge.run(stop)
        except BaseException as fault:  # noqa: BLE001 -- raised where the test ends
            faults.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield judge
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()
    for fault in faults:
        raise fault
