"""The HTTP interface by which departments' own systems submit records and learn what became of them.

Guarantee: 202 means the records are durable and will be published exactly once; the same Idempotency-Key with the same body is the same
submission for ever.
A client sees its own department only: anything else does not exist for it (404).
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from producers import api_body, api_schema
from producers.api_models import ERRORS, ItemBody, ReceiptBody, RecordBody, SubmittedBody
from producers.door import Door
from producers.outcomes import OUTCOMES, WAITING, Ask, Outcomes, status
from producers.principal import SUBMIT, Principal
from producers.rate import Rate
from producers.refusal import Refusal
from producers.submission import Receipt, Submission
from schemas.catalog import Catalog, Item

MAX_BODY = 16 << 20
PAGE = 1_000
POLL_SECONDS = 0.25
KEY = re.compile(r"[\x21-\x7e]{1,200}")
READERS = {"application/json": api_body.array, "application/x-ndjson": api_body.ndjson, "application/jsonl": api_body.ndjson}
BEARER = HTTPBearer(auto_error=False, description="令牌由平台发放，形如 gj_…；每个令牌属于一个部门的一个系统")

Authenticate = Callable[[str], Principal | None]
Clock = Callable[[], float]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
ItemCode = Annotated[str, Path(description="目录代码", examples=["xzxk"])]
Wait = Annotated[float, Query(ge=0, le=20, description="最多等几秒钟，等到全部记录有了结果就带着结果回答")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="同一个值加同一个请求体只接收一次，永远回同一个回执号")]
After = Annotated[int, Query(ge=-1, description="从这个 index 之后开始")]
Limit = Annotated[int, Query(ge=1, le=PAGE, description="一页多少条")]


class Interface:
    """The interface's behaviour over its four collaborators; `api` makes routes of it."""

    def __init__(self, door: Door, catalog: Catalog, authenticate: Authenticate, outcomes: Ask, clock: Clock) -> None:
        self.door, self.catalog, self.authenticate, self.outcomes = door, catalog, authenticate, outcomes
        self.rate = Rate(per_second=100, burst=200, clock=clock)

    def caller(self, credentials: HTTPAuthorizationCredentials | None) -> Principal:
        """Who is calling. Raises Refusal `unauthorized`, `forbidden` for a token of another purpose, or `too_fast`."""
        principal = self.authenticate(credentials.credentials) if credentials else None
        if principal is None:
            raise Refusal(
                "unauthorized", "没有令牌，或令牌无效、已过期、已撤销。", "请在请求头写 Authorization: Bearer <令牌>；令牌在平台的“数据接口”页面建立。"
            )
        if principal.scope != SUBMIT:
            raise Refusal("forbidden", "这个令牌用于政务查询，不能报送。", "请在平台的“数据接口”页面建立用于报送的令牌。")
        self.rate.spend(principal.prefix)
        return principal

    def item(self, code: str, principal: Principal | None = None) -> Item:
        """The item. Raises Refusal `unknown_item`, or `forbidden` when `principal` may not submit it."""
        item = self.catalog.get(code)
        if item is None:
            raise Refusal.unknown_item(code)
        if principal is not None and not principal.may(code):
            raise Refusal("forbidden", f"这个令牌不能报送目录“{item.title}”。", "请在平台的“数据接口”页面为该目录建立令牌。")
        return item

    def submit(self, item: Item, principal: Principal, key: str | None, media: str, body: bytes) -> Receipt:
        """Take a whole body in, or raise Refusal and take none of it."""
        titles = {field.name: field.title for field in item.fields}
        elements = READERS[media](api_body.text(body))
        rows = (api_body.row(index, element, titles) for index, element in enumerate(elements))
        digest = hashlib.sha256(body).hexdigest()
        return self.door.submit(
            Submission(principal.source, principal.department, "api", item.code, digest, rows, key, None, principal.prefix)
        )

    def told(self, receipt: Receipt, after: int, limit: int) -> tuple[ReceiptBody, bool]:
        """The receipt with its outcomes so far, and whether all of its records have one."""
        found = self.outcomes(receipt.receipt, receipt.item, after + 1, limit)
        body = ReceiptBody(
            receipt=receipt.receipt,
            item=receipt.item,
            status=status(found, receipt.records),
            total=receipt.records,
            counts={outcome: found.counts.get(outcome, 0) for outcome in OUTCOMES},
            records=_records(found),
            next=_next(receipt, found, limit),
        )
        return body, found.settled >= receipt.records

    async def waited(self, receipt: Receipt, seconds: float) -> tuple[ReceiptBody, bool]:
        """As `told`, asked again until all records have an outcome or the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            body, complete = await run_in_threadpool(self.told, receipt, -1, PAGE)
            if complete or time.monotonic() + POLL_SECONDS > deadline:
                return body, complete
            await asyncio.sleep(POLL_SECONDS)  # outcomes are asked of the warehouse, which tells of no event


def api(door: Door, catalog: Catalog, authenticate: Authenticate, outcomes: Ask, clock: Clock = time.monotonic) -> APIRouter:
    """The routes under /api/v1; `clock` (seconds) paces the callers. The application must also `api_errors.install`."""
    interface = Interface(door, catalog, authenticate, outcomes, clock)
    router = APIRouter(prefix=api_schema.PREFIX, tags=["数据接口"], responses={key: ERRORS[key] for key in (401, 422, 429)})
    _submitting(router, interface)
    _asking(router, interface)
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
        media = _media(request)
        if key is not None and not KEY.fullmatch(key):
            raise Refusal("invalid", "Idempotency-Key 应为 1 至 200 个可见的 ASCII 字符。", "请改正请求头，例如使用 UUID。")
        body = await _body(request)
        receipt = await run_in_threadpool(interface.submit, found, principal, key, media, body)
        if wait:
            told, complete = await interface.waited(receipt, wait)
            response.status_code = 200 if complete else 202
            return told
        return SubmittedBody(receipt=receipt.receipt, item=item, records=receipt.records, status=WAITING, repeated=receipt.repeated)


def _asking(router: APIRouter, interface: Interface) -> None:
    @router.get("/receipts/{receipt}", summary="查询回执", response_model=ReceiptBody, responses={key: ERRORS[key] for key in (404, 503)})
    def receipt(receipt: str, who: Credentials, after: After = -1, limit: Limit = PAGE) -> ReceiptBody:
        """每条记录的结果和退回原因。只能查本部门的回执。"""
        principal = interface.caller(who)
        found = interface.door.find(receipt)
        if found is None or found.department != principal.department:
            raise Refusal("unknown_receipt", f"没有回执“{receipt[:40]}”。", "请核对回执号；只能查询本部门的回执。")
        return interface.told(found, after, limit)[0]

    @router.get("/items", summary="可报送的目录", response_model=list[ItemBody])
    def items(who: Credentials) -> list[ItemBody]:
        """本令牌可以报送的目录。"""
        principal = interface.caller(who)
        allowed = [item for item in interface.catalog.values() if principal.may(item.code)]
        return [ItemBody(item=item.code, title=item.title, schema=f"{api_schema.PREFIX}/items/{item.code}/schema") for item in allowed]

    @router.get("/items/{item}/schema", summary="目录的字段", responses={404: ERRORS[404]})
    def schema(item: ItemCode, who: Credentials) -> dict[str, Any]:
        """一条记录的 JSON Schema，字段名为代码。"""
        interface.caller(who)
        return api_schema.of(interface.item(item))


def _records(found: Outcomes) -> list[RecordBody]:
    return [
        RecordBody.model_validate({"index": record.line - 1, "ref": record.ref, "outcome": record.outcome, "reasons": list(record.reasons)})
        for record in found.records
    ]


def _next(receipt: Receipt, found: Outcomes, limit: int) -> str | None:
    if found.next is None or found.next >= receipt.records:
        return None
    return f"{api_schema.PREFIX}/receipts/{receipt.receipt}?after={found.next - 1}&limit={limit}"


def _media(request: Request) -> str:
    media, _, charset = request.headers.get("content-type", "").partition(";")
    coded = request.headers.get("content-encoding", "identity").lower() != "identity"
    foreign = "charset" in charset.lower() and "utf-8" not in charset.lower()
    if media.strip().lower() not in READERS or coded or foreign:
        raise Refusal(
            "unsupported", "请求体应为 UTF-8 的 application/json 或 application/x-ndjson，不压缩。", "请改正 Content-Type 请求头。"
        )
    return media.strip().lower()


async def _body(request: Request) -> bytes:
    """The whole body, never more than MAX_BODY of it in memory. Raises Refusal `too_big`."""
    declared = request.headers.get("content-length", "")
    body = bytearray()
    refusal = Refusal("too_big", f"请求体超过 {MAX_BODY >> 20} MB。", "请分成几次报送。")
    if declared.isdigit() and int(declared) > MAX_BODY:
        raise refusal
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise refusal
    return bytes(body)
