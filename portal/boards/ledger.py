"""Charts and the list over the obligation ledger: its periods are made in Python, of what the warehouse and the declarations say, on the working-day calendar."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loaders import statements
from loaders.obligations import LONGEST
from loaders.parameters import inline, wanted
from portal import owed
from portal.boards.asking import Question
from portal.frame.visit import Visit
from schemas.obligations.ledger import AWAITED, LATE, MISSED, NOT_YET, REPORTED, Line

FED_BY = ("decided", "altered", "open_days")  # besides `proofs` and the declarations
NAMES = {REPORTED: "reported", LATE: "late", MISSED: "missed", AWAITED: "awaited", NOT_YET: "not_yet"}
BY: Mapping[str, tuple[str, Callable[[Line], str]]] = {
    "due": ("day", lambda line: line.due.day.isoformat()),
    "due_departments": ("department", lambda line: line.department),
}


def rows(visit: Visit, asked: Question, chart: str) -> list[dict[str, Any]]:
    """Periods counted by state: `reported`, `late` and `missed` are of those whose due date is past (`over`). Raises Refusal `unavailable`."""
    column, label = BY[chart]
    found = defaultdict[str, Counter[str]](Counter)
    for line in lines(visit, asked):
        counted = line.state in (AWAITED, NOT_YET) or line.over
        found[label(line)].update({NAMES[line.state]: int(counted), "over": int(line.over)})
    nothing = dict.fromkeys((*NAMES.values(), "over"), 0)
    return [{column: place} | nothing | found[place] for place in sorted(found) if column != "day" or found[place]["over"]]


def lines(visit: Visit, asked: Question) -> list[Line]:
    """The periods that end in the stretch of days."""
    found = owed.lines(visit.site, asked.scope.asked)
    return [each for each in found if asked.first <= each.period.end <= asked.last]


def behind(visit: Visit, asked: Question) -> list[Line]:
    """The periods behind a number: of one day's due date, in one state, as the address asks."""
    which, due = asked.scope.which, asked.query.get("due", "")
    return [
        each for each in lines(visit, asked)
        if due in ("", each.due.day.isoformat()) and (which == each.state if which else each.over) and (each.over or which in (AWAITED, NOT_YET))
    ]  # fmt: skip


def sql(visit: Visit, asked: Question) -> str:
    """The statements that the ledger is made of, for reading: periods, due dates and states are made of their answers in Python."""
    site, about = visit.site, asked.scope.asked
    with owed.answering():
        items = statements.filled(site.warehouse, about.items(site.catalog))
    began, ends = about.first - LONGEST, about.last + LONGEST
    known: dict[str, Any] = about.parameters | {"dated": 1, "since": f"{began} 00:00:00", "first": began.isoformat(), "last": ends.isoformat()}
    found: Sequence[str] = [*(statements.composed(name, items) for name in FED_BY), statements.text("proofs")]
    from_here = "-- 报送周期、截止日和状态由台账按工作日历推算（schemas/obligations），以下是它向数据仓库提出的问题。"
    return "\n\n".join([from_here, *(inline(each, {name: known[name] for name in wanted(each)}) for each in found)])
