"""What people do with circulars: each deed looks whether it may be done, and writes its step in the caller's transaction.

Raises Refusal: `conflict` when it is not the moment, or somebody else was first; `invalid` when something is missing; `not_found`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.sessions import Person
from portal.circular import frozen, shelf, steps
from portal.circular.frozen import Frozen, Packed
from portal.circular.result import AMENDABLE, Change
from portal.circular.shelf import File
from portal.circular.tables import CIRCULAR, CORRECTION, Block, Circular, Step
from producers.refusal import Refusal
from schemas.obligations import score
from schemas.obligations.calendar import Calendar


@dataclass(frozen=True)
class Act:
    """Who does it, when, and which day that is here."""

    who: Person
    now: datetime
    today: date


def free(database: Session, month: str) -> None:
    """Raises Refusal `conflict` where the month has a circular that is not withdrawn."""
    for each in shelf.files(database, month):
        if each.circular.kind == CIRCULAR and each.standing.state != steps.WITHDRAWN:
            raise Refusal("conflict", f"{month} 已有通报（{each.standing.state}）。", "请在列表中打开；草稿和征求意见中的通报可以撤回后重新起草。")


def draft(database: Session, text: Frozen, blocks: Sequence[Packed], act: Act) -> Circular:
    """Keep what was frozen."""
    free(database, text["month"])
    said = frozen.text(text)
    made = Circular(kind=CIRCULAR, month=text["month"], turn=shelf.turn(database, text["month"], CIRCULAR), corrects_id=None, made_at=act.now, frozen=said, digest=frozen.digest(said))
    with _alone(database):
        database.add(made)
        database.flush()
        keep(database, made, blocks)
        _take(database, made, 1, steps.DRAFT, {}, act)
    return made


def keep(database: Session, circular: Circular, blocks: Sequence[Packed]) -> None:
    """Blocks beside the circular."""
    database.add_all(Block(circular_id=circular.id, department=each.department, item=each.item, of=each.of, rows=each.rows, digest=each.digest, content=each.content) for each in blocks)


def consult(database: Session, file: File, calendar: Calendar, act: Act) -> date:
    """To the departments; the last day on which they answer."""
    steps.needs(file.standing, steps.DRAFTED)
    until = calendar.after(act.today, score.of(file.text["score"]).answer_days)
    step(database, file, steps.CONSULT, {"until": until.isoformat()}, act)
    return until


def withdraw(database: Session, file: File, why: str, act: Act) -> None:
    steps.needs(file.standing, steps.DRAFTED, steps.CONSULTING)
    step(database, file, steps.WITHDRAW, {"why": steps.reasoned(why)}, act)


def confirm(database: Session, file: File, act: Act) -> None:
    """A department has nothing to object to."""
    steps.answering(file.standing, act.today)
    if file.standing.answer(act.who.department, act.today) != steps.AWAITED:
        raise Refusal("conflict", "本部门已经答复。", "要改变答复，请先撤销确认或者异议。")
    step(database, file, steps.CONFIRM, {}, act)


def unconfirm(database: Session, file: File, act: Act) -> None:
    steps.answering(file.standing, act.today)
    if act.who.department not in file.standing.confirmed:
        raise Refusal("conflict", "本部门没有确认。", "请刷新页面，看过现在的内容再做。")
    step(database, file, steps.UNCONFIRM, {}, act)


def object_(database: Session, file: File, said: dict[str, str], act: Act) -> None:
    """A department objects to a figure of one of its lines: ``said`` has `item` `figure` `why`."""
    steps.answering(file.standing, act.today)
    department, item, figure = act.who.department, said["item"], said["figure"]
    if department in file.standing.confirmed:
        raise Refusal("conflict", "本部门已经确认无异议。", "要提出异议，请先撤销确认。")
    if any((each.department, each.item, each.figure) == (department, item, figure) for each in file.standing.objections.values()):
        raise Refusal("conflict", "对这项指标已经提出异议。", "要改写，请先撤销原来的异议。")
    was = _figure(file, department, item, figure)
    step(database, file, steps.OBJECT, {"item": item, "figure": figure, "was": was, "why": steps.reasoned(said["why"])}, act)


def unobject(database: Session, file: File, number: int, act: Act) -> None:
    """An objection that is not decided yet is taken back."""
    steps.answering(file.standing, act.today)
    one = file.standing.objections.get(number)
    if one is None or one.department != act.who.department:
        raise Refusal("not_found", "没有这条异议。", "请刷新页面后再试。")
    if one.decision:
        raise Refusal("conflict", "这条异议已经裁定，不能撤销。", "请与市信用办联系。")
    step(database, file, steps.UNOBJECT, {"objection": number}, act)


def decide(database: Session, file: File, number: int, said: dict[str, str], act: Act) -> None:
    """The office's written decision: ``said`` has `upheld` (1 or 0), `part` and `whole` where it is upheld, `why`. A later one counts, until the circular is issued."""
    steps.needs(file.standing, steps.CONSULTING)
    one = file.standing.objections.get(number)
    if one is None:
        raise Refusal("not_found", "没有这条异议。", "请刷新页面后再试。")
    if said["upheld"] not in ("0", "1"):
        raise Refusal("invalid", "请选择异议成立或者不成立。", "请返回后选择。")
    about: dict[str, Any] = {"objection": number, "upheld": said["upheld"] == "1", "why": steps.reasoned(said["why"])}
    if about["upheld"]:
        about["now"] = steps.amended(said["part"], said["whole"])
        if about["now"] == list(one.was):
            raise Refusal("invalid", "异议成立的，裁定的数应与原数不同。", "请返回后填写裁定的分子和分母。")
    step(database, file, steps.DECIDE, about, act, one.department)


