"""What runs until it is told to stop, in a thread of the test."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def running(run: Callable[[threading.Event], object]) -> Iterator[threading.Thread]:
    """Runs until the end of the block. Raises what it raised, unless the block raised first."""
    stop, faults = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            run(stop)
        except BaseException as fault:  # noqa: BLE001 -- raised where the test ends
            faults.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()
    for fault in faults:
        raise fault
