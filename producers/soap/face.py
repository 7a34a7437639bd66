"""SOAP 1.1 over the same door as the JSON interface: the same tokens, pace, receipts and reasons.

Every fault is answered with status 500, as SOAP 1.1 wants it and old toolkits expect; only a missing token is HTTP's own 401.
"""

from collections.abc import Awaitable, Callable
from math import inf
from typing import Annotated

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials

from producers.interface import BEARER, LONGEST_WAIT, PAGE, Interface, read
from producers.principal import Principal
from producers.refusal import Refusal
from producers.soap import reading, writing
from producers.soap.reading import Broken, Call

LOG = structlog.get_logger(__name__)
PATH = "/soap/v1"
SERVER = {"busy", "unavailable", "internal"}  # faults that are not the caller's
Credentials = Annotated[HTTPAuthorizationCredentials | None, BEARER]
Answering = Callable[[Interface, Principal, Call], Awaitable[str]]


def described(base: str = "") -> APIRouter:
    """The description, open to all. `base`: where the site is reached, where that is not the address it is asked at."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    def wsdl(request: Request) -> Response:
        """The WSDL, with or without `?wsdl`."""
        address = (base or str(request.base_url)).rstrip("/") + PATH
        return Response(writing.described(address), media_type="text/xml; charset=utf-8")

    return router


def soap(interface: Interface) -> APIRouter:
    """The service."""
    router = APIRouter(include_in_schema=False)

    @router.post(PATH)
    async def serve(request: Request, who: Credentials) -> Response:
        encoding = "utf-8"
        try:
            principal = await run_in_threadpool(interface.caller, who)
            body = await read(request)
            encoding = reading.coding(body, request.headers.get("content-type", ""))
            call = await run_in_threadpool(reading.call, body, encoding)
            return _response(await OPERATIONS[call.operation](interface, principal, call), encoding)
        except Refusal as refusal:
            return _refused(refusal, encoding)
        except Exception as fault:  # whatever it is, the caller gets a fault and not a page
            LOG.error("request failed", path=PATH, exc_info=fault)
            return _refused(Refusal("internal", "平台内部出错，已记入日志。", "请用相同的 key 重试，或与平台联系。"), encoding)

    return router


async def _submit(interface: Interface, principal: Principal, call: Call) -> str:
    item = interface.item(_said(call, "item"), principal)
    key, wait = call.said.get("key") or None, _number(call, "wait", 0, 0, LONGEST_WAIT)
    receipt = await run_in_threadpool(interface.submit, item, principal, key, call.elements(), call.digest())
    return writing.receipt("submit", await interface.waited(receipt, wait)) if wait else writing.submitted(receipt)


async def _receipt(interface: Interface, principal: Principal, call: Call) -> str:
    after, limit = int(_number(call, "after", -1, -1, 2**31 - 1)), int(_number(call, "limit", PAGE, 1, PAGE))
    return writing.receipt("receipt", await run_in_threadpool(interface.receipt, _said(call, "receipt"), principal, after, limit))


async def _items(interface: Interface, principal: Principal, _call: Call) -> str:
    return writing.items(interface.items(principal), interface.catalog.version)


OPERATIONS: dict[str, Answering] = {"submit": _submit, "receipt": _receipt, "items": _items}


def _said(call: Call, name: str) -> str:
    """An argument that must be there."""
    if not call.said.get(name):
        raise Refusal("invalid", f"缺少 {name}。", f"请填写 {name} 后重试。")
    return call.said[name]


def _number(call: Call, name: str, otherwise: float, least: float, most: float) -> float:
    said = call.said.get(name)
    if not said:
        return otherwise
    try:
        number = float(said)
    except ValueError:
        number = inf
    if not least <= number <= most:
        raise Refusal("invalid", f"{name} 应为 {least:g} 至 {most:g} 的数字。", f"请改正 {name} 后重试。")
    return number


def _refused(refusal: Refusal, encoding: str) -> Response:
    kind = refusal.kind if isinstance(refusal, Broken) else "Server" if refusal.code in SERVER else "Client"
    answer = _response(writing.fault(refusal, kind), encoding, 401 if refusal.code == "unauthorized" else 500)
    if refusal.code == "unauthorized":
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _response(content: str, encoding: str, status: int = 200) -> Response:
    return Response(writing.envelope(content, encoding), status, media_type=f"text/xml; charset={encoding}")
