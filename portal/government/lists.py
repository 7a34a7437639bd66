"""A list of companies looked up one by one, each in a transaction of its own, after the answer: a death loses nothing, and what was looked up is not looked up again.

Lists show what may be shown without an authorisation: that is one subject's, and goes with one look-up.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from threading import Event

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from infra.cells import Cell
from loaders.published import Published
from portal.accounts.roles import Role
from portal.government import asking, ledger
from portal.government.asking import COMPANY, Draft
from portal.government.inquiry import Candidate, Inquiry
from portal.government.ledger import Answer, Asker, Question
from portal.government.record import USAGES, Record
from portal.government.tables import CompanyList, LookUp
from portal.public.applications import number
from portal.public.marks import Decided
from portal.site import Site
from producers import sheet
from producers.refusal import Refusal
from schemas import reason
from schemas.normalize import ZONE

MOST_RECORDS = 50_000  # of one list; what comes after is not looked up
UNFINISHED = 3  # lists of one account
HEAD = ("信息项", "内容", "报送部门", "归集方式", "决定日期", "收到日期", "使用范围", "公示状态", "明细")


def begin(database: Session, asker: Asker, reasons: tuple[str, str], companies: Sequence[str], repeated: int, now: datetime) -> CompanyList:
    """A list to be worked on; `reasons` are 事由 and 案号, and what is wrong with a company's line is told in its turn. Raises Refusal `busy` when the account has enough of them under way."""
    under_way = select(func.count()).where(CompanyList.account_id == asker.account_id, CompanyList.ended_at.is_(None))
    if (database.scalar(under_way) or 0) >= UNFINISHED:
        raise Refusal("busy", f"您有 {UNFINISHED} 份清单还在查询。", "请等其中一份查完再提交。")
    made = CompanyList(
        number=number("QD", now.astimezone(ZONE).date()), account_id=asker.account_id or 0, asker=json.dumps(vars(asker)),
        matter=reason.public(reasons[0], "none"), case_number=reason.public(reasons[1], "none"),
        companies=json.dumps([(asking.covered(each), asking.company(each)) for each in companies], ensure_ascii=False), total=len(companies), repeated=repeated, made_at=now, ended_at=None,
    )  # fmt: skip
    database.add(made)
    database.flush()
    return made


def start(site: Site, made: CompanyList) -> None:
    """Go on with a list until it is done; again is no harm."""
    if made.ended_at is None:
        site.background.begin(made.number, partial(work, site, made.id))


def resume(site: Site) -> None:
    """Go on with every list that a death or a stop left unfinished."""
    with site.database() as database:
        for each in database.scalars(select(CompanyList).where(CompanyList.ended_at.is_(None)).order_by(CompanyList.id)):
            start(site, each)


def own(database: Session, account_id: int, limit: int) -> list[tuple[CompanyList, int]]:
    """An account's newest lists, each with how many of its companies have been looked up."""
    found = database.scalars(select(CompanyList).where(CompanyList.account_id == account_id).order_by(CompanyList.id.desc()).limit(limit))
    return [(each, done(database, each.id)) for each in found]


def numbered(database: Session, said: str) -> CompanyList | None:
    return database.scalar(select(CompanyList).where(CompanyList.number == said))


def done(database: Session, list_id: int) -> int:
    """How many companies of the list have been looked up."""
    return database.scalar(select(func.count()).where(LookUp.list_id == list_id)) or 0


