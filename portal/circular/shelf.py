"""Circulars as they are found: each with its steps, its frozen text, what was issued, and the result as it stands."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from portal.circular import frozen, result, steps
from portal.circular.frozen import Frozen
from portal.circular.result import Change, Earlier
from portal.circular.steps import Standing
from portal.circular.tables import CIRCULAR, CORRECTION, Block, Circular, Issue, Step

EARLIER = 11  # issued circulars that a trend goes back


@dataclass
class File:
    """A circular, or a correction of `root`. ``issue`` None: not issued."""

    circular: Circular
    standing: Standing
    issue: Issue | None
    root: "File | None" = None
    earlier: Sequence[Earlier] = ()
    corrected: Sequence["File"] = ()  # its issued corrections, the oldest first

    @cached_property
    def text(self) -> Frozen:
        """What was frozen; of a correction, what its circular froze."""
        if self.root:
            return self.root.text
        found: Frozen = json.loads(self.circular.frozen)
        return found

    @cached_property
    def result(self) -> dict[str, Any]:
        """As it was issued, its issued corrections over it; not issued yet, as it stands now."""
        if self.corrected:
            return self.corrected[-1].result
        return self.own

    @cached_property
    def own(self) -> dict[str, Any]:
        """As this very document says it, for good once it was issued."""
        if self.issue:
            found: dict[str, Any] = json.loads(self.issue.content)
            return found
        return self.made([])

    def made(self, more: Sequence[Change]) -> dict[str, Any]:
        """What follows from the frozen text and all that was decided."""
        before = result.changes(self.root.result) if self.root else []
        return result.result(self.text, [*before, *self.standing.changes, *more], self.root.earlier if self.root else self.earlier)

    @property
    def title(self) -> str:
        year, month = self.circular.month.split("-")
        return f"关于{year}年{int(month)}月公共信用信息归集情况的通报" + ("的更正" if self.circular.kind == CORRECTION else "")

    @property
    def departments(self) -> list[str]:
        """Those whose lines are in it."""
        return sorted({line["department"] for line in self.text["lines"]})


def files(database: Session, month: str = "") -> list[File]:
    """All circulars and corrections, of a month if one is named, newest first, without their rows."""
    query = select(Circular).options(defer(Circular.frozen)).order_by(Circular.month.desc(), Circular.id.desc())
    found = database.scalars(query.where(Circular.month == month) if month else query).all()
    ids = [each.id for each in found]
    taken: dict[int, list[Step]] = {number: [] for number in ids}
    for step in database.scalars(select(Step).where(Step.circular_id.in_(ids)).order_by(Step.circular_id, Step.number)):
        taken[step.circular_id].append(step)
    issues = {each.circular_id: each for each in database.scalars(select(Issue).where(Issue.circular_id.in_(ids)))}
    return [File(each, steps.standing(taken[each.id]), issues.get(each.id)) for each in found]


def one(database: Session, number: int) -> File | None:
    """A circular with its corrections and what came before it; a correction with its circular."""
    circular = database.get(Circular, number) if 0 < number < 1 << 31 else None
    if circular is None:
        return None
    if circular.corrects_id is None:
        return _whole(database, circular)
    root = _whole(database, database.get_one(Circular, circular.corrects_id))
    return next((each for each in root.corrected if each.circular.id == number), None) or _bare(database, circular, root)


def corrections(database: Session, circular: Circular) -> list[File]:
    """All corrections of a circular, the oldest first; the issued ones as they stood then."""
    found = list[File]()
    root = _bare(database, circular)
    root.earlier = earlier(database, circular.month)
    for each in database.scalars(select(Circular).where(Circular.corrects_id == circular.id).order_by(Circular.id)):
        found.append(_bare(database, each, root))
    return found


def latest(database: Session, month: str, kind: str = CIRCULAR) -> File | None:
    """The month's circular that is not withdrawn, else the last one."""
    found = [each for each in files(database, month) if each.circular.kind == kind]
    chosen = next((each for each in found if each.standing.state != steps.WITHDRAWN), found[0] if found else None)
    return one(database, chosen.circular.id) if chosen else None


def earlier(database: Session, month: str) -> list[Earlier]:
    """The issued circulars of earlier months as they stand, the latest first."""
    query = select(Circular).join(Issue).where(Circular.kind == CIRCULAR, Circular.month < month).order_by(Circular.month.desc()).limit(EARLIER)
    return list(_earlier(database, database.scalars(query).all()))


def turn(database: Session, month: str, kind: str) -> int:
    """The how-manieth the next of its kind is."""
    return 1 + (database.scalar(select(func.count()).select_from(Circular).where(Circular.month == month, Circular.kind == kind)) or 0)


def block(database: Session, file: File, place: tuple[str, str, str]) -> Block | None:
    """The rows of one place (department, item, kind)."""
    return database.get(Block, ((file.root or file).circular.id, *place))


def rows(database: Session, file: File, place: tuple[str, str, str]) -> list[dict[str, Any]]:
    """The same, as they were frozen."""
    found = block(database, file, place)
    return frozen.rows(found.content) if found else []


def kept(database: Session, file: File, form: str) -> bytes | None:
    """A document as it was signed."""
    found = database.get(Block, (file.circular.id, "", "", form))
    return frozen.unpacked(found.content) if found else None


def _whole(database: Session, circular: Circular) -> File:
    found = _bare(database, circular)
    found.earlier = earlier(database, circular.month)
    found.corrected = [each for each in corrections(database, circular) if each.issue]
    return found


def _bare(database: Session, circular: Circular, root: File | None = None) -> File:
    taken = database.scalars(select(Step).where(Step.circular_id == circular.id).order_by(Step.number)).all()
    return File(circular, steps.standing(taken), database.get(Issue, circular.id), root)


def _earlier(database: Session, found: Sequence[Circular]) -> Iterator[Earlier]:
    for each in found:
        issued = [database.get_one(Issue, each.id)]
        issued += database.scalars(select(Issue).join(Circular).where(Circular.corrects_id == each.id).order_by(Issue.circular_id)).all()
        stands = json.loads(issued[-1].content)
        scores = {row["department"]: (row["score"], row["rank"]) if row["score"] is not None else None for row in stands["departments"]}
        yield Earlier(each.month, issued[0].document, scores)
