"""`POST /internal/query`: how other processes on this machine read the warehouse that this one owns.

Loopback peers only, a bearer token compared in constant time, read-only and under the readers' limits. Errors come as
``{"error": {"code", "message", "remedy", "details": [], "clickhouse"}}``, ``code`` being the class of `loaders.errors`.
"""

import hmac
import ipaddress
from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from loaders import errors
from loaders.parameters import ParameterFault
from loaders.warehouse import Warehouse
from loaders.wire import ARROW, pack

_STATUS: Mapping[type[Exception], int] = {errors.Unavailable: 503, errors.LimitReached: 422, errors.SchemaRefused: 400, errors.DataRefused: 400}
_REMEDY: Mapping[type[Exception], str] = {
    errors.Unavailable: "请稍后重试。",
    errors.LimitReached: "请缩小查询范围（时间、部门或事项）后重试。",
    errors.SchemaRefused: "请检查查询语句。",
}


class Question(BaseModel):
    """A statement with ``{name:Type}`` places and their values; a date is sent as ``{"date": "2017-09-01"}``."""

    sql: str = Field(max_length=100_000)
    parameters: dict[str, Any] = Field(default_factory=dict)


def router(warehouse: Warehouse, token: str) -> APIRouter:
    """The route, to be mounted at the root of the process that owns ``warehouse``."""
    routes = APIRouter()

    @routes.post("/internal/query", include_in_schema=False)
    def query(question: Question, request: Request) -> Response:
        """A plain function: FastAPI runs it in a thread, away from the event loop."""
        if not local(request.client.host if request.client else ""):
            return _refusal(403, "loopback", "该接口仅供本机进程使用。", "请在平台服务器上运行该命令。")
        if not admitted(request.headers.get("authorization", ""), token):
            return _refusal(401, "token", "令牌缺失或不正确。", "令牌写在 .guiji/serve.token 中。")
        return answer(warehouse, question)

    return routes


def answer(warehouse: Warehouse, question: Question) -> Response:
    """Runs one question; every refusal is a structured body."""
    parameters = {name: _received(value) for name, value in question.parameters.items()}
    try:
        return Response(pack(warehouse.query(question.sql, parameters)), media_type=ARROW)
    except ParameterFault as error:
        return _refusal(400, "ParameterFault", f"查询参数有误：{error}", "请检查参数的名称与类型。")
    except errors.WarehouseError as error:
        kind = type(error)
        return _refusal(_STATUS.get(kind, 500), kind.__name__, str(error), _REMEDY.get(kind, "请查看服务日志。"), error.code)


def admitted(header: str, token: str) -> bool:
    """Whether an Authorization header bears ``token``; takes as long for a near miss as for a far one. An empty token admits nobody."""
    return bool(token) and hmac.compare_digest(header.encode(), f"Bearer {token}".encode())


def local(host: str) -> bool:
    """Whether a peer's address is this machine's own loopback."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _received(value: Any) -> Any:
    return date.fromisoformat(value["date"]) if isinstance(value, dict) and set(value) == {"date"} else value


def _refusal(status: int, code: str, message: str, remedy: str, clickhouse: int = 0) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "remedy": remedy, "details": [], "clickhouse": clickhouse}}, status)
