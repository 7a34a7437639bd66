"""What the address of a page of 报送情况 asks for: a month, a day as of which, a department, an item, a state."""

from dataclasses import dataclass
from datetime import date

from loaders import accounts
from loaders.accounts import Account
from loaders.obligations import Asked
from portal import owed
from portal.frame import listing
from portal.frame.visit import Visit
from producers.refusal import Refusal
from schemas.obligations import period
from schemas.obligations.ledger import STATES

NAMES = ("month", "as_of", "department", "item", "state")


@dataclass(frozen=True)
class Question:
    """`query` is what the address says, without what is blank; `month` the month it means, the running one where it names none; `on` the day as of which is told."""

    query: dict[str, str]
    month: str
    on: date
    asked: Asked

    @property
    def as_of(self) -> dict[str, str]:
        """What links to another view of the same month carry."""
        return {"month": self.month} | {name: self.query[name] for name in ("as_of",) if name in self.query}


def question(visit: Visit) -> Question:
    """Of a department's people only their own is asked. Raises Refusal `malformed`."""
    query, site = listing.asked(visit, NAMES), visit.site
    month = query.get("month", f"{site.today:%Y-%m}")
    try:
        first, last = period.month(month)
        on = min(date.fromisoformat(query["as_of"]), site.today) if "as_of" in query else site.today
    except ValueError:
        raise Refusal("malformed", "月份或日期不对。", "月份写成 2017-10，日期写成 2017-11-15。") from None
    department = visit.who.department or query.get("department", "")
    return Question(query, month, on, Asked(first, last, owed.until(site, on), department, query.get("item", "")))


def of(visit: Visit, department: str, item: str) -> Question:
    """The same for one department and item. Raises Refusal `not_found`: there is none of this code, or it is another department's."""
    visit.about(f"报送情况 {department} {item}", department)
    visit.belongs(department, "这个部门的报送情况")
    if department not in visit.site.departments or item not in visit.site.catalog:
        raise Refusal("not_found", "没有这个部门或者信息项。", "请从“报送情况”的列表中打开。")
    found = question(visit)
    return Question(found.query, found.month, found.on, Asked(found.asked.first, found.asked.last, found.asked.until, department, item))


def accounts_of(visit: Visit, asked: Question) -> list[Account]:
    """The month's accounts in the state asked for. Raises Refusal `unavailable`."""
    with owed.answering():
        found = accounts.month(visit.site.warehouse, owed.owing(visit.site), owed.declared(visit.site), asked.asked)
    state = asked.query.get("state", "")
    return [each for each in found if state not in STATES or each.state == state]


def account(visit: Visit, asked: Question) -> Account:
    """The one account of a department and item. Raises Refusal `not_found`, `unavailable`."""
    found = accounts_of(visit, Question({}, asked.month, asked.on, asked.asked))
    if not found:
        raise Refusal("not_found", "这个月没有这项报送任务。", "请从“报送情况”的列表中打开。")
    return found[0]
