"""清单查询: a list of companies in, a workbook out. It is worked on after the answer; the page tells how far it is."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.frame import listing
from portal.frame.access import Files, only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.government import asking, ledger, lists, names
from portal.government.asking import ASKING
from portal.government.ledger import OUTCOMES, Asker
from portal.government.tables import CompanyList
from portal.pages.government import PATH as QUERY
from portal.pages.government import TITLE, pace
from producers.refusal import Refusal
from producers.template import MEDIA
from schemas import reason

PATH = QUERY + "/lists"
NEWEST = 20
FORM_BYTES = 1 << 20

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*ASKING, action="打开清单查询")]) -> Response:
    return _form(visit, {"matter": "", "case_number": "", "companies": ""}, {})


@router.post(PATH)
def begin(visit: Annotated[Visit, only(*ASKING, action="提交清单查询", form_bytes=FORM_BYTES, files=Files(1, names.BYTES))]) -> Response:
    said = {name: visit.form.get(name, "").strip() for name in ("matter", "case_number", "companies")}
    visit.about(f"事由：{said['matter']} 案号：{said['case_number']}")
    found = names.of_file(visit.files[0][1]) if visit.files else names.pasted(said["companies"])
    companies = names.distinct(found)
    faults = {name: words for name, words in asking.reasons(said["matter"], said["case_number"]).items() if words}
    if not companies:
        faults["companies"] = "名单里没有企业。请每行填写一家企业的代码或全称，或者选择文件。"
    elif len(companies) > names.MOST:
        faults["companies"] = f"名单里有 {len(companies)} 家企业，一次最多 {names.MOST} 家，请分成几次。"
    if faults:
        return _form(visit, said, faults, 422)
    pace(visit, str(visit.who.account_id))
    now = visit.site.now()
    made = lists.begin(visit.db, Asker.of(visit.who, visit.address), (said["matter"], said["case_number"]), companies, len(found) - len(companies), now)
    visit.about(f"{made.number} {made.total} 家 事由：{said['matter']} 案号：{said['case_number']}")
    answer = visit.go(f"{PATH}/{made.number}")
    lists.start(visit.site, made)  # after it has been committed
    return answer


@router.get(PATH + "/{listed}")
def show(listed: str, visit: Annotated[Visit, only(*ASKING, action="查看清单查询")]) -> Response:
    """What became of each company so far. Whoever looks at a list that stands still sets it going again."""
    made, page = _made(visit, listed), listing.page_number(visit)
    lists.start(visit.site, made)
    found = ledger.of_list(visit.db, made.id)
    first = (page - 1) * listing.PER_PAGE
    table = Listing("企业", COLUMNS, found[first : first + listing.PER_PAGE], len(found), page, f"{PATH}/{made.number}", {}, "还没有查到第一家。")
    counts = {title: sum(each.outcome == outcome for each in found) for outcome, title in OUTCOMES.items()}
    told: dict[str, Any] = {"made": made, "counts": counts, "done": len(found), "records": sum(each.records for each in found)}
    return visit.page("government_list.html", title=f"清单 {made.number}", crumbs=[(QUERY, TITLE), (PATH, "清单查询")], listing=table, **told)


@router.get(PATH + "/{listed}/export")
def export(listed: str, visit: Annotated[Visit, only(*ASKING, action="导出清单查询的企业")]) -> Response:
    made = _made(visit, listed)
    return listing.exported(visit, made.number, "企业", COLUMNS, ledger.of_list(visit.db, made.id))


@router.get(PATH + "/{listed}/book")
def book(listed: str, visit: Annotated[Visit, only(*ASKING, action="下载清单查询结果")]) -> Response:
    """The workbook of what has been found so far; a record that changed since is left out."""
    made, known = _made(visit, listed), visit.site.departments
    shown = ledger.shown_by_list(visit.db, made.id)
    again = lists.inquiry(visit.site, visit.db).again((each.item, each.key, each.version) for _, each in shown)
    records = [(look_up, again[each.item, each.key]) for look_up, each in shown if (each.item, each.key) in again]
    content = lists.book(visit.site, made, ledger.of_list(visit.db, made.id), records, lambda code: known[code].name if code in known else code)
    return visit.file(content, MEDIA, f"{made.number}.xlsx")


COLUMNS = [
    Column("行", lambda row: row.line, short=True),
    Column("所查", lambda row: row.asked),
    Column("结果", lambda row: OUTCOMES[row.outcome], short=True),
    Column("企业或原因", lambda row: row.subject),
    Column("记录数", lambda row: row.records, short=True),
]


def _made(visit: Visit, listed: str) -> CompanyList:
    """The visitor's own list. Raises Refusal `not_found`: there is none, it is another's, or its day is over."""
    made = lists.numbered(visit.db, listed)
    if made is None or made.account_id != visit.who.account_id:
        raise Refusal("not_found", "没有这份清单。", "请从“清单查询”中打开；只能查看本人的清单。")
    visit.about(f"{made.number} {made.total} 家")
    if made.ended_at and made.ended_at + ledger.KEPT < visit.site.now():
        raise Refusal("not_found", "清单的结果只保留 24 小时。", "如仍有需要，请写明事由重新查询。")
    return made


def _form(visit: Visit, said: dict[str, str], faults: dict[str, str], status: int = 200) -> Response:
    covered = {name: reason.public(text, "none") for name, text in said.items()}
    told: dict[str, Any] = {"said": covered, "faults": faults, "mine": lists.own(visit.db, visit.who.account_id, NEWEST), "most": names.MOST, "size": names.BYTES >> 20}
    return visit.page("government_lists.html", status, title="清单查询", crumbs=[(QUERY, TITLE)], **told)
