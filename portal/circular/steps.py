"""The procedure of a circular: what each step is, who may take it when, and where the sequence of steps has led. Pure; nothing is ever changed, a step is undone by another.

    草稿 ──consult──▶ 征求意见 ──(confirm · object · their retractions · decide)──▶ issue ──▶ 已印发          withdraw: from either of the first two ──▶ 已撤回
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.circular.result import Change
from portal.circular.tables import Step
from producers.refusal import Refusal
from schemas.reason import public

DRAFT, CONSULT, WITHDRAW, CONFIRM, UNCONFIRM, OBJECT, UNOBJECT, DECIDE, ISSUE, CHANGE, UNCHANGE = KINDS = (
    "draft", "consult", "withdraw", "confirm", "unconfirm", "object", "unobject", "decide", "issue", "change", "unchange",
)  # fmt: skip
TITLES = {
    DRAFT: "起草", CONSULT: "征求意见", WITHDRAW: "撤回", CONFIRM: "确认无异议", UNCONFIRM: "撤销确认", OBJECT: "提出异议", UNOBJECT: "撤销异议", DECIDE: "裁定异议", ISSUE: "签发",
    CHANGE: "写入更正", UNCHANGE: "删去更正",
}  # fmt: skip
DRAFTED, CONSULTING, ISSUED, WITHDRAWN = STATES = ("草稿", "征求意见", "已印发", "已撤回")
CONFIRMED, OBJECTED, SILENT, AWAITED = ANSWERS = ("已确认", "有异议", "逾期视为无异议", "待答复")
LONGEST = 500


@dataclass(frozen=True)
class Objection:
    """A department's against one figure of its line. ``decision`` is the office's last step on it, None while there is none; ``upheld`` and ``now`` are that decision's."""

    number: int
    department: str
    item: str
    figure: str
    was: Sequence[int]
    why: str
    by: str
    at: datetime
    decision: Step | None = None

    @property
    def decided(self) -> Mapping[str, Any]:
        return json.loads(self.decision.about) if self.decision else {}

    @property
    def upheld(self) -> bool:
        return bool(self.decided.get("upheld"))

    @property
    def outcome(self) -> str:
        """In words."""
        return ("成立" if self.upheld else "不成立") if self.decision else "待裁定"

    @property
    def now(self) -> Sequence[int]:
        """Part and whole as they stand after the decision."""
        return self.decided["now"] if self.upheld else self.was


@dataclass
class Standing:
    """Where the steps have led. ``until``: the last day on which departments answer."""

    state: str = DRAFTED
    until: date | None = None
    steps: list[Step] = field(default_factory=list)
    confirmed: dict[str, Step] = field(default_factory=dict)
    objections: dict[int, Objection] = field(default_factory=dict)
    corrections: dict[int, Change] = field(default_factory=dict)

    @property
    def changes(self) -> list[Change]:
        """What was decided otherwise than it was frozen, or is to be corrected."""
        upheld = [Change(each.department, each.item, each.figure, each.was, each.now, each.decided["why"]) for each in self.objections.values() if each.upheld]
        return upheld + list(self.corrections.values())

    @property
    def undecided(self) -> list[Objection]:
        return [each for each in self.objections.values() if each.decision is None]

    def answer(self, department: str, today: date) -> str:
        """What a department has said, of ANSWERS: silence after the term is an answer."""
        if any(each.department == department for each in self.objections.values()):
            return OBJECTED
        if department in self.confirmed:
            return CONFIRMED
        return SILENT if self.over(today) or self.state == ISSUED else AWAITED

    def over(self, today: date) -> bool:
        """Whether the term in which departments answer is over."""
        return self.until is not None and today > self.until

    def waits_for(self, departments: Sequence[str], today: date) -> list[str]:
        """Why it cannot be signed yet; empty when it can."""
        silent = [each for each in departments if self.answer(each, today) == AWAITED]
        found = [f"还有 {len(silent)} 个部门没有答复，答复期限到 {self.until}"] if silent else []
        return found + ([f"还有 {len(self.undecided)} 条异议没有裁定"] if self.undecided else [])


