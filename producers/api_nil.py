"""本期无数据 over HTTP: what is owed of an item and when, signed or taken back by the department's own system."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import ValidationError

from producers.api_models import ERRORS, NilBody, PeriodBody
from producers.interface import BEARER, Interface, read
from producers.nil import Nils, Period

MAX_BODY = 4 << 10
Credentials = Annotated[HTTPAuthorizationCredentials | None, BEARER]
ItemCode = Annotated[str, Path(description="目录代码", examples=["xzxk"])]


def add(router: APIRouter, interface: Interface, nils: Nils) -> None:
    """Its routes, to a router at `api_schema.PREFIX`."""

    @router.get("/items/{item}/nil", summary="报送周期和无数据上报", response_model=list[PeriodBody], responses={key: ERRORS[key] for key in (403, 404, 503)})
    def periods(item: ItemCode, who: Credentials) -> list[PeriodBody]:
        """本部门在这个目录最近的报送周期：应报日期、状态、是否签署了无数据上报。"""
        principal = interface.caller(who)
        return [_body(each) for each in nils.periods(principal.department, interface.item(item, principal).code)]

    @router.put(
        "/items/{item}/nil",
        summary="本期无数据",
        response_model=PeriodBody,
        responses={key: ERRORS[key] for key in (403, 404, 409, 413, 503)},
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": NilBody.model_json_schema()}}}},
    )
    async def say(item: ItemCode, request: Request, who: Credentials) -> PeriodBody:
        """签署一个已经结束、没有记录的周期“本期无数据”，或在截止日前撤回（signed 为 false）。重复签署没有新的效果；此后有这个周期的记录到达，自动失效。"""
        principal = await run_in_threadpool(interface.caller, who)
        said = _said(await read(request, MAX_BODY))
        code, by = interface.item(item, principal).code, f"{principal.source} gj_{principal.prefix}"
        return _body(await run_in_threadpool(nils.say, principal.department, code, said.period, by, signed=said.signed))


def _said(body: bytes) -> NilBody:
    """Raises what the framework raises for a body that it reads by itself, which it would do without bound and before it knows who asks."""
    try:
        return NilBody.model_validate_json(body)
    except ValidationError as fault:
        raise RequestValidationError([{**error, "loc": ("body", *error["loc"])} for error in fault.errors()]) from fault


def _body(period: Period) -> PeriodBody:
    return PeriodBody(period=period.of, **{name: value for name, value in period._asdict().items() if name != "of"})
