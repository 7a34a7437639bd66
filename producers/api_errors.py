"""Every error of the HTTP interface in one Chinese form: {"error": {"code", "message", "remedy", "details"}}; never the framework's own."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from producers.refusal import Refusal

LOG = structlog.get_logger(__name__)
STATUS = {
    "malformed": 422, "encoding": 422, "empty": 422, "invalid": 422, "unknown_field": 422, "not_judged": 409, "not_undoable": 409,
    "unauthorized": 401, "forbidden": 403, "not_found": 404, "unknown_item": 404, "unknown_receipt": 404, "method": 405,
    "conflict": 409, "too_big": 413, "too_many_records": 413, "unsupported": 415, "busy": 429, "too_fast": 429, "unavailable": 503,
}  # fmt: skip
HTTP = {
    404: Refusal("not_found", "没有这个地址。", "接口说明见 /api/docs。"),
    405: Refusal("method", "这个地址不接受该请求方法。", "接口说明见 /api/docs。"),
}

# What is wrong with a parameter, by the framework's name for it.
REASONS = {
    "missing": "没有填写", "json_invalid": "不是合格的 JSON", "string_type": "应为字符串", "bool_parsing": "应为 true 或 false", "bool_type": "应为 true 或 false",
    "model_type": "应为 JSON 对象", "int_parsing": "应为整数", "int_parsing_size": "数字过大", "float_parsing": "应为数字", "finite_number": "应为数字",
    "greater_than_equal": "不能小于 {ge}", "less_than_equal": "不能大于 {le}", "string_too_long": "不能超过 {max_length} 个字符",
}  # fmt: skip


class Problem(BaseModel):
    """What went wrong with a whole request."""

    code: str = Field(description="稳定的英文代码", examples=["malformed"])
    message: str = Field(description="哪里出了什么问题", examples=["JSON 格式错误：第 3 行第 17 列（这里应有逗号）。"])
    remedy: str = Field(description="怎么办", examples=["请改正后重试；本次没有接收任何记录。"])
    details: list[Any] = Field(default_factory=list, description="具体位置", examples=[[{"line": 3, "column": 17}]])


class ErrorBody(BaseModel):
    error: Problem


def answer(refusal: Refusal, more: Mapping[str, str] | None = None) -> JSONResponse:
    """The response for a refusal, with `more` headers; its code decides the status (422 when unknown)."""
    status = STATUS.get(refusal.code, 422)
    headers = {"Retry-After": "5"} if status in (429, 503) else {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = {"code": refusal.code, "message": refusal.message, "remedy": refusal.remedy, "details": refusal.details}
    return JSONResponse({"error": body}, status, headers | dict(more or {}))


def install(app: FastAPI) -> None:
    """Make `app` answer every error in this form."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


async def _refused(_request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, Refusal)
    return answer(fault)


async def _invalid(_request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, RequestValidationError)
    details: list[object] = [{"place": ".".join(str(part) for part in error["loc"]), "reason": _reason(error)} for error in fault.errors()]
    places = "、".join(f"{error['loc'][-1]}（{_reason(error)}）" for error in fault.errors())
    return answer(Refusal("invalid", f"请求参数不对：{places}。", "参数说明见 /api/docs。", details))


def _reason(error: Mapping[str, Any]) -> str:
    return REASONS.get(error["type"], "写法不对").format(**error.get("ctx", {}))


async def _http(_request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, HTTPException)
    if fault.status_code in HTTP:
        return answer(HTTP[fault.status_code], fault.headers)
    body = {"code": "http", "message": f"请求没有成功（{fault.status_code}）。", "remedy": "接口说明见 /api/docs。", "details": []}
    return JSONResponse({"error": body}, fault.status_code, fault.headers)


async def _broken(request: Request, fault: Exception) -> JSONResponse:
    LOG.error("request failed", path=request.url.path, exc_info=fault)
    body = {
        "code": "internal",
        "message": "平台内部出错，已记入日志。",
        "remedy": "请用相同的 Idempotency-Key 重试，或与平台联系。",
        "details": [],
    }
    return JSONResponse({"error": body}, 500)
