"""修改密码, forced at the first log-in."""

from typing import Annotated

from fastapi import APIRouter, Response

from portal.accounts import passwords, sessions
from portal.accounts.tables import Account
from portal.frame.access import PASSWORD_PAGE, signed_in
from portal.frame.visit import Visit
from portal.pages import login

router = APIRouter(include_in_schema=False)


@router.get(PASSWORD_PAGE)
def form(visit: Annotated[Visit, signed_in(while_forced=True)]) -> Response:
    return _shown(visit, {})


@router.post(PASSWORD_PAGE)
def change(visit: Annotated[Visit, signed_in("修改密码", while_forced=True)]) -> Response:
    """All other sessions end, this one gets another cookie."""
    account = visit.db.get_one(Account, visit.who.account_id)
    visit.about(account.username)
    current, new = visit.form.get("current", ""), visit.form.get("new", "")
    faults = {"new": list(passwords.faults(new, account.username, account.name)), "current": list[str](), "again": list[str]()}
    if not passwords.matches(account.password, current):
        faults["current"].append("现在的密码不对")
    elif new == current:
        faults["new"].append("不能与现在的密码相同")
    if new != visit.form.get("again", ""):
        faults["again"].append("两次输入的新密码不一致")
    if any(faults.values()):
        return _shown(visit, faults, 422)
    account.password, account.must_change = passwords.hashed(new), False
    sessions.end_all(visit.db, account.id, visit.site.now())
    visit.db.flush()
    login.enter(visit, account, "password")
    return visit.go(login.HOME, "密码已修改。其他地方的登录都已退出。")


@router.post(PASSWORD_PAGE + "/check")
def check(visit: Annotated[Visit, signed_in(while_forced=True)]) -> Response:
    """What is wrong with the new password so far, while it is typed."""
    new = visit.form.get("new", "")
    return visit.fragment("password_faults.html", faults=passwords.faults(new, visit.who.username, visit.who.name) if new else [], good=bool(new))


def _shown(visit: Visit, faults: dict[str, list[str]], status: int = 200) -> Response:
    return visit.page("password.html", status, title="修改密码", faults=faults, rules=passwords.SHORTEST, forced=visit.who.must_change)
