"""报送情况: who owes what in a month, what came, and how well; the office sees all departments, a department its own. Every number leads to the records behind it."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from loaders import accounts, completeness, measures
from portal import owed
from portal.accounts.roles import Role
from portal.declared import Saying
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Listing
from portal.frame.visit import Visit
from portal.status import asking, behind, columns, words
from portal.status.asking import Question
from producers.refusal import Refusal
from schemas.declared import FREQUENCY, FREQUENCY_TITLES
from schemas.obligations.ledger import STATES
from schemas.obligations.stock import Stock

PATH = "/status"
OFFICE = (Role.OFFICE, Role.CENTRE)
SEEING = (Role.OFFICER, Role.REVIEWER, *OFFICE)

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*SEEING, action="查看报送情况")]) -> Response:
    asked, page = asking.question(visit), listing.page_number(visit)
    found = asking.accounts_of(visit, asked)
    first = (page - 1) * listing.PER_PAGE
    shown = columns.accounts(visit, asked)
    table = Listing("报送情况", shown, found[first : first + listing.PER_PAGE], len(found), page, PATH, asked.query, "没有符合条件的报送任务。")
    told: dict[str, Any] = {
        "departments": [] if visit.who.department else [(code, each.name) for code, each in visit.site.departments.items()],
        "items": _items(visit), "states": [(each, each) for each in STATES], "totals": behind.totals(found), "asked": asked, "office": visit.who.role in OFFICE,
    }  # fmt: skip
    return visit.page("status.html", title="报送情况", listing=table, query=asked.query, **told)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*SEEING, action="导出报送情况")]) -> Response:
    asked = asking.question(visit)
    return listing.exported(visit, f"status-{asked.month}", f"{asked.month} 报送情况", columns.summed(visit), asking.accounts_of(visit, asked))


@router.get(PATH + "/stock")
def stock(visit: Annotated[Visit, only(*SEEING, action="查看存量归集情况")]) -> Response:
    asked, page = asking.question(visit), listing.page_number(visit)
    found = _stock(visit, asked)
    first = (page - 1) * listing.PER_PAGE
    table = Listing("存量归集情况", columns.stock(visit), found[first : first + listing.PER_PAGE], len(found), page, f"{PATH}/stock", asked.query, "没有存量任务。")
    return visit.page("status_list.html", title="存量归集情况", crumbs=[(PATH, "报送情况")], listing=table, asked=asked)


@router.get(PATH + "/stock/export")
def export_stock(visit: Annotated[Visit, only(*SEEING, action="导出存量归集情况")]) -> Response:
    return listing.exported(visit, "stock", "存量归集情况", columns.stock(visit), _stock(visit, asking.question(visit)))


@router.get(PATH + "/{department}/{item}")
def show(department: str, item: str, visit: Annotated[Visit, only(*SEEING, action="查看一项的报送情况")]) -> Response:
    return shown(visit, asking.of(visit, department, item))


@router.get(PATH + "/{department}/{item}/export")
def export_periods(department: str, item: str, visit: Annotated[Visit, only(*SEEING, action="导出各期的报送情况")]) -> Response:
    asked = asking.of(visit, department, item)
    return listing.exported(visit, f"periods-{department}-{item}-{asked.month}", "各期的报送情况", columns.periods(), asking.account(visit, asked).lines)


@router.get(PATH + "/{department}/{item}/records")
def records(department: str, item: str, visit: Annotated[Visit, only(*SEEING, action="查看数字背后的记录")]) -> Response:
    asked, page = asking.of(visit, department, item), listing.page_number(visit)
    of, base = behind.of(visit), f"{PATH}/{department}/{item}"
    found = behind.Behind(visit, asked, of)
    rows = found.rows((page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    table = Listing(behind.TITLES[of], found.columns, rows, found.total, page, f"{base}/records", asked.as_of | {"of": of}, "没有记录。")
    name = f"{visit.site.departments[department].name}：{visit.site.catalog[item].title}"
    crumbs = [(f"{PATH}?{urlencode(asked.as_of)}", "报送情况"), (f"{base}?{urlencode(asked.as_of)}", name)]
    return visit.page("status_list.html", title=behind.TITLES[of], crumbs=crumbs, listing=table, asked=asked)


@router.get(PATH + "/{department}/{item}/records/export")
def export_records(department: str, item: str, visit: Annotated[Visit, only(*SEEING, action="导出数字背后的记录")]) -> Response:
    asked, of = asking.of(visit, department, item), behind.of(visit)
    found = behind.Behind(visit, asked, of)
    return listing.exported(visit, f"{of}-{department}-{item}-{asked.month}", behind.TITLES[of], found.columns, found.rows(0, listing.MOST_EXPORTED))


@router.post(PATH + "/{department}/{item}")
def set_frequency(department: str, item: str, visit: Annotated[Visit, only(*OFFICE, action="设定一项的归集频率")]) -> Response:
    """The office's own frequency for one item of one department; blank: what annex 2 says."""
    asked, frequency = asking.of(visit, department, item), visit.form.get("frequency", "")
    if frequency not in ("", *FREQUENCY_TITLES):
        raise Refusal("malformed", "没有这种频率。", "请返回后重新选择。")
    seen = visit.form.get("seen", "")
    visit.declare(Saying(FREQUENCY, department, item, {"frequency": frequency}, int(seen) if seen.isdigit() and len(seen) < 8 else 0))
    told = FREQUENCY_TITLES.get(frequency, "按附件2")
    return visit.go(f"{PATH}/{department}/{item}?{urlencode(asked.as_of)}", f"已设定：{told}。从下一期起执行。")


