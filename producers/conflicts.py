"""Two different rows of one key in one file: nobody can tell which one is meant, so neither is taken."""

import hashlib
from collections.abc import Iterable

from producers.submission import Row
from schemas import identity
from schemas.catalog import Item


class Conflicts:
    """Compares the rows of one file by their record key. Memory: about 200 bytes a key."""

    def __init__(self, item: Item, department: str, secret: bytes) -> None:
        self._item, self._department, self._secret = item, department, secret
        self._compared = [field for field in item.fields if not field.volatile]
        self._first: dict[bytes, tuple[int, bytes]] = {}
        self._again: dict[bytes, list[int]] = {}
        self._differing: set[bytes] = set()

    def add(self, row: Row) -> None:
        """Look at one more row. Rows without a complete key are not compared."""
        key = identity.key(self._item, self._department, row.fields, self._secret)
        if key is None:
            return
        name, content = _digest([key]), self._content(row)
        first = self._first.setdefault(name, (row.line, content))
        if first[0] != row.line:
            self._again.setdefault(name, [first[0]]).append(row.line)
            if first[1] != content:
                self._differing.add(name)

    def found(self) -> dict[int, list[int]]:
        """Line → all lines of its key, for keys whose rows differ. Rows that say the same are no conflict."""
        return {line: self._again[name] for name in self._differing for line in self._again[name]}

    def _content(self, row: Row) -> bytes:
        values = (identity.canonical(field, row.fields.get(field.name), self._secret) for field in self._compared)
        return _digest([row.operation, *(value or "" for value in values)])


def _digest(parts: Iterable[str]) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
