"""政务查询: an official looks up a company or a person, says why, and sees what the scope allows; the result stays open to him for a day, page by page, as a file and as a sheet to print."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.accounts.roles import Role
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.government import asking, ledger, lists
from portal.government.asking import ASKING, DECIDING, KINDS, PERSON, Draft
from portal.government.inquiry import Candidate
from portal.government.ledger import OUTCOMES, Answer, Asker, Question
from portal.government.record import USAGES, Record
from portal.government.tables import Authorisation, LookUp
from portal.public import attachments
from producers.refusal import Refusal
from schemas import reason

PATH = "/query"
RESULT = PATH + "/result"
TITLE = "政务查询"
CHECKING = (Role.OFFICE, Role.AUDITOR)  # may open the authorisation that came with somebody else's look-up

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*ASKING, action="打开政务查询")]) -> Response:
    return _form(visit, Draft(), {})


@router.post(PATH)
def look_up(visit: Annotated[Visit, only(*ASKING, action="政务查询", files=attachments.BOUND)]) -> Response:
    """One look-up, written down with every record it shows before anything is shown. Numbers travel in forms, never in addresses."""
    fields = {name: visit.form.get(name, "").strip() for name in ("kind", "said", "choice", "number", "person", "matter", "case_number")}
    draft = Draft(**fields, files=visit.files)
    visit.about(f"{draft.asked} 事由：{draft.matter} 案号：{draft.case_number}")
    if faults := asking.faults(draft, visit.who.role):
        return _form(visit, draft, faults, status=422)
    pace(visit, str(visit.who.account_id))
    answer, several = _answer(visit, draft)
    question = Question(ledger.PAGE, draft.kind, draft.asked, draft.matter, draft.case_number, authorised=bool(draft.files))
    made = ledger.add(visit.db, Asker.of(visit.who, visit.address), question, answer, visit.site.now())
    visit.about(f"{made.number} {made.subject or made.asked} 事由：{draft.matter} 案号：{draft.case_number}")
    return _form(visit, draft, {}, several) if several else _kept(visit, made, draft)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*ASKING, action="导出本人的政务查询")]) -> Response:
    found, _ = ledger.own(visit.db, visit.who.account_id, limit=listing.MOST_EXPORTED)
    return listing.exported(visit, "queries", "本人的查询", _own_columns(visit), found)


@router.get(RESULT + "/{look_up}")
def show(look_up: str, visit: Annotated[Visit, only(*ASKING, action="查看政务查询结果")]) -> Response:
    made, page = _made(visit, look_up), listing.page_number(visit)
    records, gone = _records(visit, made)
    first = (page - 1) * listing.PER_PAGE
    table = Listing("记录", _columns(visit, made), records[first : first + listing.PER_PAGE], len(records), page, f"{RESULT}/{made.number}", {}, _nothing(made))
    told: dict[str, Any] = {"made": made, "gone": gone, "files": _authorisations(visit, made), "kinds": KINDS, "most": len(records) >= 2_000}
    return visit.page("government_result.html", title=made.subject or made.asked, crumbs=[(PATH, TITLE)], listing=table, **told)


@router.get(RESULT + "/{look_up}/export")
def export_result(look_up: str, visit: Annotated[Visit, only(*ASKING, action="导出政务查询结果")]) -> Response:
    made = _made(visit, look_up)
    lines = [list(lists.row(record, _department(visit))) for record in _records(visit, made)[0]]
    return listing.exported(visit, made.number, "记录", [Column(title, itemgetter(at)) for at, title in enumerate(lists.HEAD)], lines)


@router.get(RESULT + "/{look_up}/print")
def sheet(look_up: str, visit: Annotated[Visit, only(*ASKING, action="打印政务查询结果")]) -> Response:
    made = _made(visit, look_up)
    records, gone = _records(visit, made)
    told: dict[str, Any] = {"made": made, "records": records, "gone": gone, "usages": USAGES, "printed": visit.site.now(), "kinds": KINDS}
    return visit.page("government_sheet.html", title="公共信用信息查询结果", crumbs=[(PATH, TITLE)], **told)


@router.get(RESULT + "/{look_up}/records/{shown}")
def record(look_up: str, shown: str, visit: Annotated[Visit, only(*ASKING, action="查看政务查询的一条记录")]) -> Response:
    made = _made(visit, look_up)
    found = next((each for each in _records(visit, made)[0] if each.number == shown), None)
    if found is None:
        raise Refusal("not_found", "这条记录在查询之后有变动或已撤回。", "请返回重新查询。")
    crumbs = [(PATH, TITLE), (f"{RESULT}/{made.number}", made.subject or made.asked)]
    return visit.page("government_record.html", title=found.item.title, crumbs=crumbs, record=found, usages=USAGES)


@router.get(RESULT + "/{look_up}/authorisations/{authorisation}")
def authorisation(look_up: str, authorisation: int, visit: Annotated[Visit, only(*DECIDING, Role.AUDITOR, action="下载查询授权书")]) -> Response:
    """Whoever asked may open it, and those who check. To be saved, never shown in the page."""
    made = ledger.numbered(visit.db, look_up)
    mine = made is not None and (made.account_id == visit.who.account_id or visit.who.role in CHECKING)
    found = next((each for each in _authorisations(visit, made) if each.id == authorisation), None) if made and mine else None
    content = attachments.read(visit.site.settings.home, found.stored) if found else None
    if made is None or found is None or content is None:
        raise Refusal("not_found", "没有这份授权书。", "请从查询结果中打开。")
    visit.about(f"{made.number} {found.name}", made.department)
    return visit.file(content, "application/octet-stream", f"{made.number}-{found.id}.{found.kind}")


def pace(visit: Visit, account: str) -> None:
    """Counts a look-up of an account. Raises Refusal `too_fast`."""
    try:
        visit.site.look_ups.spend(f"account {account}")
    except Refusal as refusal:
        raise Refusal(refusal.code, "您查询得太频繁。", "请等一分钟再查；企业较多时请用清单查询。") from refusal


def _answer(visit: Visit, draft: Draft) -> tuple[Answer, Sequence[Candidate]]:
    """What came of it, and the companies among which the official must choose."""
    asked = lists.inquiry(visit.site, visit.db)
    if draft.kind == PERSON:
        records = asked.person(draft.plain_number, draft.person, draft.usages)
        return Answer(ledger.FOUND if records else ledger.NONE, draft.asked if records else "", records), ()
    chosen = asked.chosen(draft.choice) if draft.choice else None
    found = [chosen] if chosen else asked.companies(draft.said)
    if len(found) == 1:
        return Answer(ledger.FOUND, f"{found[0].name} {found[0].code}".strip(), asked.records(found[0], draft.usages)), ()
    several = found or asked.alike(draft.said)
    return Answer(ledger.SEVERAL if several else ledger.NONE), several


def _kept(visit: Visit, made: LookUp, draft: Draft) -> Response:
    """On to the result. Files are written before their rows and removed when it comes to nothing."""
    with attachments.kept(visit.site.settings.home, draft.files) as kept:
        for (name, content), stored in zip(draft.files, kept, strict=True):
            visit.db.add(Authorisation(look_up_id=made.id, name=attachments.named(name), kind=attachments.kind(content), size=len(content), stored=stored))
        return visit.go(f"{RESULT}/{made.number}")


def _made(visit: Visit, look_up: str) -> LookUp:
    """The visitor's own look-up. Raises Refusal `not_found`: there is none, it is another's, or its day is over."""
    made = ledger.numbered(visit.db, look_up)
    if made is None or made.account_id != visit.who.account_id or made.way != ledger.PAGE:
        raise Refusal("not_found", "没有这次查询。", "请从“政务查询”中打开；只能查看本人的查询。")
    visit.about(f"{made.number} {made.subject or made.asked}")
    if made.at + ledger.KEPT < visit.site.now():
        raise Refusal("not_found", "查询结果只保留 24 小时。", "如仍有需要，请写明事由重新查询。")
    return made


def _records(visit: Visit, made: LookUp) -> tuple[list[Record], int]:
    """What the look-up showed and still stands as it did, and how much of it has changed since."""
    shown = ledger.shown(visit.db, made.id)
    again = lists.inquiry(visit.site, visit.db).again((each.item, each.key, each.version) for each in shown)
    found = [again[each.item, each.key] for each in shown if (each.item, each.key) in again]
    return found, len(shown) - len(found)


def _authorisations(visit: Visit, made: LookUp) -> list[Authorisation]:
    return ledger.authorisations(visit.db, made.id)


def _nothing(made: LookUp) -> str:
    if made.outcome == ledger.FOUND:
        return "没有可以查看的记录。" if made.authorised else "没有可以查看的记录；仅可授权查询的信息，请附被查询人的授权书查询。"
    if made.outcome == ledger.SEVERAL:
        return "有多家，没有列出记录。请从“政务查询”重新查询，选择其中一家。"
    searched = "号码与姓名都相符的记录" if made.kind == PERSON else "统一社会信用代码、组织机构代码、注册号（现用和曾用）和企业名称（现用和曾用）"
    return f"没有查到。查找了{searched}。"


def _department(visit: Visit) -> Any:
    known = visit.site.departments
    return lambda code: known[code].name if code in known else code


def _columns(visit: Visit, made: LookUp) -> list[Column]:
    named = _department(visit)
    return [
        Column("信息项", lambda row: row.item.title),
        Column("内容", lambda row: row.what or "查看", lambda row: f"{RESULT}/{made.number}/records/{row.number}"),
        Column("报送部门", lambda row: named(row.department)),
        Column("归集方式", lambda row: row.way, short=True),
        Column("决定日期", lambda row: row.decided.isoformat() if row.decided else "—", short=True),
        Column("收到日期", lambda row: row.received.astimezone(visit.site.zone).strftime("%Y-%m-%d") if row.received else "—", short=True),
        Column("使用范围", lambda row: USAGES.get(row.usage, row.usage), short=True),
        Column("状态", lambda row: row.mark, short=True),
    ]


def _own_columns(visit: Visit) -> list[Column]:
    return [
        Column("时间", lambda row: row.at.astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M"), short=True),
        Column("所查", lambda row: row.subject or row.asked, lambda row: f"{RESULT}/{row.number}"),
        Column("事由", lambda row: row.matter),
        Column("案号/文号", lambda row: row.case_number),
        Column("授权", lambda row: "有" if row.authorised else "无", short=True),
        Column("结果", lambda row: OUTCOMES[row.outcome], short=True),
        Column("记录数", lambda row: row.records, short=True),
    ]


def _form(visit: Visit, draft: Draft, faults: dict[str, str], several: Sequence[Candidate] = (), status: int = 200) -> Response:
    page = listing.page_number(visit)
    mine, total = ledger.own(visit.db, visit.who.account_id, (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    table = Listing("本人的查询", _own_columns(visit), mine, total, page, PATH, {}, "您还没有查询过。")
    may = visit.who.role in DECIDING
    said = {"matter": reason.public(draft.matter, "none"), "case_number": reason.public(draft.case_number, "none"), "said": asking.covered(draft.said), "person": asking.covered(draft.person)}
    told: dict[str, Any] = {"draft": draft, "said": said, "faults": faults, "several": several, "kinds": KINDS, "may": may, "bound": attachments.BOUND}
    return visit.page("government.html", status, title=TITLE, listing=table, **told)
