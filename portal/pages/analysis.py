"""分析台: read-only SQL over masked views, under limits, with saved statements and the dictionary of every view and column."""

from operator import itemgetter
from typing import Annotated, Any

from fastapi import APIRouter, Response

from loaders.errors import WarehouseError
from loaders.limits import ANALYST
from portal.accounts.roles import Role
from portal.analysis import running, saved
from portal.analysis.running import Ran
from portal.analysis.statement import LONGEST
from portal.analysis.views import views
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column
from portal.frame.visit import Visit
from portal.reference import COLUMN_KINDS
from producers.refusal import Refusal

PATH = "/analysis"
AT_THE_DESK = (Role.ANALYST, Role.OFFICE, Role.CENTRE)
SHOWN = 1_000
EXAMPLE = "SELECT department, sum(accepted) AS accepted, sum(rejected) AS rejected\nFROM receipts\nGROUP BY department\nORDER BY accepted DESC\nLIMIT 20"

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*AT_THE_DESK, action="打开分析台")]) -> Response:
    return _page(visit, EXAMPLE, None)


@router.post(PATH)
def run(visit: Annotated[Visit, only(*AT_THE_DESK, action="运行分析查询", form_bytes=4 * LONGEST + 4096)]) -> Response:
    text = visit.form.get("sql", "")
    return _page(visit, text, _ran(visit, text))


@router.post(PATH + "/export")
def export(visit: Annotated[Visit, only(*AT_THE_DESK, action="导出分析查询的结果", form_bytes=4 * LONGEST + 4096)]) -> Response:
    text = visit.form.get("sql", "")
    ran = _ran(visit, text)
    if ran.faults:
        return _page(visit, text, ran)
    columns = [Column(name, itemgetter(at)) for at, name in enumerate(ran.names)]
    return listing.exported(visit, "analysis", "分析查询", columns, ran.rows)


@router.post(PATH + "/saved")
def save(visit: Annotated[Visit, only(*AT_THE_DESK, action="保存分析查询", form_bytes=4 * LONGEST + 4096)]) -> Response:
    name, text = " ".join(visit.form.get("name", "").split()), visit.form.get("sql", "").strip()
    if not name or len(name) > saved.LONGEST_NAME or not text or len(text) > LONGEST:
        raise Refusal("invalid", f"名称要填写，最长 {saved.LONGEST_NAME} 个字；语句要填写，最长 {LONGEST} 个字符。", "请返回改正。")
    made = saved.save(visit.db, visit.who, name, text, visit.site.now())
    visit.about(f"{name}：{text[:200]}")
    return visit.go(f"{PATH}/saved/{made.id}", f"已保存：{name}。")


@router.get(PATH + "/saved/{saved_id}")
def opened(saved_id: int, visit: Annotated[Visit, only(*AT_THE_DESK, action="打开保存的查询")]) -> Response:
    found = _saved(visit, saved_id)
    return _page(visit, found.text, None, found)


@router.post(PATH + "/saved/{saved_id}/delete")
def delete(saved_id: int, visit: Annotated[Visit, only(*AT_THE_DESK, action="删除保存的查询")]) -> Response:
    found = _saved(visit, saved_id)
    visit.db.delete(found)
    return visit.go(PATH, f"已删除：{found.name}。")


@router.get(PATH + "/dictionary")
def dictionary(visit: Annotated[Visit, only(*AT_THE_DESK, action="查看数据字典")]) -> Response:
    found = views(visit.site.catalog)
    wanted = visit.request.query_params.get("view", "")
    shown = [found[wanted]] if wanted in found else []
    return visit.page("analysis_dictionary.html", title="数据字典", crumbs=[(PATH, "分析台")], views=list(found.values()), shown=shown, kinds=COLUMN_KINDS, wanted=wanted)


def _saved(visit: Visit, number: int) -> saved.Saved:
    """Raises Refusal `not_found`."""
    found = saved.one(visit.db, number)
    if found is None:
        raise Refusal("not_found", "没有这条保存的查询。", "请从“分析台”的列表中打开。")
    visit.about(found.name)
    return found


def _ran(visit: Visit, text: str) -> Ran:
    """Raises Refusal `unavailable`."""
    visit.about(" ".join(text.split())[:200])
    try:
        return running.run(visit.site.warehouse, views(visit.site.catalog), text)
    except WarehouseError as fault:
        raise Refusal("unavailable", "数据仓库没有应答，现在不能查询。", "请稍后再试。") from fault


def _page(visit: Visit, text: str, ran: Ran | None, chosen: saved.Saved | None = None) -> Response:
    told: dict[str, Any] = {
        "text": text, "ran": ran, "chosen": chosen, "every": saved.every(visit.db), "limits": ANALYST, "shown": SHOWN, "PATH": PATH, "longest_name": saved.LONGEST_NAME, "longest": LONGEST,
    }  # fmt: skip
    return visit.page("analysis.html", title="分析台", **told)
