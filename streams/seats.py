"""The partitions this process judges. A gained one is restored beside the work of the others, one after the other, however much it holds."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from streams.buffers import Place
from streams.restore import Seat


class Seats(Mapping[Place, Seat]):
    """Those that are restored. In a thread of its own ``committed`` gives the group's offsets, then ``restore`` reads what stands: in that order, so that nothing judged in between is judged again."""

    def __init__(self, committed: Callable[[list[Place]], Mapping[Place, int]], restore: Callable[[Place, int], Seat]) -> None:
        self._committed, self._restore = committed, restore
        self._held: dict[Place, Seat] = {}
        self._coming: dict[Place, Future[Seat]] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="restore")

    def __getitem__(self, place: Place) -> Seat:
        return self._held[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def gain(self, places: list[Place]) -> None:
        """Begin to restore them; again, if they are held or coming already."""
        for place in places:
            self.lose(place)
        if not places:
            return
        offsets = self._worker.submit(self._committed, places)
        for place in places:
            self._coming[place] = self._worker.submit(self._restored, place, offsets)

    def _restored(self, place: Place, offsets: Future[Mapping[Place, int]]) -> Seat:
        return self._restore(place, offsets.result()[place])

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