def standing(steps: Sequence[Step]) -> Standing:
    """All steps of one circular, in their order."""
    found = Standing()
    for step in steps:
        found.steps.append(step)
        _TAKEN.get(step.kind, _nothing)(found, step, json.loads(step.about))
    return found


def needs(found: Standing, *states: str) -> None:
    """Raises Refusal `conflict` unless it is in one of these states."""
    if found.state not in states:
        raise Refusal("conflict", f"这份文件现在是“{found.state}”，不能这样办理。", "请刷新页面，看过现在的内容再做。")


def answering(found: Standing, today: date) -> None:
    """Raises Refusal `conflict` unless departments may answer today."""
    needs(found, CONSULTING)
    if found.over(today):
        raise Refusal("conflict", f"答复期限（{found.until}）已过，逾期视为无异议。", "确有错误的，请与市信用办联系。")


def reasoned(text: str) -> str:
    """The reason, as it is kept: no digit of a personal number in it, because all departments read it. Raises Refusal `invalid` where there is none."""
    if not 2 <= len(text.strip()) <= LONGEST:
        raise Refusal("invalid", f"请写明理由，2 至 {LONGEST} 个字。", "请返回后填写。")
    return public(text.strip(), "")


def amended(part: str, whole: str) -> list[int]:
    """The two numbers of a figure as a form says them. Raises Refusal `invalid`."""
    if not (part.isascii() and part.isdigit() and whole.isascii() and whole.isdigit() and len(part) < 10 and len(whole) < 10 and int(part) <= int(whole)):
        raise Refusal("invalid", "分子和分母应是不带小数的数，分子不大于分母。", "请返回后改正。")
    return [int(part), int(whole)]


def _consulted(found: Standing, _: Step, about: Mapping[str, Any]) -> None:
    found.state, found.until = CONSULTING, date.fromisoformat(about["until"])


def _withdrawn(found: Standing, _: Step, about: Mapping[str, Any]) -> None:
    found.state = WITHDRAWN


def _issued(found: Standing, _: Step, about: Mapping[str, Any]) -> None:
    found.state = ISSUED


def _confirmed(found: Standing, step: Step, about: Mapping[str, Any]) -> None:
    found.confirmed[step.department] = step


def _unconfirmed(found: Standing, step: Step, about: Mapping[str, Any]) -> None:
    found.confirmed.pop(step.department, None)


def _objected(found: Standing, step: Step, about: Mapping[str, Any]) -> None:
    found.objections[step.number] = Objection(step.number, step.department, about["item"], about["figure"], about["was"], about["why"], step.name, step.at)


def _unobjected(found: Standing, _: Step, about: Mapping[str, Any]) -> None:
    found.objections.pop(about["objection"], None)


def _decided(found: Standing, step: Step, about: Mapping[str, Any]) -> None:
    one = found.objections[about["objection"]]
    found.objections[one.number] = Objection(one.number, one.department, one.item, one.figure, one.was, one.why, one.by, one.at, step)


def _changed(found: Standing, step: Step, about: Mapping[str, Any]) -> None:
    found.corrections[step.number] = Change(**about)


def _unchanged(found: Standing, _: Step, about: Mapping[str, Any]) -> None:
    found.corrections.pop(about["change"], None)


def _nothing(found: Standing, _: Step, about: Mapping[str, Any]) -> None:
    """The draft itself."""


_TAKEN = {
    CONSULT: _consulted, WITHDRAW: _withdrawn, ISSUE: _issued, CONFIRM: _confirmed, UNCONFIRM: _unconfirmed, OBJECT: _objected, UNOBJECT: _unobjected, DECIDE: _decided,
    CHANGE: _changed, UNCHANGE: _unchanged,
}  # fmt: skip