def work(site: Site, list_id: int, stop: Event) -> None:
    """Look up what is left. Raises Refusal `unavailable`; what was looked up stands, and the rest is for the next time."""
    with site.database() as database:
        wanted = database.get_one(CompanyList, list_id)
        shown = database.scalar(select(func.sum(LookUp.records)).where(LookUp.list_id == list_id)) or 0
        known = set(database.scalars(select(LookUp.line).where(LookUp.list_id == list_id)))
    asker = Asker(**json.loads(wanted.asker))
    for line, (said, fault) in enumerate(json.loads(wanted.companies), 1):
        if stop.is_set():
            return
        fault = fault or (f"本清单的记录已满 {MOST_RECORDS} 条，请另行查询" if shown >= MOST_RECORDS else "")
        if line not in known:
            shown += _one(site, asker, Question(ledger.LIST, COMPANY, said, wanted.matter, wanted.case_number, list_id=list_id, line=line), fault)
    with site.database.begin() as database:
        database.get_one(CompanyList, list_id).ended_at = site.now()


def _one(site: Site, asker: Asker, question: Question, fault: str) -> int:
    """One company; how many records it showed."""
    try:
        with site.database.begin() as database:
            answer = Answer(ledger.REFUSED, fault) if fault else answered(inquiry(site, database), question.asked)
            ledger.add(database, asker, question, answer, site.now())
    except IntegrityError:  # somebody else looked it up at the same moment
        return 0
    return len(answer.records)


def inquiry(site: Site, database: Session) -> Inquiry:
    return Inquiry(Published(site.warehouse, site.catalog), site.catalog, Decided(database), site.today)


def answered(asked: Inquiry, said: str) -> Answer:
    """What a company's code or exact name finds."""
    return told(asked, asked.companies(said))


def told(asked: Inquiry, found: Sequence[Candidate]) -> Answer:
    """Of one company the records that need no authorisation; of several who they are, and nothing more."""
    if len(found) != 1:
        return Answer(ledger.SEVERAL, "；".join(f"{each.name} {each.code}".strip() for each in found)) if found else Answer(ledger.NONE)
    return Answer(ledger.FOUND, f"{found[0].name} {found[0].code}".strip(), asked.records(found[0], Draft().usages))


def book(site: Site, wanted: CompanyList, look_ups: Sequence[LookUp], records: Sequence[tuple[LookUp, Record]], department: Callable[[str], str]) -> bytes:
    """The workbook: who asked and why, what became of each company, and one sheet of records."""
    asker = Asker(**json.loads(wanted.asker))
    unit = department(asker.department) if asker.department else Role(asker.role).label

    def minute(moment: datetime) -> str:
        return moment.astimezone(site.zone).strftime("%Y-%m-%d %H:%M")

    about: list[tuple[str, Cell]] = [
        ("清单编号", wanted.number), ("查询人", f"{asker.name}（{asker.username}）"), ("查询单位", unit), ("事由", wanted.matter),
        ("案号/文号", wanted.case_number), ("查询时间", minute(wanted.made_at)), ("导出时间", minute(site.now())),
        ("企业数", wanted.total), ("已查", len(look_ups)), ("范围", "公示和政府部门共享的信息；仅可授权查询的不在此列，请附授权书单独查询"),
        ("说明", "本表列出查询时有效、导出时仍未变动的记录，仅用于上述事由"),
    ]  # fmt: skip
    companies = [(each.line, each.asked, ledger.OUTCOMES[each.outcome], each.subject, each.records) for each in look_ups]
    lines = ((each.line, each.asked, each.subject, *row(record, department)) for each, record in records)
    return sheet.to_book([
        ("查询说明", ("项目", "内容"), about), ("企业", ("行", "所查", "结果", "企业或原因", "记录数"), companies), ("记录", ("行", "所查", "企业", *HEAD), lines),
    ])  # fmt: skip


def row(record: Record, department: Callable[[str], str]) -> Iterator[Cell]:
    """A record's line under HEAD."""
    from_day = record.received.astimezone(ZONE).strftime("%Y-%m-%d") if record.received else ""
    decided = record.decided.isoformat() if record.decided else ""
    yield from (record.item.title, record.what, department(record.department), record.way, decided, from_day, USAGES.get(record.usage, record.usage), record.mark)
    yield "；".join(f"{fact.title}：{fact.text}" for fact in record.facts)
