"""The documents of a circular: the circular itself, and the centre's report to the office out of the same numbers."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Response

from portal.circular import asking, official, papers, report, shelf
from portal.circular.asking import MAKING, OFFICE, SEEING
from portal.circular.papers import DOCX, FORMS, MEDIA, PDF
from portal.frame.access import only
from portal.frame.visit import Visit
from portal.pages.circular_one import ONE
from producers.refusal import Refusal

router = APIRouter(include_in_schema=False)


@router.get(ONE + "/document")
def document(number: int, visit: Annotated[Visit, only(*SEEING, action="下载通报文件")]) -> Response:
    """As it was signed; while it is not, for the office and the centre, marked as a draft."""
    file, form = asking.file(visit, number), _form(visit)
    if visit.who.department and file.issue is None:
        raise Refusal("not_found", "通报还没有签发，没有文件。", "请在“通报”中核对本部门的数字。")
    return visit.file(papers.document(visit.db, file, form, visit.site.today), MEDIA[form], f"{file.circular.kind}-{file.circular.month}.{form}")


@router.get(ONE + "/report")
def reported(number: int, visit: Annotated[Visit, only(*MAKING, *OFFICE, action="下载归集情况报告")]) -> Response:
    file, form = asking.file(visit, number), _form(visit)
    rows = partial(shelf.rows, visit.db, file)
    content = official.docx(report.paper(file, rows, visit.site.today)) if form in (DOCX, PDF) else report.book(file, rows)
    return visit.file(papers.pdf(content) if form == PDF else content, MEDIA[form], f"report-{file.circular.month}.{form}")


def _form(visit: Visit) -> str:
    asked = visit.request.query_params.get("form", DOCX)
    if asked not in FORMS:
        raise Refusal("malformed", "没有这种格式。", "可以选择 docx、xlsx 或 pdf。")
    return asked
