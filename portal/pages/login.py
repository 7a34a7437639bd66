"""登录、退出."""

import re
from typing import Annotated

from fastapi import APIRouter, Response

from portal.accounts import sessions, signin
from portal.accounts.sessions import Origin
from portal.accounts.signin import SignInFault
from portal.accounts.tables import Account
from portal.frame.access import anyone, entrance, signed_in
from portal.frame.visit import Visit
from producers.refusal import Refusal

# A path of ours, never another host's: "//host" and "/\host" lead away.
OURS = re.compile(r"/(?![/\\])[^\\\s]*")
HOME = "/my-work"

router = APIRouter(include_in_schema=False)


@router.get("/login")
def form(visit: Annotated[Visit, anyone()], next: str = HOME) -> Response:
    if visit.person is not None:
        return visit.go(_ours(next))
    return shown(visit, next)


@router.post("/login")
def log_in(visit: Annotated[Visit, entrance("登录")]) -> Response:
    site, username, back = visit.site, visit.form.get("username", ""), visit.form.get("next", HOME)
    paced(visit)
    try:
        account = signin.attempt(site.database, username, visit.form.get("password", ""), site.now())
    except SignInFault as fault:
        visit.about(f"{fault.account.username} {fault}" if fault.account else f"未知账号 {fault}", fault.account.department if fault.account else "")
        return shown(visit, back, username=username, fault=str(fault), status=401)
    enter(visit, account, "password")
    return visit.go(_ours(back))


@router.post("/logout")
def log_out(visit: Annotated[Visit, signed_in("退出", while_forced=True)]) -> Response:
    sessions.end(visit.db, visit.who.account_id, visit.who.session_id, visit.site.now())
    visit.left()
    return visit.go("/login")


def paced(visit: Visit) -> None:
    """Count an attempt of this address. Raises Refusal `too_fast`."""
    try:
        visit.site.log_ins.spend(visit.address)
    except Refusal as refusal:
        raise Refusal(refusal.code, "从您的网络地址来的登录太频繁。", "请等一分钟再试。") from refusal


def enter(visit: Visit, account: Account, way: str) -> None:
    """Give the visitor a new session of this account; the one he came with, if any, ends."""
    now, database = visit.site.now(), visit.db
    if visit.person is not None:
        sessions.end(database, visit.person.account_id, visit.person.session_id, now)
    account = database.get_one(Account, account.id)
    secret = sessions.start(database, account, Origin(way, visit.address, visit.request.headers.get("user-agent", "")), now)
    database.flush()
    person = sessions.person(database, secret, visit.site.limits, now)
    assert person is not None  # it was made a line above
    visit.about(account.username, account.department)
    visit.entered(person, secret)


def shown(visit: Visit, back: str, username: str = "", fault: str = "", status: int = 200) -> Response:
    """The log-in, with what went wrong."""
    oidc = visit.site.settings.oidc_title if visit.site.settings.oidc_issuer else ""
    return visit.page("login.html", status, title="登录", next=_ours(back), username=username, fault=fault, oidc=oidc)


def _ours(path: str) -> str:
    return path if OURS.fullmatch(path) else HOME
