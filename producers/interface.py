"""What the interface by which departments' own systems submit and ask does, whichever face a caller speaks to: `api` (JSON) or `soap`.

Guarantee: a receipt means the records are durable and will be published exactly once; the same key with the same records is the same submission for ever. A client sees its own department only:
anything else does not exist for it.
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from producers import api_body
from producers.door import Door
from producers.outcomes import OUTCOMES, Ask, Outcomes, status
from producers.principal import SUBMIT, Principal
from producers.rate import Rate
from producers.refusal import Refusal
from producers.submission import Receipt, Row, Submission
from schemas.catalog import Catalog, Item

WAY = "api"
MAX_BODY = 16 << 20
PAGE = 1_000
LONGEST_WAIT = 20.0  # seconds
POLL_SECONDS = 0.25
KEY = re.compile(r"[\x21-\x7e]{1,200}")
BEARER = Depends(HTTPBearer(auto_error=False, description="令牌由平台发放，形如 gj_…；每个令牌属于一个部门的一个系统"))

Authenticate = Callable[[str], Principal | None]
Clock = Callable[[], float]


class Stand(NamedTuple):
    """A record that stands: its key, the owner's reference, by which source, way and receipt, when it was received, its fields as text (no personal number in them)."""

    key: str
    ref: str | None
    source: str
    way: str
    receipt: str
    received_at: str
    fields: Mapping[str, str | None]


class Own(Protocol):
    """What stands of a department's records of an item, by key, those after `after`, at most `limit`. Raises Refusal `unavailable` when nobody can tell now."""

    def __call__(self, department: str, item: str, after: str, limit: int) -> Sequence[Stand]: ...


@dataclass(frozen=True)
class Told:
    """A receipt with its outcomes so far, one page of them."""

    receipt: Receipt
    found: Outcomes

    @property
    def complete(self) -> bool:
        """Whether all of its records have an outcome."""
        return self.found.settled >= self.receipt.records

    @property
    def status(self) -> str:
        return status(self.found, self.receipt.records)

    @property
    def counts(self) -> dict[str, int]:
        return {outcome: self.found.counts.get(outcome, 0) for outcome in OUTCOMES}

    @property
    def next(self) -> int | None:
        """The index that the next page follows; None when this is the last."""
        line = self.found.next
        return None if line is None or line >= self.receipt.records else line - 1


class Interface:
    """The behaviour over its collaborators; one for all faces, so that callers are paced once. `clock` is in seconds."""

    def __init__(self, door: Door, catalog: Catalog, authenticate: Authenticate, outcomes: Ask, own: Own, clock: Clock = time.monotonic) -> None:
        self.door, self.catalog, self.authenticate, self.outcomes, self.own = door, catalog, authenticate, outcomes, own
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
            raise Refusal("forbidden", f"这个令牌不能用于目录“{item.title}”。", "请在平台的“数据接口”页面为该目录建立令牌。")
        return item

    def items(self, principal: Principal) -> list[Item]:
        """Those the caller may submit, in the catalogue's order."""
        return [item for item in self.catalog.values() if principal.may(item.code)]

    def submit(self, item: Item, principal: Principal, key: str | None, elements: Iterable[Any], digest: str) -> Receipt:
        """Take all the records in (`elements` as `api_body` reads them, `digest` the SHA-256 of what they say), or raise Refusal and take none."""
        if key is not None and not KEY.fullmatch(key):
            raise Refusal("invalid", "Idempotency-Key 应为 1 至 200 个可见的 ASCII 字符。", "请改正，例如使用 UUID。")
        return self.door.submit(Submission(principal.source, principal.department, WAY, item.code, digest, self.rows(item, elements), key, None, principal.prefix))

    def rows(self, item: Item, elements: Iterable[Any]) -> Iterator[Row]:
        """The records of a request as rows of the item."""
        titles = {field.name: field.title for field in item.fields}
        return (api_body.row(index, element, titles) for index, element in enumerate(elements))

    def receipt(self, number: str, principal: Principal, after: int, limit: int) -> Told:
        """A receipt of the caller's department. Raises Refusal `unknown_receipt` or `unavailable`."""
        found = self.door.find(number)
        if found is None or found.department != principal.department:
            raise Refusal("unknown_receipt", f"没有回执“{number[:40]}”。", "请核对回执号；只能查询本部门的回执。")
        return self.told(found, after, limit)

    def told(self, receipt: Receipt, after: int = -1, limit: int = PAGE) -> Told:
        """What became of the records behind the index `after`. Raises Refusal `unavailable`."""
        return Told(receipt, self.outcomes(receipt.receipt, receipt.item, after + 1, limit))

    async def waited(self, receipt: Receipt, seconds: float) -> Told:
        """As `told`, asked again until all records have an outcome or the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            found = await run_in_threadpool(self.told, receipt)
            if found.complete or time.monotonic() + POLL_SECONDS > deadline:
                return found
            await asyncio.sleep(POLL_SECONDS)  # outcomes are asked of the warehouse, which tells of no event


async def read(request: Request, most: int = MAX_BODY) -> bytes:
    """The whole body, never more than `most` bytes of it in memory. Raises Refusal `too_big`."""
    declared = request.headers.get("content-length", "")
    body = bytearray()
    size = f"{most >> 20} MB" if most >> 20 else f"{most >> 10} KB"
    refusal = Refusal("too_big", f"请求体超过 {size}。", "请分成几次报送；本次没有接收任何记录。", [{"most_bytes": most}])
    if declared.isascii() and declared.isdigit() and int(declared) > most:
        raise refusal
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise refusal
    return bytes(body)
