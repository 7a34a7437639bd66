"""摸底, the items: a department confirms those assigned to it and states how many records of each year it has."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.accounts.roles import Role
from portal.declared import Saying
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Listing
from portal.frame.visit import Visit
from portal.pages.survey import PATH, SEEING
from portal.pages.survey_annexes import CRUMBS, seen_version
from portal.survey import columns, items, site
from portal.survey.items import Answer
from portal.survey.overview import Status
from schemas.declared import ASSIGNMENT, STOCK

router = APIRouter(include_in_schema=False)


@router.get(PATH + "/items")
def form(visit: Annotated[Visit, only(Role.OFFICER, action="打开信息项确认")]) -> Response:
    stands, years = visit.site.declared.standing((ASSIGNMENT, STOCK), visit.who.department), _years(visit)
    answers, seen = dict[str, Answer](), dict[str, int]()
    for item in visit.site.owed(visit.who.department):
        assignment, stock = (stands.get((kind, visit.who.department, item.code)) for kind in (ASSIGNMENT, STOCK))
        answers[item.code] = items.declared(assignment.about if assignment else None, stock.about if stock else None, years)
        seen[f"seen.{ASSIGNMENT}.{item.code}"] = assignment.version if assignment else 0
        seen[f"seen.{STOCK}.{item.code}"] = stock.version if stock else 0
    return _form(visit, answers, seen, {})


@router.post(PATH + "/items")
def send(visit: Annotated[Visit, only(Role.OFFICER, action="提交信息项确认和存量")]) -> Response:
    """Declared is only what changed; all of it or nothing."""
    answers = {item.code: items.said(visit.form, item.code, _years(visit)) for item in visit.site.owed(visit.who.department)}
    seen = {f"seen.{kind}.{code}": seen_version(visit, f"seen.{kind}.{code}") for kind in (ASSIGNMENT, STOCK) for code in answers}
    faults = {code: found for code, answer in answers.items() if (found := items.wrong(answer))}
    if faults:
        return _form(visit, answers, seen, faults, 422)
    stands = visit.site.declared.standing((ASSIGNMENT, STOCK), visit.who.department)
    changed = []
    for code, answer in answers.items():
        for kind, about in ((ASSIGNMENT, answer.assignment()), (STOCK, answer.stock())):
            before = stands.get((kind, visit.who.department, code))
            if about is not None and (before is None or before.about != about):
                changed.append(Saying(kind, visit.who.department, code, about, seen[f"seen.{kind}.{code}"]))
    visit.about(f"信息项 {' '.join(sorted({each.item or '' for each in changed}))}", visit.who.department)
    visit.declare(*changed)
    return visit.go(PATH, f"已提交，{len(changed)} 处有变动。" if changed else "没有变动。")


@router.get(PATH + "/stock")
def stock(visit: Annotated[Visit, only(*SEEING, action="查看存量")]) -> Response:
    found, page = _stock(visit), listing.page_number(visit)
    first = (page - 1) * listing.PER_PAGE
    table = Listing("存量", columns.stock(visit), found[first : first + listing.PER_PAGE], len(found), page, PATH + "/stock", {}, "没有分配的信息项。")
    return visit.page("survey_history.html", title="存量", crumbs=CRUMBS, listing=table)


@router.get(PATH + "/stock/export")
def export_stock(visit: Annotated[Visit, only(*SEEING, action="导出存量")]) -> Response:
    return listing.exported(visit, "stock", "存量", columns.stock(visit), _stock(visit))


def _stock(visit: Visit) -> list[tuple[Status, str]]:
    return [(each, item) for each in site.all_statuses(visit) if visit.who.department in ("", each.department.code) for item in each.items]


def _years(visit: Visit) -> list[int]:
    return list(items.years(site.today(visit).year))


def _form(visit: Visit, answers: Mapping[str, Answer], seen: Mapping[str, int], faults: Mapping[str, Mapping[str, str]], status: int = 200) -> Response:
    told: dict[str, Any] = {"answers": answers, "seen": seen, "faults": faults, "catalog": visit.site.catalog, "years": _years(visit), "choices": items.ANSWERS}
    return visit.page("survey_items.html", status, title="信息项确认和存量", crumbs=CRUMBS, **told)
