"""登录会话: where I am logged in, and ending it."""

from typing import Annotated

from fastapi import APIRouter, Response

from portal.accounts import sessions
from portal.frame.access import signed_in
from portal.frame.visit import Visit
from producers.refusal import Refusal

PATH = "/account/sessions"

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, signed_in()]) -> Response:
    found = sessions.live(visit.db, visit.who.account_id, visit.site.limits, visit.site.now())
    limits = visit.site.limits
    return visit.page("sessions.html", title="登录会话", sessions=found, idle=limits.idle.seconds // 60, hours=int(limits.whole.total_seconds() // 3600))


@router.post(PATH + "/{session}/end")
def end(session: str, visit: Annotated[Visit, signed_in("结束登录会话")]) -> Response:
    visit.about(f"{visit.who.username} {session[:16]}")
    if not sessions.end(visit.db, visit.who.account_id, session, visit.site.now()):
        raise Refusal("not_found", "没有这个登录会话，或者它已经结束。", "请刷新登录会话的列表。")
    return visit.go(PATH, "已结束该登录会话。")


@router.post(PATH + "/end-others")
def end_others(visit: Annotated[Visit, signed_in("结束其他登录会话")]) -> Response:
    sessions.end_all(visit.db, visit.who.account_id, visit.site.now(), but=visit.who.session_id)
    return visit.go(PATH, "其他地方的登录都已退出。")
