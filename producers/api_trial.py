"""试报 over HTTP: records judged as if they were submitted now, and nothing of them stored."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Protocol

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials

from producers import api_body, api_schema
from producers.api_models import ERRORS, ReasonBody, TrialBody, TriedBody
from producers.interface import BEARER, PAGE, Interface, read
from producers.preview import TITLES, Verdict
from producers.principal import Principal
from producers.submission import Row
from schemas.catalog import Item

Credentials = Annotated[HTTPAuthorizationCredentials | None, BEARER]
ItemCode = Annotated[str, Path(description="目录代码", examples=["xzxk"])]


class Trials(Protocol):
    """What each row would become if `principal` submitted it now, in order. Raises Refusal `unavailable` when nobody can tell what stands."""

    def __call__(self, item: Item, principal: Principal, rows: Iterable[Row]) -> Iterator[Verdict]: ...


def add(router: APIRouter, interface: Interface, trials: Trials) -> None:
    """Its route, to a router at `api_schema.PREFIX`."""

    @router.post(
        "/items/{item}/trial",
        summary="试报",
        response_model=TrialBody,
        responses={key: ERRORS[key] for key in (403, 404, 413, 415, 503)},
        openapi_extra={"requestBody": api_schema.request_body()},
    )
    async def trial(item: ItemCode, request: Request, who: Credentials) -> TrialBody:
        """请求体与报送相同。按现在的规则和库里已有的记录判断每一条会怎样，什么也不保存，没有回执；再报送时以那时的判断为准。"""
        principal = await run_in_threadpool(interface.caller, who)
        found = interface.item(item, principal)
        reader = api_body.reader(request.headers.get("content-type", ""), request.headers.get("content-encoding", "identity"))
        elements = reader(api_body.text(await read(request)))
        return await run_in_threadpool(lambda: _told(found, trials(found, principal, interface.rows(found, elements))))


def _told(item: Item, verdicts: Iterable[Verdict]) -> TrialBody:
    """Counts of all; of those that have something to be told the first."""
    counts, told, reasoned = dict.fromkeys(TITLES, 0), list[TriedBody](), 0
    for verdict in verdicts:
        counts[verdict.what] += 1
        reasoned += bool(verdict.reasons)
        if verdict.reasons and reasoned <= PAGE:
            reasons = [ReasonBody.model_validate(reason.record()) for reason in verdict.reasons]
            told.append(TriedBody(index=verdict.row.line - 1, ref=verdict.row.ref, would=verdict.what, reasons=reasons))
    return TrialBody(item=item.code, total=sum(counts.values()), counts=counts, records=told, more=reasoned - len(told))
