"""What stands of a record, as a preview must know it: asked of whoever knows (the warehouse), put together as the judge's state of the key. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from schemas.sayings import NOTHING, Saying, State


class Stands(NamedTuple):
    """The last version of a key: whose word it is, its fingerprint (of what stood, where it is withdrawn), whether it stands, whether a person retracted it. `source_time` in milliseconds."""

    source: str
    row: str | None
    way: str
    fingerprint: str
    source_time: int | None
    standing: bool
    retracted: bool


class Word(NamedTuple):
    """What one source row last said of a key; `fingerprint` None: that it is gone."""

    source: str
    row: str | None
    way: str
    fingerprint: str | None


class Standing(Protocol):
    """Raises Refusal `unavailable` when nobody can tell now."""

    def stands(self, item: str, keys: Sequence[str]) -> Mapping[str, Stands]:
        """The last version of those keys that ever had one."""

    def words(self, item: str, keys: Sequence[str]) -> Mapping[str, Sequence[Word]]:
        """The last word of every source row about each of the keys; asked of few keys."""


class Empty:
    """Where nothing stands yet."""

    def stands(self, _item: str, _keys: Sequence[str]) -> Mapping[str, Stands]:
        return {}

    def words(self, _item: str, _keys: Sequence[str]) -> Mapping[str, Sequence[Word]]:
        return {}


def state(stands: Stands | None, words: Sequence[Word] = ()) -> State:
    """The judge's state of a key as far as it decides what a further word of a person does. The last version's own word comes first in it unless it has ended since."""
    if stands is None:
        return NOTHING
    said = {(word.source, word.row): word for word in words}
    own = (stands.source, stands.row)
    if stands.standing and own not in said:
        said[own] = Word(*own, stands.way, stands.fingerprint)
    sayings = [
        Saying(word.source, word.row, word.way, word.fingerprint, None, n, stands.source_time if place == own else None)
        for n, (place, word) in enumerate(said.items())
    ]
    if not stands.standing:
        return State(1, -1, stands.retracted, stands.fingerprint if stands.retracted else None, tuple(sayings))
    # A source's delete of what another source says, too, passes the record on to it without a new version.
    heirs = [n for n, saying in enumerate(sayings) if saying.fingerprint == stands.fingerprint]
    place = next((n for n in heirs if (sayings[n].source, sayings[n].row) == own), heirs[0] if heirs else -1)
    return State(1, place, False, stands.fingerprint if place >= 0 else None, tuple(sayings))  # noqa: FBT003
