"""What a department said that its own titles mean: looked at, and forgotten where it was wrong."""

from typing import Annotated

from fastapi import APIRouter, Response

from portal.frame.access import only
from portal.frame.visit import Visit
from portal.pages.upload import DEPARTMENT, PATH
from producers.refusal import Refusal
from producers.tables.mapping import Kept
from producers.tables.titles import IGNORED

HEADERS = PATH + "/headers"

router = APIRouter(include_in_schema=False)


@router.get(HEADERS)
def index(visit: Annotated[Visit, only(*DEPARTMENT, action="查看记住的表头")]) -> Response:
    catalog = visit.site.catalog
    known = [(catalog[item], title, means) for item, title, means in _kept(visit).all(visit.who.department) if item in catalog]
    shown = [(item, title, _title(item.by_name[means].title if means in item.by_name else means)) for item, title, means in known]
    return visit.page("upload_headers.html", title="记住的表头", crumbs=[(PATH, "数据报送")], shown=shown)


@router.post(HEADERS + "/forget")
def forget(visit: Annotated[Visit, only(*DEPARTMENT, action="忘记表头对应")]) -> Response:
    item, title = visit.form.get("item", ""), visit.form.get("title", "")
    visit.about(f"{item} {title}", visit.who.department)
    if not _kept(visit).forget(visit.who.department, item, title):
        raise Refusal("not_found", "没有记住这个表头。", "请刷新页面。")
    return visit.go(HEADERS, f"不再记住“{title}”；下次上传时会再问。")


def _kept(visit: Visit) -> Kept:
    return Kept(visit.site.settings.mappings)


def _title(means: str) -> str:
    return "不要这一列" if means == IGNORED else means
