"""Errors as pages for people with a browser: what happened and what to do. Programs get the interface's JSON form."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from portal import site as sites
from portal.audit import journal
from portal.frame import access, headers, templates
from portal.frame.visit import Visit
from producers.api_errors import STATUS
from producers.refusal import Refusal

Handler = Callable[[Request, Exception], Awaitable[Response]]
WORDS = {
    403: ("没有权限", "您的角色不能使用这个页面。", "如果工作需要，请与市信用办或归集中心联系。"),
    404: ("找不到这个页面", "地址有误，或者内容已经不在了。", "请核对地址，或从首页重新进入。"),
    405: ("不能这样打开", "这个地址不接受该请求方法。", "请从首页重新进入。"),
    409: ("有冲突", "内容已经被别人改动。", "请刷新后再试。"),
    413: ("内容过大", "提交的内容超过了限制。", "请减少内容后再提交。"),
    422: ("填写有误", "提交的内容不完整或写法不对。", "请返回上一页，改正后再提交。"),
    429: ("请求太频繁", "短时间内请求过多。", "请等一分钟再试。"),
    500: ("平台内部出错", "错误已记入日志，您的操作没有完成。", "请稍后再试；如果一再出现，请把时间和所做的操作告诉归集中心。"),
    503: ("暂时不能使用", "平台的一部分没有应答。", "请稍后再试。"),
}
PROGRAMS = ("/api/", "/internal/")


def install(app: FastAPI) -> None:
    """After `api_errors.install`: whoever asks for HTML gets a page instead, and what a page refuses is written to the audit."""
    for kind in (Refusal, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _page_or(app.exception_handlers[kind]))
    app.add_exception_handler(access.LogIn, _log_in)


def _page_or(programs: Any) -> Handler:
    async def handle(request: Request, fault: Exception) -> Response:
        visit: Visit | None = getattr(request.state, "visit", None)
        if isinstance(fault, Refusal) and fault.code == "change_password":
            return RedirectResponse(access.PASSWORD_PAGE, 303)
        answer: Response = await programs(request, fault)  # also logs what is our own fault
        if visit is not None:
            visit.release()
            if visit.person is not None:
                await run_in_threadpool(visit.record, journal.FAILED if answer.status_code >= 500 else journal.REFUSED)
        if _wants_page(request):
            answer = _page(request, visit, fault, answer.status_code)
        headers.secure(answer, sites.of(request).settings, request.url.path)
        return answer

    return handle


def _page(request: Request, visit: Visit | None, fault: Exception, status: int) -> Response:
    title, message, remedy = WORDS.get(status, WORDS[500])
    if isinstance(fault, Refusal) and fault.code in STATUS:
        message, remedy = fault.message, fault.remedy or remedy
    shown = visit or Visit(sites.of(request), request, "", None, "")
    told = {"title": title, "message": message, "remedy": remedy, "status": status}
    return HTMLResponse(templates.render(shown, "error.html", told), status, {"Retry-After": "60"} if status == 429 else None)


async def _log_in(request: Request, _fault: Exception) -> Response:
    """To the log-in and back. What was sent is lost, so a form leads back to the page it stood on."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "") if request.method in access.SAFE else "/my-work"
    target = f"/login?next={quote(back)}"
    if request.headers.get("HX-Request"):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(PROGRAMS)
