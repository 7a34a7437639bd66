"""Schemas by their number, asked of the registry in a thread of its own: an unknown one makes only those wait who need it."""

from concurrent.futures import Future, ThreadPoolExecutor, wait

from schemas.codec import Schema, SchemaOf
from schemas.registry import Unavailable

PATIENCE = 0.5  # seconds: longer than a registry that is well takes


class Asking:
    """``ask`` is asked once at a time; `schema` never takes longer than PATIENCE."""

    def __init__(self, ask: SchemaOf) -> None:
        self._ask = ask
        self._asked: dict[int, Future[Schema]] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="asking")

    def schema(self, number: int) -> Schema:
        """The schema with that number. Raises Unavailable while nobody has answered, and what ``ask`` raises; call again later."""
        found = self._asked.get(number)
        if found is None:
            found = self._asked[number] = self._worker.submit(self._ask, number)
            wait([found], PATIENCE)
        if not found.done():
            raise Unavailable(f"The registry has not answered yet what schema {number} is.")
        if found.exception() is not None:
            del self._asked[number]
        return found.result()

    def close(self) -> None:
        """What is being asked is let go."""
        self._worker.shutdown(wait=False, cancel_futures=True)


__all__ = ["Asking"]
