"""看板: boards of charts over what was received, judged and owed; the centre, the office and analysts see all, a department its own.

Each chart is its table where no script runs, leads to the records behind its numbers, and shows its SQL.
"""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from loaders import figures
from portal import assets, owed
from portal.accounts.roles import Role
from portal.boards import asking, chart
from portal.boards.asking import GRAINS, NAMES, Question
from portal.boards.chart import BOARDS, Chart
from portal.boards.drawing import Drawing
from portal.entry.showing import WAYS
from portal.frame import listing
from portal.frame.access import only
from portal.frame.visit import Visit
from producers.refusal import Refusal

PATH = "/boards"
SEEING = (Role.OFFICER, Role.REVIEWER, Role.OFFICE, Role.CENTRE, Role.ANALYST)

router = APIRouter(include_in_schema=False)


def _board(board: str) -> Callable[[Visit], Response]:
    def show(visit: Annotated[Visit, only(*SEEING, action=f"查看看板：{BOARDS[board]}")]) -> Response:
        return _shown(visit, board)

    return show


router.get(PATH)(_board("overview"))
for _each in list(BOARDS)[1:]:
    router.get(f"{PATH}/{_each}")(_board(_each))


@router.get(PATH + "/sql")
def sql(visit: Annotated[Visit, only(*SEEING, action="查看图表的 SQL")]) -> Response:
    asked, found = asking.question(visit), _chart(visit)
    drawing = Drawing(visit, asked)
    with owed.answering():
        text = "" if drawing.lacks(found) else drawing.sql(found)
    return visit.page("boards_sql.html", title=f"{found.title}：SQL", crumbs=[(_address(next(iter(found.boards)), asked), "看板")], chart=found, text=text)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*SEEING, action="导出图表的数据")]) -> Response:
    asked, found = asking.question(visit), _chart(visit)
    drawn = Drawing(visit, asked).drawn(found)
    return listing.exported(visit, f"{found.name}-{asked.first}-{asked.last}", found.title[:31], drawn.exported, drawn.rows)


def _shown(visit: Visit, board: str) -> Response:
    asked, site = asking.question(visit), visit.site
    visit.about(BOARDS[board], visit.who.department)
    drawing = Drawing(visit, asked)
    drawn = [(drawing.drawn(each), drawing.lacks(each)) for each in chart.of(board)]
    with owed.answering():
        loaded = figures.loaded_until(site.warehouse)
    told: dict[str, Any] = {
        "departments": [] if visit.who.department else [(code, each.name) for code, each in site.departments.items()], "items": _items(visit), "ways": list(WAYS.items()),
        "boards": [(_address(code, asked), title, code) for code, title in BOARDS.items()], "board": board, "grains": list(GRAINS.items()), "charts": drawn, "asked": asked, "loaded": loaded,
        "echarts": assets.address(site.settings.cache, assets.ECHARTS), "script": assets.address(site.settings.cache, assets.BOARDS), "PATH": PATH,
    }  # fmt: skip
    return visit.page("boards.html", title=f"看板：{BOARDS[board]}", **told)


def _address(board: str, asked: Question) -> str:
    kept = {name: value for name, value in asked.query.items() if name in NAMES}
    return PATH + ("" if board == "overview" else f"/{board}") + (f"?{urlencode(kept)}" if kept else "")


def _chart(visit: Visit) -> Chart:
    """The chart that the address names. Raises Refusal `not_found`."""
    found = chart.charts().get(visit.request.query_params.get("chart", next(iter(chart.charts()))))
    if found is None:
        raise Refusal("not_found", "没有这个图表。", "请从“看板”中打开。")
    visit.about(found.title, visit.who.department)
    return found


def _items(visit: Visit) -> list[tuple[str, str]]:
    owed_items = {each.item for each in visit.site.assignments if visit.who.department in ("", each.department)}
    return [(code, item.title) for code, item in visit.site.catalog.items() if code in owed_items]
