"""How far each department is with the survey: what is there, what is missing, and whether it must be reminded. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.declared import Place
from portal.survey.plan import MEETINGS, REMIND_DAYS
from portal.survey.tables import CONTACTS, MEETING, Note, standing
from producers.declarations import Declaration
from schemas.declared import ASSIGNMENT, STOCK, WAYS
from schemas.departments import Department

ANNEX_1, ANNEX_2, CONFIRMATION, STOCK_TITLE = "附件1 人员信息表", "附件2 归集方式反馈表", "信息项确认", "存量数量"


@dataclass(frozen=True)
class Status:
    """One department's. `items` are those it owes; the mappings by item hold what it declared; `reply_by` is its batch's date."""

    department: Department
    items: Sequence[str]
    contacts: Mapping[str, str] | None
    ways: Mapping[str, Any] | None
    assignment: Mapping[str, Mapping[str, Any]]
    stock: Mapping[str, Mapping[str, Any]]
    meeting: Mapping[str, str] | None
    reply_by: date

    @property
    def missing(self) -> list[str]:
        """What has not been answered yet, in the order of the survey."""
        lacking = {
            ANNEX_1: self.contacts is None, ANNEX_2: self.ways is None,
            CONFIRMATION: any(item not in self.assignment for item in self.items), STOCK_TITLE: any(item not in self.stock for item in self.items),
        }  # fmt: skip
        return [title for title, lacks in lacking.items() if lacks]

    @property
    def returned(self) -> bool:
        """Whether both annexes are there, which is what the reply date is about."""
        return self.contacts is not None and self.ways is not None

    @property
    def planned(self) -> tuple[date, date]:
        """The days of the plan in which its batch is met."""
        return MEETINGS[self.department.batch]

    def state(self, today: date) -> str:
        if not self.missing:
            return "已完成"
        if self.returned:
            return "已反馈"
        return "逾期未反馈" if today > self.reply_by else "临近到期" if self.due(today) else "未反馈"

    def due(self, today: date) -> bool:
        """Whether it is to be reminded today: an annex is missing and the reply date is near or past."""
        return not self.returned and (self.reply_by - today).days <= REMIND_DAYS


@dataclass(frozen=True)
class Told:
    """All that was said in the survey, whoever said it."""

    notes: Sequence[Note]
    declared: Mapping[Place, Declaration]

    def status(self, department: Department, items: Sequence[str], reply_by: date) -> Status:
        """One department's, out of it."""
        code = department.code
        contacts, meeting = (standing(self.notes, kind).get(code) for kind in (CONTACTS, MEETING))
        ways = self.declared.get((WAYS, code, None))
        by_item = {kind: {item: self.declared[kind, code, item].about for item in items if (kind, code, item) in self.declared} for kind in (ASSIGNMENT, STOCK)}
        return Status(
            department, items, contacts.about if contacts else None, ways.about if ways else None, by_item[ASSIGNMENT], by_item[STOCK],
            meeting.about if meeting else None, reply_by,
        )  # fmt: skip


def reminder(status: Status, today: date) -> str:
    """The message for a department that has not answered, to be sent by whoever can."""
    left = (status.reply_by - today).days
    when = "今天到期" if left == 0 else f"还有 {left} 天" if left > 0 else f"已过期 {-left} 天"
    return (
        f"{status.department.name}：按照济信用办〔2017〕42号，请于 {status.reply_by.month} 月 {status.reply_by.day} 日前反馈信息归集摸底材料（{when}）。"
        f"贵单位尚缺：{'、'.join(status.missing)}。请登录市公共信用信息平台“摸底”填写，或上传填好的附件。"
    )
