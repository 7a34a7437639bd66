"""What the address of a board asks for: department, item, way, source, a stretch of days, the grain, the day as of which. A department's people ask of their own only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from loaders.behind import Scope
from loaders.obligations import Asked
from portal import owed
from portal.frame import listing
from portal.frame.visit import Visit
from producers.refusal import Refusal
from schemas.obligations.calendar import ONE

NAMES = ("department", "item", "way", "source", "from", "to", "grain", "as_of")
NARROWED = ("which", "rule", "field", "due")  # what only lists are asked with
GRAINS = {"day": "按日", "week": "按周", "month": "按月"}
DAYS, MOST_DAYS, MOST_YEARS = 30, 400, 12


@dataclass(frozen=True)
class Question:
    """`query` is what the address says, without what is blank; `on` the day as of which is told."""

    query: Mapping[str, str]
    grain: str
    on: date
    scope: Scope

    @property
    def first(self) -> date:
        return self.scope.asked.first

    @property
    def last(self) -> date:
        return self.scope.asked.last


def question(visit: Visit) -> Question:
    """Raises Refusal `malformed`: no dates, or too long a stretch for the grain."""
    query, today = listing.asked(visit, (*NAMES, *NARROWED)), visit.site.today
    on = min(_day(query, "as_of", today), today)
    last = _day(query, "to", on)
    first, grain = _day(query, "from", last - timedelta(days=DAYS - 1)), query.get("grain", "day")
    if grain not in GRAINS:
        raise Refusal("malformed", "没有这种分段。", "请选择按日、按周或按月。")
    if first > last:
        raise Refusal("malformed", f"起始日期 {first} 晚于截止日期 {last}。", "请改正日期。")
    if (last - first).days > (MOST_DAYS if grain == "day" else MOST_YEARS * 366):
        raise Refusal("malformed", f"{first} 至 {last} 太长。", f"按日最多 {MOST_DAYS} 天，按周、按月最多 {MOST_YEARS} 年；请改分段或日期。")
    department = visit.who.department or query.get("department", "")
    narrowed = {name: query.get(name, "") for name in ("way", "source", "which", "rule", "field")}
    return Question(query, grain, on, Scope(Asked(first, last, owed.until(visit.site, on), department, query.get("item", "")), **narrowed))


def stretch(label: str, grain: str, asked: Question) -> tuple[date, date]:
    """The days of one period of the grain, as far as they are asked for; ``label`` is its first day, or a month."""
    first = date.fromisoformat(label if len(label) > len("2017-10") else f"{label}-01")
    last = {"day": first, "week": first + timedelta(days=6), "month": (first.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE}[grain]
    return max(first, asked.first), min(last, asked.last)


def _day(query: Mapping[str, str], name: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(query[name]) if name in query else otherwise
    except ValueError:
        raise Refusal("malformed", f"日期“{query[name]}”不对。", "日期写成 2017-11-15。") from None
    if not 1990 <= found.year <= 2100:
        raise Refusal("malformed", f"日期“{found}”不对。", "请写 1990 年至 2100 年的日期。")
    return found
