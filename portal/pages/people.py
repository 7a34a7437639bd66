"""人员: the accounts. The office and the centre make and change them; a department's reviewer sees its own people."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Response

from portal.accounts import people, roles, sessions, signin
from portal.accounts.people import Draft, PersonFault, Wanted
from portal.accounts.roles import Role
from portal.accounts.tables import Account
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from producers.refusal import Refusal

PATH = "/people"
APPOINTING = (Role.OFFICE, Role.CENTRE)
ASKED = ("department", "role", "text")

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*APPOINTING, Role.REVIEWER, action="查看人员")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    found, total = people.find(visit.db, _wanted(visit, query), (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    table = Listing("人员", _columns(visit), found, total, page, PATH, query, "没有符合条件的人员。" if query else "还没有人员。")
    return visit.page("people.html", title="人员", listing=table, query=query, departments=visit.site.departments.values(), may_add=visit.who.role in APPOINTING)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*APPOINTING, Role.REVIEWER, action="导出人员")]) -> Response:
    found, _ = people.find(visit.db, _wanted(visit, listing.asked(visit, ASKED)), limit=listing.MOST_EXPORTED)
    return listing.exported(visit, "people", "人员", _columns(visit), found)


@router.get(PATH + "/new")
def new(visit: Annotated[Visit, only(*APPOINTING)]) -> Response:
    return _form(visit, Draft("", "", Role.OFFICER), {})


@router.post(PATH)
def add(visit: Annotated[Visit, only(*APPOINTING, action="新建账号")]) -> Response:
    """The password for the first log-in is shown in the answer, and nowhere again."""
    draft = Draft(*(visit.form.get(name, "").strip() for name in ("username", "name", "role", "department", "email")))
    visit.about(f"{draft.username} {draft.role}", draft.department)
    try:
        _may(visit, draft.role)
        account, password = people.add(visit.db, draft, visit.site.departments, visit.site.now())
    except PersonFault as fault:
        return _form(visit, draft, {each.field: each.chinese for each in fault.faults}, 422)
    return _handed_over(visit, account, password, "账号已建立")


@router.get(PATH + "/{account_id}")
def show(account_id: int, visit: Annotated[Visit, only(*APPOINTING, Role.REVIEWER, action="查看账号")]) -> Response:
    return _shown(visit, _account(visit, account_id))


@router.post(PATH + "/{account_id}/disable")
def disable(account_id: int, visit: Annotated[Visit, only(*APPOINTING, action="停用账号")]) -> Response:
    account = _to_change(visit, account_id)
    people.disable(visit.db, account, visit.site.now())
    return visit.go(f"{PATH}/{account.id}", "账号已停用，它的登录都已退出。")


@router.post(PATH + "/{account_id}/enable")
def enable(account_id: int, visit: Annotated[Visit, only(*APPOINTING, action="启用账号")]) -> Response:
    account = _to_change(visit, account_id)
    people.enable(account)
    return visit.go(f"{PATH}/{account.id}", "账号已启用。")


@router.post(PATH + "/{account_id}/reset")
def reset(account_id: int, visit: Annotated[Visit, only(*APPOINTING, action="重置密码")]) -> Response:
    """The new password is shown in the answer, and nowhere again; also releases a lock."""
    account = _to_change(visit, account_id)
    return _handed_over(visit, account, people.reset(visit.db, account, visit.site.now()), "密码已重置")


@router.post(PATH + "/{account_id}/role")
def role(account_id: int, visit: Annotated[Visit, only(*APPOINTING, action="变更角色")]) -> Response:
    account = _to_change(visit, account_id)
    wanted, department = visit.form.get("role", ""), visit.form.get("department", "")
    visit.about(f"{account.username} {account.role}→{wanted}", account.department or department)
    try:
        _may(visit, wanted)
        people.place(account, wanted, department, visit.site.departments)
    except PersonFault as fault:
        return _shown(visit, account, {each.field: each.chinese for each in fault.faults}, 422)
    sessions.end_all(visit.db, account.id, visit.site.now())
    return visit.go(f"{PATH}/{account.id}", "角色已变更，请其重新登录。")


@router.post(PATH + "/{account_id}/sessions/{session}/end")
def end_session(account_id: int, session: str, visit: Annotated[Visit, only(*APPOINTING, action="结束他人的登录会话")]) -> Response:
    account = _to_change(visit, account_id)
    if not sessions.end(visit.db, account.id, session, visit.site.now()):
        raise Refusal("not_found", "没有这个登录会话，或者它已经结束。", "请刷新页面。")
    return visit.go(f"{PATH}/{account.id}", "已结束该登录会话。")


def _wanted(visit: Visit, query: dict[str, str]) -> Wanted:
    """A department's people see their own department, whatever the address asks for."""
    return Wanted(visit.who.department or query.get("department", ""), query.get("role", ""), query.get("text", ""))