def correct(database: Session, file: File, said: dict[str, str], act: Act) -> Circular:
    """Write one change into the open correction of an issued circular; a new one where none is open. ``said`` has `department` `item` `figure` `part` `whole` `why`."""
    if file.circular.kind != CIRCULAR:
        raise Refusal("conflict", "更正只针对通报。", "请从被更正的通报发起。")
    steps.needs(file.standing, steps.ISSUED)
    place = said["department"], said["item"], said["figure"]
    was, now = _figure(file, *place), steps.amended(said["part"], said["whole"])
    if was == now:
        raise Refusal("invalid", "更正的数与原数相同。", "请返回后改正。")
    change = vars(Change(*place, was, now, steps.reasoned(said["why"])))
    opened = next((each for each in shelf.corrections(database, file.circular) if each.standing.state == steps.DRAFTED), None)
    if opened is None:
        opened = _correction(database, file, act)
    if any(each.place == place for each in opened.standing.corrections.values()):
        raise Refusal("conflict", "这项指标已在更正中。", "要改写，请先删去原来的一条。")
    step(database, opened, steps.CHANGE, change, act, said["department"])
    return opened.circular


def uncorrect(database: Session, file: File, number: int, act: Act) -> None:
    """Take a change out of a correction that is not issued."""
    steps.needs(file.standing, steps.DRAFTED)
    if number not in file.standing.corrections:
        raise Refusal("not_found", "没有这条更正。", "请刷新页面后再试。")
    step(database, file, steps.UNCHANGE, {"change": number}, act, file.standing.corrections[number].department)


def step(database: Session, file: File, kind: str, about: dict[str, Any], act: Act, department: str = "") -> None:
    """The next step of a circular. Raises Refusal `conflict` where somebody else's came first."""
    with _alone(database):
        _take(database, file.circular, len(file.standing.steps) + 1, kind, about, act, department)


def _correction(database: Session, file: File, act: Act) -> File:
    said = frozen.text({"corrects": file.circular.digest})
    month = file.circular.month
    made = Circular(
        kind=CORRECTION, month=month, turn=shelf.turn(database, month, CORRECTION), corrects_id=file.circular.id, made_at=act.now, frozen=said, digest=frozen.digest(said)
    )
    with _alone(database):
        database.add(made)
        database.flush()
        first = _take(database, made, 1, steps.DRAFT, {}, act)
    return File(made, steps.standing([first]), None, file)


def _figure(file: File, department: str, item: str, figure: str) -> list[int]:
    """Part and whole as they stand. Raises Refusal `not_found`."""
    for line in file.result["lines"]:
        if (line["department"], line["item"]) == (department, item) and figure in AMENDABLE:
            return list(line["figures"][figure])
    raise Refusal("not_found", "没有这项指标。", "请从通报的明细中选择。")


def _take(database: Session, circular: Circular, number: int, kind: str, about: dict[str, Any], act: Act, department: str = "") -> Step:
    who = act.who
    made = Step(
        circular_id=circular.id, number=number, kind=kind, department=department or who.department, about=frozen.text(about), account_id=who.account_id, username=who.username,
        name=who.name, role=str(who.role), at=act.now,
    )  # fmt: skip
    database.add(made)
    return made


@contextmanager
def _alone(database: Session) -> Iterator[None]:
    """Two people at once: the second is told."""
    try:
        yield
        database.flush()
    except IntegrityError as fault:
        raise Refusal("conflict", "别人刚刚办理了这份文件，您的操作没有执行。", "请刷新页面，看过现在的内容再做。") from fault
