"""One circular: what it says, what departments said of it, the lines and the records behind each number, as they were frozen."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.circular import asking, columns, issue, papers, steps
from portal.circular.asking import BEHIND, DEPARTMENT, MAKING, OFFICE, PATH, SEEING
from portal.circular.result import AMENDABLE, TITLES
from portal.circular.shelf import File
from portal.circular.tables import CIRCULAR
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Listing
from portal.frame.visit import Visit

ONE = PATH + "/{number}"
LINE = ONE + "/{department}/{item}"
LEADS = {"collected": "decided", "timely": "late", "first_try": "again", "valid": "judged", "open": "open"}  # a figure to the rows behind it

router = APIRouter(include_in_schema=False)


@router.get(ONE)
def show(number: int, visit: Annotated[Visit, only(*SEEING, action="查看通报")]) -> Response:
    file = asking.file(visit, number)
    table = _ranking(visit, file) if _sees_all(visit, file) else _lines(visit, file)
    mine = visit.who.department
    told: dict[str, Any] = {
        "file": file, "sees_all": _sees_all(visit, file), "listing": table, "problems": _problems(visit, file), "titles": file.text["titles"], "figures": TITLES,
        "objections": [each for each in file.standing.objections.values() if not mine or each.department == mine or file.issue], "kind": CIRCULAR,
        "steps": [each for each in file.standing.steps if not mine or each.department in ("", mine)], "step_titles": steps.TITLES, "waits": issue.waits(file, asking.act(visit)),
        "answers": _answers(visit, file), "answer": file.standing.answer(mine, visit.site.today) if mine else "", "over": file.standing.over(visit.site.today),
        "making": visit.who.role in MAKING, "office": visit.who.role in OFFICE, "rate": columns.rate, "states": steps,
        "trend": _trend(visit, file), "pdf": papers.pdf_is_possible(),
    }  # fmt: skip
    return visit.page("circular_one.html", title=file.title, crumbs=asking.CRUMBS, **told)


@router.get(ONE + "/export")
def export(number: int, visit: Annotated[Visit, only(*SEEING, action="导出通报排名")]) -> Response:
    file = asking.file(visit, number)
    if not _sees_all(visit, file):
        return _exported_lines(visit, file)
    return listing.exported(visit, f"circular-{file.circular.month}", "排名", columns.departments(None, apart=True), file.result["departments"])


@router.get(ONE + "/lines")
def lines(number: int, visit: Annotated[Visit, only(*SEEING, action="查看通报明细")]) -> Response:
    file = asking.file(visit, number)
    return visit.page("circular_list.html", title="分项明细", crumbs=_crumbs(file), listing=_lines(visit, file), file=file)


@router.get(ONE + "/lines/export")
def export_lines(number: int, visit: Annotated[Visit, only(*SEEING, action="导出通报明细")]) -> Response:
    return _exported_lines(visit, asking.file(visit, number))


@router.get(LINE)
def line(number: int, department: str, item: str, visit: Annotated[Visit, only(*SEEING, action="查看通报的一项")]) -> Response:
    file = asking.file(visit, number)
    found = asking.line(visit, file, department, item)
    answering = visit.who.role in DEPARTMENT and file.standing.state == steps.CONSULTING and not file.standing.over(visit.site.today)
    told: dict[str, Any] = {
        "file": file, "line": found.frozen, "stands": found.stands, "figures": [(name, title, columns.said(found.stands, name), LEADS.get(name, "")) for name, title in TITLES.items()],
        "amendable": [(name, TITLES[name]) for name in AMENDABLE], "may_object": answering and department not in file.standing.confirmed, "answering": answering,
        "may_correct": visit.who.role in (*OFFICE, *MAKING) and bool(file.issue) and file.circular.kind == CIRCULAR, "aged": _aged(file, department, item),
        "objections": [each for each in file.standing.objections.values() if (each.department, each.item) == (department, item)], "names": TITLES, "rate": columns.rate,
        "fields": _lacking(found.frozen["fields"]), "unit": _name(file, department), "longest": steps.LONGEST,
    }  # fmt: skip
    return visit.page("circular_line.html", title=file.text["titles"][item], crumbs=_crumbs(file), **told)


@router.get(LINE + "/records")
def records(number: int, department: str, item: str, visit: Annotated[Visit, only(*SEEING, action="查看通报数字背后的记录")]) -> Response:
    file, of, page = asking.file(visit, number), _of(visit), listing.page_number(visit)
    asking.line(visit, file, department, item)
    found = asking.rows(visit, file, (department, item), of)
    base, first = f"{PATH}/{number}/{department}/{item}", (page - 1) * listing.PER_PAGE
    block, title, _ = BEHIND[of]
    table = Listing(title, columns.behind(block), found[first : first + listing.PER_PAGE], len(found), page, f"{base}/records", {"of": of}, "没有记录。")
    return visit.page("circular_list.html", title=title, crumbs=[*_crumbs(file), (base, f"{_name(file, department)}：{file.text['titles'][item]}")], listing=table, file=file)


@router.get(LINE + "/records/export")
def export_records(number: int, department: str, item: str, visit: Annotated[Visit, only(*SEEING, action="导出通报数字背后的记录")]) -> Response:
    file, of = asking.file(visit, number), _of(visit)
    asking.line(visit, file, department, item)
    block, title, _ = BEHIND[of]
    return listing.exported(visit, f"{of}-{department}-{item}-{file.circular.month}", title, columns.behind(block), asking.rows(visit, file, (department, item), of))


def _of(visit: Visit) -> str:
    asked = visit.request.query_params.get("of", "")
    return asked if asked in BEHIND else next(iter(BEHIND))


def _sees_all(visit: Visit, file: File) -> bool:
    """A department sees the table of all departments once it is issued."""
    return not visit.who.department or file.issue is not None


def _ranking(visit: Visit, file: File) -> Listing:
    found = file.result["departments"]
    page, path = listing.page_number(visit), f"{PATH}/{file.circular.id}"
    first = (page - 1) * listing.PER_PAGE
    return Listing("各部门得分和排名", columns.departments(None), found[first : first + listing.PER_PAGE], len(found), page, path, {}, "本月没有报送任务。")


def _own(visit: Visit, file: File) -> Sequence[Any]:
    return [each for each in file.result["lines"] if visit.who.department in ("", each["department"])]


def _lines(visit: Visit, file: File) -> Listing:
    found, page, path = _own(visit, file), listing.page_number(visit), f"{PATH}/{file.circular.id}"
    first = (page - 1) * listing.PER_PAGE
    return Listing("分项明细", columns.lines(file.text, path), found[first : first + listing.PER_PAGE], len(found), page, f"{path}/lines", {}, "本月没有报送任务。")


def _exported_lines(visit: Visit, file: File) -> Response:
    return listing.exported(visit, f"circular-lines-{file.circular.month}", "分项明细", columns.lines(file.text, PATH, apart=True), _own(visit, file))


def _problems(visit: Visit, file: File) -> Sequence[Any]:
    return [each for each in file.result["problems"] if _sees_all(visit, file) or each["department"] == visit.who.department]


def _trend(visit: Visit, file: File) -> tuple[list[str], list[list[str]]] | None:
    """Score and rank in this circular and before, of a department its own; None where there is nothing before, or nothing to be seen yet."""
    if not _sees_all(visit, file) or not file.result["before"]:
        return None
    header, rows = columns.trend(file.result)
    mine = [each["department"] for each in file.result["departments"]]
    return header, [row for code, row in zip(mine, rows, strict=True) if visit.who.department in ("", code)]


def _answers(visit: Visit, file: File) -> list[tuple[str, list[str]]]:
    """For the office: which departments have said what."""
    if visit.who.department or file.standing.until is None or file.circular.kind != CIRCULAR:
        return []
    said = {code: file.standing.answer(code, visit.site.today) for code in file.departments}
    return [(answer, [_name(file, code) for code, each in said.items() if each == answer]) for answer in steps.ANSWERS]


def _aged(file: File, department: str, item: str) -> int:
    found = file.text["blocks"].get(f"{department}/{item}/{BEHIND['aged'][0]}")
    return int(found[0]) if found else 0


def _lacking(fields: Sequence[Any]) -> list[tuple[str, str, int]]:
    """Each field with its rate and how many are blank, the emptiest first."""
    found = sorted(fields, key=lambda each: (each["filled"] / each["applicable"], each["title"]))
    return [(each["title"], columns.rate([each["filled"], each["applicable"]]), each["applicable"] - each["filled"]) for each in found]


def _name(file: File, department: str) -> str:
    return next((short for code, _, short in file.text["departments"] if code == department), department)


def _crumbs(file: File) -> list[tuple[str, str]]:
    return [*asking.CRUMBS, (f"{PATH}/{file.circular.id}", file.title)]
