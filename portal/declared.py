"""What departments and the office have declared, as pages see it: the warehouse's, and what this process handed over that is not loaded yet, so that whoever declares sees it at once.

Nothing of it is kept in the portal's database; `credit.declarations` is the truth.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Protocol
from uuid import uuid4

from loaders import figures
from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse
from producers.declarations import Declaration
from producers.refusal import Refusal
from schemas.declared import OF

Place = tuple[str, str, str | None]  # kind, department, item
Subject = tuple[Place, str]  # the place and what within it is spoken of: a period, a record; blank where a place has one statement


@dataclass(frozen=True)
class Saying:
    """Something to be declared. `seen` is the version that whoever declares it had before him, 0 where there was none."""

    kind: str
    department: str
    item: str | None
    about: Mapping[str, Any]
    seen: int

    @property
    def place(self) -> Place:
        return self.kind, self.department, self.item

    @property
    def subject(self) -> Subject:
        return self.place, str(self.about.get(OF, ""))


def subject(said: Declaration) -> Subject:
    """What a declaration speaks of."""
    return (said.kind, said.department, said.item), str(said.about.get(OF, ""))


def stale() -> Refusal:
    """What is told to whoever changes what somebody else has changed meanwhile."""
    return Refusal("conflict", "这项内容刚刚被别人改过，您的修改没有保存。", "请返回后刷新页面，看过新的内容再改。")


class Entrance(Protocol):
    """What is needed of the door."""

    def declare(self, said: Sequence[Declaration]) -> None: ...
    def declared(self) -> list[Declaration]: ...


class Declared:
    """Threads may share it."""

    def __init__(self, door: Entrance, warehouse: Warehouse) -> None:
        self._door, self._warehouse = door, warehouse
        self._recent: dict[str, Declaration] = {}
        self._lock = Lock()

    def history(self, kinds: Sequence[str], department: str = "") -> list[Declaration]:
        """Every declaration of these kinds, of all departments when blank; of each kind, department and item the first version first. Raises Refusal `unavailable`."""
        mine = {each.id: each for each in self.fresh(kinds, department)}  # before the warehouse is asked: what is loaded meanwhile is found in one of them
        loaded = {each.id: each for each in self._loaded(kinds, department)}
        for done in loaded.keys() & self._recent.keys():
            self._recent.pop(done, None)
        return sorted((mine | loaded).values(), key=lambda each: (each.kind, each.department, each.item or "", each.version))

    def fresh(self, kinds: Sequence[str], department: str = "") -> list[Declaration]:
        """Those that may not be loaded yet, first version first."""
        waiting = {each.id: each for each in [*self._door.declared(), *list(self._recent.values())]}
        return sorted((each for each in waiting.values() if each.kind in kinds and department in ("", each.department)), key=lambda each: each.version)

    def standing(self, kinds: Sequence[str], department: str = "") -> dict[Place, Declaration]:
        """What stands of each kind, department and item, of kinds that have one statement there. Raises Refusal `unavailable`."""
        return {(each.kind, each.department, each.item): each for each in self.history(kinds, department)}

    def by_subject(self, kinds: Sequence[str], department: str = "") -> dict[Subject, Declaration]:
        """What stands of each kind, department, item and what of it is spoken of. Raises Refusal `unavailable`."""
        return {subject(each): each for each in self.history(kinds, department)}

    def declare(self, said: Sequence[Saying], by: str, now: datetime) -> None:
        """Durable when this returns. Raises Refusal: `conflict` when another version stands than was seen, `unavailable` when it cannot be known, `busy`; then nothing was declared."""
        with self._lock:
            stands = self.by_subject(sorted({each.kind for each in said}))
            if any((stands[each.subject].version if each.subject in stands else 0) != each.seen for each in said):
                raise stale()
            made = [Declaration(uuid4().hex, *each.place, each.seen + 1, each.about, by, now) for each in said]
            self._recent |= {each.id: each for each in made}
            try:
                self._door.declare(made)
            except BaseException:  # whatever it is, nothing was taken and nothing may be shown
                for each in made:
                    self._recent.pop(each.id)
                raise

    def _loaded(self, kinds: Sequence[str], department: str) -> Iterator[Declaration]:
        try:
            found = figures.declarations(self._warehouse, kinds, department)
        except WarehouseError as fault:
            raise Refusal("unavailable", "数据仓库没有应答，现在看不到以前的申报，也不能申报。", "请稍后再试。") from fault
        return (Declaration(**{**row, "item": row["item"] or None}) for row in found)
