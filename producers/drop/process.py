"""`guiji drop FOLDER`: files that a department's machine carries over a gap (摆渡), one folder a department and item.

Guarantee: a file is handed in through the door, as an upload is, once its end marker says that it is whole; then it is moved. Whatever dies in between, it is handed in again, and the same content of
the same department and item has one receipt for ever. Its answers are written when every row has one; until then it waits in `taken`.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import structlog

from infra import slots
from producers import file
from producers.door import Door
from producers.drop import box, marker, report
from producers.drop.box import DONE, OUT, REFUSED, TAKEN, Box, Seen, Unfit
from producers.outcomes import Ask, Outcome
from producers.refusal import Refusal
from producers.tables.delimited import MAX_BYTES
from producers.tables.mapping import Mappings, Nothing
from schemas.catalog import Catalog

LOG = structlog.get_logger(__name__)
LOOK = 2.0  # seconds
PATIENCE = 600.0  # seconds after which a file that is not whole is told of
PAGE = 1_000
LATER = {"busy", "unavailable"}  # refusals that pass


@dataclass
class Drop:
    """Works through a folder's boxes. ``secret``: of personal key parts; ``mappings``: what departments' own titles mean; ``told``: what was said already, so that it is said once."""

    root: Path
    door: Door
    catalog: Catalog
    departments: Mapping[str, object]
    ask: Ask
    secret: bytes
    mappings: Mappings = field(default_factory=Nothing)
    patience: float = PATIENCE
    told: dict[tuple[str, ...], object] = field(default_factory=dict)

    def once(self, now: float) -> None:
        """Look at everything once; ``now`` in epoch seconds."""
        for department, item in box.folders(self.root):
            if department not in self.departments or item not in self.catalog:
                self._log((department, item), "no such department or item: nothing is taken from this folder", None)
                continue
            try:
                with box.opened(self.root, department, item) as each:
                    for name in each.names():
                        self._look(each, name, now)
                    for name in each.kept(TAKEN):
                        self._answer(each, name)
            except OSError as fault:
                self._log((department, item), "this folder cannot be worked through", str(fault))

    def _look(self, each: Box, name: str, now: float) -> None:
        seen = each.seen(name)
        if seen is None:
            if now - each.changed(name) > self.patience:
                self._tell(each, name, f"{name} 还没有结束标志 {name}{marker.ENDING}，没有接收。文件传完后请再放入结束标志：{marker.SAMPLE}。", "no marker")
            return
        if self.told.get((each.department, each.item, name, "tried")) != seen:
            self._try(each, name, seen)
        elif seen.quiet(now) > self.patience and (why := self.told.get((each.department, each.item, name, "why"))):
            self._tell(each, name, f"{name} 没有接收：{why} 请重新传送文件，最后传送结束标志。", seen)

    def _try(self, each: Box, name: str, seen: Seen) -> None:
        place = (each.department, each.item, name)
        try:
            wanted = marker.read(each.marker(name))
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / name
                if each.copy(name, copy, MAX_BYTES) != wanted.digest:
                    raise marker.Unclear("文件的摘要与结束标志不符，可能没有传完。")
                self._hand_in(each, copy, wanted.rows)
        except marker.Unclear as fault:  # it may still be coming
            self.told[*place, "why"], self.told[*place, "tried"] = str(fault), seen
        except Unfit as fault:
            self._refuse(each, name, str(fault))
        except Refusal as refusal:
            if refusal.code not in LATER:
                self._refuse(each, name, f"{refusal.message}{refusal.remedy}")

    def _hand_in(self, each: Box, copy: Path, rows: int) -> None:
        sender = file.Sender(each.department, "drop", f"{each.department}/folder", rows)
        terms = file.Terms([self.catalog[each.item]], self.secret, self.mappings)
        with file.opened(copy, terms, sender) as read:
            if len(read.tables) > 1:  # its answer bears one receipt
                raise Refusal("several_tables", f"文件里有 {len(read.tables)} 张表。", "请一个文件只放一张表。")
            (receipt,) = file.submit(self.door, read, sender)
        self._move(each, copy.name, TAKEN, f"{receipt.receipt}.{copy.name}")
        LOG.info("taken", department=each.department, item=each.item, receipt=receipt.receipt, rows=receipt.records, repeated=receipt.repeated)

    def _refuse(self, each: Box, name: str, why: str) -> None:
        each.write(REFUSED, f"{name}.txt", report.words(f"{name} 没有接收：{why}"))
        self._move(each, name, REFUSED, name)
        LOG.info("refused", department=each.department, item=each.item, why=why)

    def _move(self, each: Box, name: str, place: str, new: str) -> None:
        each.move(name, place, new)
        each.untold(OUT, f"{name}.txt")
        self.told = {key: value for key, value in self.told.items() if key[:3] != (each.department, each.item, name)}

    def _answer(self, each: Box, kept: str) -> None:
        number, _, name = kept.partition(".")
        receipt = self.door.find(number)
        if receipt is None or receipt.department != each.department:
            self._log((each.department, each.item, kept), "this home knows no such receipt: nothing is answered", None)
            return
        try:
            found = list(self._outcomes(number, each.item, receipt.records))
        except Refusal as refusal:
            self._log((each.department, each.item, "answers"), "cannot be answered now", refusal.message)
            return
        if len(found) >= receipt.records:
            each.write(OUT, f"{name}.hz.csv", report.outcomes(receipt, found))
            each.hand_on(TAKEN, DONE, kept)
            LOG.info("answered", department=each.department, item=each.item, receipt=number)

    def _outcomes(self, number: str, item: str, records: int) -> Iterator[Outcome]:
        """All of them, or none while some are still to come."""
        after = 0
        while True:
            page = self.ask(number, item, after, PAGE)
            if page.settled < records:
                return
            yield from page.records
            if page.next is None:
                return
            after = page.next

    def _tell(self, each: Box, name: str, words: str, state: object) -> None:
        """Once for a state of the file, in a file beside the answers."""
        if self.told.get(place := (each.department, each.item, name, "told")) != state:
            self.told[place] = state
            each.write(OUT, f"{name}.txt", report.words(words))
            LOG.warning("not whole", department=each.department, item=each.item, state=str(state))

    def _log(self, place: tuple[str, ...], what: str, cause: str | None) -> None:
        if self.told.get((*place, what), "") != cause:
            self.told[*place, what] = cause
            LOG.warning(what, folder="/".join(place), cause=cause)


def run(drop: Drop, stop: Event) -> None:
    """Until told to stop. Raises slots.Occupied."""
    with slots.alone(drop.root / ".guiji.lock", f"A `guiji drop` of {drop.root}"):
        while not stop.is_set():
            drop.once(time.time())
            stop.wait(LOOK)
