"""What became of a table's rows between two readings. Pure.

A row is its primary key (a compact JSON array of texts) and its image: the columns that are read, as a JSON object of texts. What is kept of each row is a digest to compare by, and the image, because
an event says what a row was before: without that a record whose key changed, or whose row is gone, could not be taken back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import xxhash

READ, CREATED, CHANGED, DELETED = "r", "c", "u", "d"
FIRST, MIDDLE, LAST, NO = "first", "true", "last", "false"  # Debezium's words for a row's place in a reading of the whole table


@dataclass(frozen=True)
class Change:
    """One event. ``op``: r (read with the whole table, not known before), c, u, d; ``before``, ``after``: images; ``mark``: its place in a reading of the whole table, `false` outside of one."""

    op: str
    key: str
    before: str | None
    after: str | None
    mark: str = NO


def digest(image: str) -> bytes:
    """128 bits of a row's text."""
    return xxhash.xxh3_128_digest(image.encode())


def differing(rows: Mapping[str, str], known: Mapping[str, bytes]) -> list[str]:
    """Keys of the rows that are new or not what they were; ``known``: digests by key."""
    return [key for key, image in rows.items() if known.get(key) != digest(image)]


def changes(rows: Mapping[str, str], keys: Iterable[str], before: Mapping[str, str], *, whole: bool = False) -> list[Change]:
    """Events of these keys; ``before``: images of those that were known. ``whole``: while the whole table is read anew, when every row is said, whatever was known of it."""
    return [_change(key, before.get(key), rows[key], whole=whole) for key in keys]


def _change(key: str, old: str | None, new: str, *, whole: bool) -> Change:
    if old is not None and old != new:
        return Change(CHANGED, key, old, new, MIDDLE if whole else NO)  # also in a whole reading: its record's key may be another one now
    return Change(READ, key, None, new, MIDDLE) if whole else Change(CREATED if old is None else CHANGED, key, old, new)


def deleted(gone: Mapping[str, str]) -> list[Change]:
    """Events of rows that are not there any more; ``gone``: their last images."""
    return [Change(DELETED, key, image, None) for key, image in gone.items()]


def shrunk(before: int, now: int, percent: int) -> bool:
    """Whether so many fewer rows are more than anybody deletes at once: the table was emptied, or is being filled at this moment."""
    return now < before and (now == 0 or (before - now) * 100 > before * percent)


def batches(made: Sequence[Change], limit: int) -> Iterator[list[Change]]:
    """Runs of at most so many characters, of one event at least."""
    batch, size = list[Change](), 0
    for change in made:
        weight = len(change.key) + len(change.before or "") + len(change.after or "")
        if batch and size + weight > limit:
            yield batch
            batch, size = [], 0
        batch.append(change)
        size += weight
    if batch:
        yield batch
