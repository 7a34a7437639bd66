"""统一身份认证: out to the city's identity service and back."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from infra.settings import Settings
from portal.accounts import oidc
from portal.accounts.oidc import Challenge, OidcFault
from portal.frame import cookies
from portal.frame.access import anyone, entrance
from portal.frame.visit import Visit
from portal.pages import login
from producers.refusal import Refusal

LOG = structlog.get_logger(__name__)
BACK = "/login/oidc/back"
SECONDS = 600

router = APIRouter(include_in_schema=False)


@router.get("/login/oidc")
def out(visit: Annotated[Visit, anyone()]) -> Response:
    """Sends the browser away; what it must come back with goes into a cookie of its own."""
    settings = _set(visit)
    login.paced(visit)
    challenge = Challenge(cookies.new_secret(), cookies.new_secret(), cookies.new_secret())
    try:
        answer = RedirectResponse(oidc.away(settings, _back(visit), challenge), 303)
    except OidcFault as fault:
        return _refused(visit, fault)
    cookies.put(answer, settings, cookies.OIDC, ".".join((challenge.state, challenge.nonce, challenge.verifier)), SECONDS)
    return answer


@router.get(BACK)
def back(visit: Annotated[Visit, entrance("统一身份认证登录")], code: str = "", state: str = "") -> Response:
    """Comes back with a code, good once and only for the browser that was sent away."""
    settings = _set(visit)
    kept = cookies.read(visit.request, settings, cookies.OIDC).split(".")
    try:
        if len(kept) != 3 or not code or kept[0] != state:
            raise OidcFault("这次登录不是从本站开始的，或者等得太久。请重新登录。", "state does not match")
        said = oidc.claims(settings, _back(visit), code, Challenge(*kept))
        found = oidc.account(visit.db, settings, said)
    except OidcFault as fault:
        return _refused(visit, fault)
    login.enter(visit, found, "oidc")
    answer = visit.go(login.HOME)
    cookies.drop(answer, settings, cookies.OIDC)
    return answer


def _refused(visit: Visit, fault: OidcFault) -> Response:
    LOG.warning("log-in through the identity service failed", reason=fault.technical)
    visit.about(str(fault))
    return login.shown(visit, login.HOME, fault=str(fault), status=401)


def _set(visit: Visit) -> Settings:
    if not visit.site.settings.oidc_issuer:
        raise Refusal("not_found", "本平台没有接入统一身份认证。", "请用账号和密码登录。")
    return visit.site.settings


def _back(visit: Visit) -> str:
    return (visit.site.settings.portal_url or str(visit.request.base_url)).rstrip("/") + BACK
