"""The partitions this process judges. A gained one is restored beside the work of the others, one after the other, however much it holds."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from streams.buffers import Place
from streams.restore import Seat


class Seats(Mapping[Place, Seat]):
    """Those that are restored. ``restore`` runs in a thread of its own."""

    def __init__(self, restore: Callable[[Place], Seat]) -> None:
        self._restore = restore
        self._held: dict[Place, Seat] = {}
        self._coming: dict[Place, Future[Seat]] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="restore")

    def __getitem__(self, place: Place) -> Seat:
        return self._held[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def gain(self, place: Place) -> None:
        """Begin to restore it; again, if it is held or coming already."""
        self.lose(place)
        self._coming[place] = self._worker.submit(self._restore, place)

    def lose(self, place: Place) -> None:
        """Give it up. One that is just being restored closes its files when that is done, before the next one opens them."""
        if seat := self._held.pop(place, None):
            seat.store.close()
        coming = self._coming.pop(place, None)
        if coming is not None and not coming.cancel():
            coming.add_done_callback(_closed)

    def arrived(self) -> list[tuple[Place, Future[Seat]]]:
        """Those whose restoring has ended since; asking such a future for its seat raises what went wrong."""
        ended = [(place, future) for place, future in self._coming.items() if future.done()]
        for place, future in ended:
            del self._coming[place]
            if future.exception() is None:
                self._held[place] = future.result()
        return ended

    def clear(self) -> None:
        """Give all up."""
        for place in [*self._held, *self._coming]:
            self.lose(place)

    def close(self) -> None:
        """Give all up, and wait until no file is open."""
        self.clear()
        self._worker.shutdown(wait=True)


def _closed(future: Future[Seat]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().store.close()


__all__ = ["Seats"]
