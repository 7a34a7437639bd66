"""数量申报: by the 10th a department states of each item what the month before produced, what it reported, what not and on which grounds, what it published and where. The office sees all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Response

from loaders.errors import WarehouseError
from portal.declared import Saying, Subject
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.pages.survey_annexes import seen_version
from portal.work import periods, quantities
from portal.work.asking import CRUMBS, DEPARTMENT, PATH, SEEING, own
from portal.work.quantities import COUNTS, TEXTS, Answer
from producers.declarations import Declaration
from producers.refusal import Refusal
from schemas.catalog import Item
from schemas.declared import QUANTITY

QUANTITIES = PATH + "/quantities"
TITLE = "数量申报"
LIST = QUANTITIES + "/list"
ASKED = ("month",)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """What a department stated of an item and month; `said` None: nothing yet."""

    department: str
    item: Item
    month: str
    said: Declaration | None


@router.get(QUANTITIES)
def form(visit: Annotated[Visit, only(*DEPARTMENT, action="打开数量申报")]) -> Response:
    month = _month(visit, visit.request.query_params.get("month", ""))
    stands = visit.site.declared.by_subject([QUANTITY], visit.who.department)
    found = {item.code: _stands(stands, visit.who.department, item.code, month) for item in visit.site.owed(visit.who.department)}
    answers = {code: quantities.declared(each.about if each else None) for code, each in found.items()}
    visit.about(f"{TITLE} {month}", visit.who.department)
    return _form(visit, month, answers, {f"seen.{code}": each.version if each else 0 for code, each in found.items()})


@router.post(QUANTITIES)
def send(visit: Annotated[Visit, only(*DEPARTMENT, action="申报数量")]) -> Response:
    """Declared: the rates of the month follow from it."""
    month, items = _month(visit, visit.form.get("month", "")), visit.site.owed(visit.who.department)
    answers = {item.code: quantities.said(visit.form, item.code) for item in items}
    seen = {f"seen.{code}": seen_version(visit, f"seen.{code}") for code in answers}
    faults = {code: found for code, answer in answers.items() if (found := quantities.wrong(answer))}
    if faults:
        return _form(visit, month, answers, seen, faults, 422)
    stands = visit.site.declared.by_subject([QUANTITY], visit.who.department)
    changed = []
    for code, answer in answers.items():
        before = _stands(stands, visit.who.department, code, month)
        if not answer.blank and (before is None or before.about != answer.about(month)):
            changed.append(Saying(QUANTITY, visit.who.department, code, answer.about(month), seen[f"seen.{code}"]))
    visit.about(f"{TITLE} {month} {' '.join(sorted(each.item or '' for each in changed))}", visit.who.department)
    visit.declare(*changed)
    return visit.go(f"{QUANTITIES}?month={month}", f"已申报，{len(changed)} 个信息项有变动。" if changed else "没有变动。")


@router.get(LIST)
def index(visit: Annotated[Visit, only(*SEEING, action="查看数量申报")]) -> Response:
    month, page = _month(visit, visit.request.query_params.get("month", "")), listing.page_number(visit)
    visit.about(f"{TITLE} {month}", visit.who.department)
    found = _lines(visit, month)
    first = (page - 1) * listing.PER_PAGE
    table = Listing(TITLE, _columns(visit), found[first : first + listing.PER_PAGE], len(found), page, LIST, {"month": month}, "没有分配的信息项。")
    lacking = len({each.department for each in found if each.said is None})
    told: dict[str, Any] = {"month": month, "months": _months(visit), "lacking": lacking, "by": periods.cut_off_of(month)}
    return visit.page("work_quantities_list.html", title=f"{TITLE}一览", crumbs=CRUMBS, listing=table, **told)


@router.get(LIST + "/export")
def export(visit: Annotated[Visit, only(*SEEING, action="导出数量申报")]) -> Response:
    month = _month(visit, visit.request.query_params.get("month", ""))
    visit.about(f"{TITLE} {month}", visit.who.department)
    return listing.exported(visit, "quantities", TITLE, _columns(visit), _lines(visit, month))


def _month(visit: Visit, text: str) -> str:
    """The month asked for, else the last one that is over. Raises Refusal `invalid`."""
    if not text:
        return periods.before(visit.site.today)
    if text not in _months(visit):
        raise Refusal("invalid", "只能申报已经过去的月份。", "请从列表中选择月份。")
    return text


def _months(visit: Visit) -> list[str]:
    return periods.months(visit.site.today)


def _lines(visit: Visit, month: str) -> list[Line]:
    stands = visit.site.declared.by_subject([QUANTITY], visit.who.department)
    departments = [visit.who.department] if visit.who.department else list(visit.site.departments)
    return [Line(code, item, month, _stands(stands, code, item.code, month)) for code in departments for item in visit.site.owed(code)]


def _stands(stands: Mapping[Subject, Declaration], department: str, item: str, month: str) -> Declaration | None:
    return stands.get(((QUANTITY, department, item), month))


def _form(visit: Visit, month: str, answers: Mapping[str, Answer], seen: Mapping[str, int], faults: Mapping[str, Mapping[str, str]] | None = None, status: int = 200) -> Response:
    told: dict[str, Any] = {"answers": answers, "seen": seen, "faults": faults or {}, "catalog": visit.site.catalog, "counts": COUNTS, "texts": TEXTS}
    about: dict[str, Any] = {"month": month, "months": _months(visit), "by": periods.cut_off_of(month), "late": visit.site.today > periods.cut_off_of(month)}
    return visit.page("work_quantities.html", status, title=TITLE, crumbs=CRUMBS, counted=_counted(visit, month, answers), longest=quantities.LONGEST, **told, **about)


def _counted(visit: Visit, month: str, codes: Mapping[str, Answer]) -> Mapping[str, int]:
    """By item how many records of the month the platform has; nothing when the warehouse does not answer: it is a hint."""
    try:
        return {code: own(visit).decided(visit.site.catalog[code], month) for code in codes}
    except WarehouseError:
        return {}


def _columns(visit: Visit) -> Sequence[Column]:
    def of(name: str) -> Any:
        return lambda row: row.said.about[name] if row.said else ""

    zone = visit.site.zone
    return [
        Column("部门", lambda row: visit.site.departments[row.department].name),
        Column("信息项", lambda row: row.item.title),
        Column("月份", lambda row: row.month, short=True),
        Column("状态", lambda row: "已申报" if row.said else "未申报", short=True),
        *(Column(title, of(name), short=True) for name, title in COUNTS.items()),
        *(Column(title, of(name)) for name, title in TEXTS.items()),
        Column("申报人", lambda row: row.said.by if row.said else "", short=True),
        Column("申报时间", lambda row: row.said.declared_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if row.said else "", short=True),
        Column("逾期", lambda row: "逾期" if row.said and row.said.declared_at.astimezone(zone).date() > periods.cut_off_of(row.month) else "", short=True),
    ]
