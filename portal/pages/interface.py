"""数据接口: a department's tokens for its own systems, and where to read on."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal import tokens
from portal.accounts.roles import Role
from portal.database import Token
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.tokens import Issued, TokenFault
from producers.principal import QUERY, SUBMIT, suitable
from producers.refusal import Refusal

PATH = "/interface"
DEPARTMENT = (Role.OFFICER, Role.REVIEWER)
SEEING = (*DEPARTMENT, Role.OFFICE, Role.CENTRE)
DAYS = {"90": "90 天", "180": "半年", "365": "一年", "730": "两年"}
GRACE = {"0": "立即", "1": "1 天后", "7": "7 天后", "30": "30 天后"}
SCOPES = {SUBMIT: "报送", QUERY: "政务查询"}
UNSUITABLE = "用小写字母开头，由小写字母、数字和 - 组成，不超过 32 个字符；不能叫 excel、file、form"

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*SEEING, action="查看令牌")]) -> Response:
    query, page = listing.asked(visit, ["department"]), listing.page_number(visit)
    found = _found(visit, query)
    first = (page - 1) * listing.PER_PAGE
    table = Listing("令牌", _columns(visit), found[first : first + listing.PER_PAGE], len(found), page, PATH, query, "还没有令牌。")
    told: dict[str, Any] = {"items": visit.site.owed(visit.who.department), "may_make": visit.who.role in DEPARTMENT, "departments": visit.site.departments.values()}
    return visit.page("interface.html", title="数据接口", listing=table, query=query, **told)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*SEEING, action="导出令牌清单")]) -> Response:
    return listing.exported(visit, "tokens", "令牌", _columns(visit), _found(visit, listing.asked(visit, ["department"])))


@router.get(PATH + "/new")
def new(visit: Annotated[Visit, only(*DEPARTMENT)]) -> Response:
    return _form(visit, {"client": "", "days": "365", "items": [item.code for item in visit.site.owed(visit.who.department)], "scope": SUBMIT}, {})


@router.post(PATH)
def create(visit: Annotated[Visit, only(*DEPARTMENT, action="新建令牌")]) -> Response:
    """The token is shown in the answer, and nowhere again."""
    client, days, chosen, scope = visit.form.get("client", "").strip(), visit.form.get("days", ""), visit.chosen.get("items", []), visit.form.get("scope", SUBMIT)
    visit.about(f"{visit.who.department}/{client}")
    owed = [item.code for item in visit.site.owed(visit.who.department)]
    items = [code for code in owed if code in chosen]
    faults = {"days": "请选择有效期"} if days not in DAYS else {}
    if scope not in SCOPES:
        faults["scope"] = "请选择用途"
    if not items and scope == SUBMIT:
        faults["items"] = "请至少选择一个信息项"
    if not suitable(client):
        faults["client"] = UNSUITABLE
    if faults:
        return _form(visit, {"client": client, "days": days, "items": items, "scope": scope}, faults, 422)
    return _handed_over(visit, tokens.create(visit.db, visit.who.department, client, items if scope == SUBMIT else (), int(days), scope), "令牌已建立")


@router.get(PATH + "/{prefix}")
def show(prefix: str, visit: Annotated[Visit, only(*SEEING, action="查看令牌")]) -> Response:
    token = _token(visit, prefix)
    catalog = visit.site.catalog
    items = [(code, catalog[code].title if code in catalog else "已不在目录中") for code in filter(None, token.items.split(","))]
    told: dict[str, Any] = {"token": token, "items": items, "state": _state(token, visit.site.now()), "good": tokens.good(token, visit.site.now())}
    chosen: dict[str, Any] = {"scope": SCOPES.get(token.scope, token.scope), "days": DAYS, "grace": GRACE, "may_make": visit.who.role in DEPARTMENT}
    return visit.page("token.html", title=f"令牌 gj_{token.prefix}", crumbs=[(PATH, "数据接口")], **told, **chosen)


@router.post(PATH + "/{prefix}/rotate")
def rotate(prefix: str, visit: Annotated[Visit, only(*DEPARTMENT, action="更换令牌")]) -> Response:
    """The new token is shown in the answer; the old one goes on for the days chosen."""
    token, grace, days = _token(visit, prefix), visit.form.get("grace", ""), visit.form.get("days", "")
    if grace not in GRACE or days not in DAYS:
        raise Refusal("invalid", "请选择旧令牌何时停用和新令牌的有效期。", "请返回令牌的页面重新选择。")
    try:
        issued = tokens.rotate(visit.db, token, int(grace), int(days))
    except TokenFault as fault:
        raise Refusal("conflict", "这个令牌已经撤销或过期，不能更换。", "请新建一个令牌。") from fault
    return _handed_over(visit, issued, "令牌已更换")


@router.post(PATH + "/{prefix}/revoke")
def revoke(prefix: str, visit: Annotated[Visit, only(*SEEING, action="撤销令牌")]) -> Response:
    token = _token(visit, prefix)
    tokens.revoke(visit.db, token.prefix)
    return visit.go(f"{PATH}/{token.prefix}", "令牌已撤销，从现在起不再接受。")


def _found(visit: Visit, query: dict[str, str]) -> list[Token]:
    """Newest first; a department's people see their own department's, whatever the address asks for."""
    return tokens.find(visit.db, visit.who.department or query.get("department") or None)[::-1]


def _token(visit: Visit, prefix: str) -> Token:
    """Raises Refusal `not_found`: there is none, or it is another department's."""
    found = visit.db.get(Token, prefix[:12])
    if found is None or prefix != found.prefix:
        raise Refusal("not_found", "没有这个令牌。", "请从“数据接口”的列表中打开。")
    visit.about(f"gj_{found.prefix} {found.department}/{found.client}", found.department)
    visit.belongs(found.department, "这个令牌")
    return found


