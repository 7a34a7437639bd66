"""Two different rows of one key in one file: nobody can tell which one is meant, so neither is taken."""

import hashlib
from collections.abc import Iterable

from producers.submission import Row
from schemas import identity
from schemas.catalog import Item


class Conflicts:
    """Compares the rows of one item in one file, each under a number of its own, by their record key, in two steps: `add` every row as it was written; then `compare` the `suspects` as they are meant.

    Rows are the same when they say the same: spelling of dates, width of letters, blanks, and fields outside the fingerprint make no difference. Memory: about 200 bytes a key.
    """

    def __init__(self, item: Item, department: str, secret: bytes) -> None:
        self._item, self._department, self._secret = item, department, secret
        self._compared = [field for field in item.fields if not field.volatile]
        self._first: dict[bytes, tuple[int, bytes]] = {}
        self._again: dict[bytes, list[int]] = {}
        self._suspect: set[bytes] = set()
        self._meanings: dict[bytes, set[bytes]] = {}

    def add(self, number: int, row: Row) -> None:
        """Look at one more row. Rows without a complete key are not compared."""
        name = self._name(row)
        if name is None:
            return
        written = _digest([row.operation, *(row.fields.get(field.name) or "" for field in self._compared)])
        first = self._first.setdefault(name, (number, written))
        if first[0] != number:
            self._again.setdefault(name, [first[0]]).append(number)
            if first[1] != written:
                self._suspect.add(name)

    @property
    def suspects(self) -> set[int]:
        """Rows of keys whose rows were written differently."""
        return {number for name in self._suspect for number in self._again[name]}

    def compare(self, row: Row) -> None:
        """Look at a suspect again."""
        name = self._name(row)
        assert name is not None
        values = (identity.canonical(field, row.fields.get(field.name), self._secret) for field in self._compared)
        self._meanings.setdefault(name, set()).add(_digest([row.operation, *(value or "" for value in values)]))

    def found(self) -> dict[int, list[int]]:
        """Row → all rows of its key, for keys whose rows differ."""
        return {number: self._again[name] for name, meanings in self._meanings.items() if len(meanings) > 1 for number in self._again[name]}

    def _name(self, row: Row) -> bytes | None:
        key = identity.key(self._item, self._department, row.fields, self._secret)
        return None if key is None else _digest([key])


def _digest(parts: Iterable[str]) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