def _account(visit: Visit, account_id: int) -> Account:
    """Raises Refusal `not_found`: there is none, or it is another department's."""
    found = visit.db.get(Account, account_id) if account_id < 1 << 31 else None
    if found is None:
        raise Refusal("not_found", "没有这个账号。", "请从人员列表中打开。")
    visit.about(found.username, found.department)
    visit.belongs(found.department, "这个账号")
    return found


def _to_change(visit: Visit, account_id: int) -> Account:
    """Raises Refusal `forbidden` for one's own account and for those one does not appoint."""
    account = _account(visit, account_id)
    if account.id == visit.who.account_id:
        raise Refusal("forbidden", "不能变更自己的账号。", "请另一位管理人员来做。")
    _may(visit, account.role)
    return account


def _may(visit: Visit, wanted: str) -> None:
    if wanted in set(Role) and wanted not in roles.appoints(visit.who.role):
        raise Refusal("forbidden", f"“{visit.who.role.label}”不能管理“{Role(wanted).label}”的账号。", "请归集中心来做。")


def _state(visit: Visit) -> Callable[[Account], str]:
    locked = signin.locks(visit.db, visit.site.now())

    def state(account: Account) -> str:
        if account.disabled_at is not None:
            return "停用"
        if locked(account.username):
            return "锁定"
        return "待首次登录" if account.must_change else "正常"

    return state


def _columns(visit: Visit) -> list[Column]:
    def seen(account: Account) -> str:
        return account.last_login_at.astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M") if account.last_login_at else "从未登录"

    departments = visit.site.departments
    return [
        Column("姓名", lambda row: row.name, lambda row: f"{PATH}/{row.id}"),
        Column("账号", lambda row: row.username, short=True),
        Column("角色", lambda row: Role(row.role).label, short=True),
        Column("部门", lambda row: departments[row.department].name if row.department in departments else row.department or "—"),
        Column("状态", _state(visit), short=True),
        Column("上次登录", seen, short=True),
    ]


def _form(visit: Visit, draft: Draft, faults: dict[str, str], status: int = 200) -> Response:
    told = {"draft": draft, "faults": faults, "departments": visit.site.departments.values(), "appoints": _appoints(visit), "duties": roles.DUTIES}
    return visit.page("person_new.html", status, title="新建账号", crumbs=[(PATH, "人员")], **told)


def _shown(visit: Visit, account: Account, faults: dict[str, str] | None = None, status: int = 200) -> Response:
    mine = account.id == visit.who.account_id
    may_change = visit.who.role in APPOINTING and not mine and Role(account.role) in roles.appoints(visit.who.role)
    live = sessions.live(visit.db, account.id, visit.site.limits, visit.site.now()) if may_change else []
    told = {"account": account, "state": _state(visit)(account), "may_change": may_change, "mine": mine, "sessions": live, "faults": faults or {}}
    chosen = {"departments": visit.site.departments.values(), "appoints": _appoints(visit)}
    return visit.page("person.html", status, title=account.name, crumbs=[(PATH, "人员")], **told, **chosen)


def _handed_over(visit: Visit, account: Account, password: str, what: str) -> Response:
    return visit.page("one_time_password.html", title=what, crumbs=[(PATH, "人员")], account=account, password=password)


def _appoints(visit: Visit) -> list[Role]:
    return [role for role in Role if role in roles.appoints(visit.who.role)]