def _state(token: Token, now: datetime) -> str:
    if token.revoked_at is not None:
        return "已撤销"
    return "有效" if tokens.good(token, now) else "已过期"


def _columns(visit: Visit) -> list[Column]:
    departments, now = visit.site.departments, visit.site.now()

    def day(value: datetime | None, none: str) -> str:
        return value.astimezone(visit.site.zone).strftime("%Y-%m-%d") if value else none

    def used(row: Token) -> str:
        return row.last_used_at.astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M") if row.last_used_at else "从未使用"

    return [
        Column("令牌", lambda row: f"gj_{row.prefix}", lambda row: f"{PATH}/{row.prefix}"),
        Column("系统", lambda row: row.client, short=True),
        Column("部门", lambda row: departments[row.department].name if row.department in departments else row.department),
        Column("用途", lambda row: SCOPES.get(row.scope, row.scope), short=True),
        Column("信息项", lambda row: f"{len(row.items.split(','))} 项" if row.items else "—" if row.scope == QUERY else "全部", short=True),
        Column("建立", lambda row: day(row.created_at, "—"), short=True),
        Column("到期", lambda row: day(row.expires_at, "长期"), short=True),
        Column("最近使用", used, short=True),
        Column("状态", lambda row: _state(row, now), short=True),
    ]


def _form(visit: Visit, said: dict[str, object], faults: dict[str, str], status: int = 200) -> Response:
    told: dict[str, Any] = {"said": said, "faults": faults, "items": visit.site.owed(visit.who.department), "days": DAYS, "unsuitable": UNSUITABLE, "scopes": SCOPES}
    return visit.page("token_new.html", status, title="新建令牌", crumbs=[(PATH, "数据接口")], **told)


def _handed_over(visit: Visit, issued: Issued, what: str) -> Response:
    visit.about(f"gj_{issued.prefix} {visit.who.department}")
    return visit.page("token_issued.html", title=what, crumbs=[(PATH, "数据接口")], issued=issued, base=str(visit.request.base_url).rstrip("/"))