def shown(visit: Visit, asked: Question) -> Response:
    """One assignment in one month: its periods, its rates, what is open since when, and which fields are filled how well."""
    account, site = asking.account(visit, asked), visit.site
    department, item = site.departments[account.duty.department], site.catalog[account.duty.item]
    with owed.answering():
        ages = measures.aged(measures.ageing(site.warehouse, site.catalog, asked.asked), asked.on)
        fields = completeness.fields(site.warehouse, item, asked.asked)
    base = f"{PATH}/{department.code}/{item.code}"
    table = Listing("各期", columns.periods(), account.lines, len(account.lines), 1, base, asked.as_of, "本月没有期次。")
    own = site.declared.standing([FREQUENCY]).get((FREQUENCY, department.code, item.code))
    told: dict[str, Any] = {
        "account": account, "asked": asked, "rates": behind.rates(account), "ages": behind.ages(ages), "lacking": behind.lacking(fields), "ways": words.ways(account.duty.ways),
        "confirmed": words.confirmed(account.duty.confirmed), "frequencies": list(FREQUENCY_TITLES.items()), "own": own.about["frequency"] if own else "",
        "seen": own.version if own else 0, "may_set": visit.who.role in OFFICE, "unit": department.name, "records": f"{base}/records?{urlencode(asked.as_of)}", "rule": words.rule(item),
    }  # fmt: skip
    return visit.page("status_account.html", title=item.title, crumbs=[(f"{PATH}?{urlencode(asked.as_of)}", "报送情况")], listing=table, **told)


def _stock(visit: Visit, asked: Question) -> list[Stock]:
    with owed.answering():
        found = accounts.stock(visit.site.warehouse, owed.owing(visit.site), owed.declared(visit.site), asked.asked)
    state = asked.query.get("state", "")
    return [each for each in found if state in ("", each.state)]


def _items(visit: Visit) -> list[tuple[str, str]]:
    """The items that anybody, or the visitor's department, has to report."""
    owed_items = {each.item for each in visit.site.assignments if visit.who.department in ("", each.department)}
    return [(code, item.title) for code, item in visit.site.catalog.items() if code in owed_items]
