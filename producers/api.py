"""The HTTP interface in JSON: records submitted, receipts asked, what stands listed. What it promises is said in `interface`; 202 is its word for a receipt."""

import base64
import binascii
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials

from producers import api_body, api_catalogue, api_nil, api_schema, api_trial
from producers.api_models import ERRORS, ReceiptBody, RecordBody, StandBody, StandingBody, SubmittedBody
from producers.api_trial import Trials
from producers.interface import BEARER, LONGEST_WAIT, PAGE, Interface, Told, read
from producers.nil import Nils
from producers.outcomes import WAITING
from producers.refusal import Refusal

MOST = 2**31 - 1

Credentials = Annotated[HTTPAuthorizationCredentials | None, BEARER]
ItemCode = Annotated[str, Path(description="目录代码", examples=["xzxk"])]
Wait = Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="最多等几秒钟，等到全部记录有了结果就带着结果回答")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="同一个值加同一个请求体只接收一次，永远回同一个回执号")]
After = Annotated[int, Query(ge=-1, le=MOST, description="从这个 index 之后开始")]
Place = Annotated[str, Query(max_length=40_000, description="上一页 next 里的值；第一页不写")]
Limit = Annotated[int, Query(ge=1, le=PAGE, description="一页多少条")]


def api(interface: Interface, nils: Nils, trials: Trials) -> APIRouter:
    """The routes under /api/v1. The application must also `api_errors.install`."""
    router = APIRouter(prefix=api_schema.PREFIX, tags=["数据接口"], responses={key: ERRORS[key] for key in (401, 422, 429)})
    _submitting(router, interface)
    _asking(router, interface)
    api_catalogue.add(router, interface)
    api_nil.add(router, interface, nils)
    api_trial.add(router, interface, trials)
    return router


def _submitting(router: APIRouter, interface: Interface) -> None:
    @router.post(
        "/items/{item}/records",
        summary="报送记录",
        status_code=202,
        response_model=SubmittedBody | ReceiptBody,
        responses={
            200: {"model": ReceiptBody, "description": "wait 时间内全部有了结果"},
            **{key: ERRORS[key] for key in (403, 404, 409, 413, 415, 503)},
        },
        openapi_extra={"requestBody": api_schema.request_body()},
    )
    async def submit(item: ItemCode, request: Request, response: Response, who: Credentials, key: Key = None, wait: Wait = 0) -> Any:
        """收到即回 202：记录已经落盘，不会丢也不会重。带 `wait` 则等处理结果。一条记录有错只退回那一条；整个请求有错则一条也不接收。"""
        principal = await run_in_threadpool(interface.caller, who)
        found = interface.item(item, principal)
        reader = api_body.reader(request.headers.get("content-type", ""), request.headers.get("content-encoding", "identity"))
        body = await read(request)
        elements = reader(api_body.text(body))
        receipt = await run_in_threadpool(interface.submit, found, principal, key, elements, hashlib.sha256(body).hexdigest())
        if wait:
            told = await interface.waited(receipt, wait)
            response.status_code = 200 if told.complete else 202
            return _body(told)
        return SubmittedBody(receipt=receipt.receipt, item=item, records=receipt.records, status=WAITING, repeated=receipt.repeated)


def _asking(router: APIRouter, interface: Interface) -> None:
    @router.get("/receipts/{receipt}", summary="查询回执", response_model=ReceiptBody, responses={key: ERRORS[key] for key in (404, 503)})
    def receipt(receipt: str, who: Credentials, after: After = -1, limit: Limit = PAGE) -> ReceiptBody:
        """每条记录的结果和退回原因。只能查本部门的回执。"""
        return _body(interface.receipt(receipt, interface.caller(who), after, limit), limit)

    @router.get("/items/{item}/standing", summary="本部门在库的记录", response_model=StandingBody, responses={key: ERRORS[key] for key in (403, 404, 503)})
    def standing(item: ItemCode, who: Credentials, after: Place = "", limit: Limit = PAGE) -> StandingBody:
        """这个目录里现在以本部门所报为准的记录，不论从哪种方式报来；按主键排列，分页。个人号码已遮盖。"""
        principal = interface.caller(who)
        found = interface.own(principal.department, interface.item(item, principal).code, _key(after), limit)
        address = f"{api_schema.PREFIX}/items/{item}/standing?after={_token(found[-1].key)}&limit={limit}" if len(found) == limit else None
        return StandingBody(item=item, records=[StandBody.model_validate(each._asdict()) for each in found], next=address)


def _body(told: Told, limit: int = PAGE) -> ReceiptBody:
    records = [
        RecordBody.model_validate({"index": record.line - 1, "ref": record.ref, "outcome": record.outcome, "reasons": list(record.reasons)})
        for record in told.found.records
    ]
    number = told.receipt.receipt
    address = None if told.next is None else f"{api_schema.PREFIX}/receipts/{number}?after={told.next}&limit={limit}"
    return ReceiptBody(
        receipt=number, item=told.receipt.item, status=told.status, total=told.receipt.records, counts=told.counts, records=records, next=address
    )


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _key(token: str) -> str:
    """The key that `next` named. Raises Refusal `invalid`."""
    try:
        return base64.b64decode(token.encode() + b"=" * (-len(token) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as fault:
        raise Refusal("invalid", "after 不是上一页 next 里的值。", "请原样使用 next 给出的地址；从头开始则不写 after。") from fault
