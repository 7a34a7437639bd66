"""A client of the interface over the real door: who is who, and what the loader would have loaded by now."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
from fastapi import FastAPI

from producers import api_errors, preview
from producers.api import api
from producers.door import Door
from producers.interface import Interface, Stand
from producers.nil import Period
from producers.outcomes import Outcomes
from producers.preview import Said, Verdict
from producers.principal import Principal
from producers.refusal import Refusal
from producers.soap.face import described, soap
from producers.standing import Empty
from producers.submission import Row
from schemas.catalog import Catalog, Item

GOOD = {"XK_WSH": "济许〔2017〕1号", "XK_XMMC": "项目", "XK_XDR": "济南某公司"}


@dataclass
class Warehouse:
    """What the loader would have loaded by now."""

    found: dict[str, Outcomes] = field(default_factory=dict)
    stands: dict[str, list[Stand]] = field(default_factory=dict)
    owed: list[Period] = field(default_factory=list)
    away: bool = False

    def __call__(self, batch: str, item: str, after: int, limit: int) -> Outcomes:
        if self.away:
            raise Refusal("unavailable", "现在查不到处理结果。", "请稍后再查。")
        whole = self.found.get(batch, Outcomes({}, 0, []))
        page = [record for record in whole.records if record.line > after][:limit]
        return Outcomes(whole.counts, whole.settled, page, page[-1].line if len(page) == limit else None)

    def trial(self, item: Item, principal: Principal, rows: Iterable[Row]) -> Iterator[Verdict]:
        """Where nothing stands yet."""
        if self.away:
            raise Refusal("unavailable", "现在查不到在库的记录。", "请稍后再试。")
        return preview.verdicts(Said(item, principal.source, principal.department, "api", b"a secret", date(2017, 9, 1), 0), rows, Empty())

    def standing(self, department: str, _item: str, after: str, limit: int) -> list[Stand]:
        if self.away:
            raise Refusal("unavailable", "现在查不到在库的记录。", "请稍后再查。")
        return [each for each in self.stands.get(department, []) if each.key > after][:limit]

    def periods(self, department: str, _item: str) -> list[Period]:
        return [each for each in self.owed if department == "zjj"]

    def say(self, department: str, item: str, of: str, by: str, *, signed: bool) -> Period:
        """Signed unless records came; said before it is done by whom."""
        found = next((each for each in self.periods(department, item) if each.of == of), None)
        if found is None:
            raise Refusal("not_found", "没有这个报送周期。")
        if found.records:
            raise Refusal("conflict", "这个周期已有记录。")
        self.owed[self.owed.index(found)] = said = found._replace(nil="已签署" if signed else "已撤回", by=by)
        return said


@dataclass
class Client:
    app: FastAPI
    door: Door
    warehouse: Warehouse
    item: str

    def ask(self, method: str, path: str, token: str | None = "zjj", **said: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://guiji") as client:
                headers = said.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
                return await client.request(method, path, headers=headers, **said)

        return asyncio.run(go())

    def post(self, body: Any, token: str | None = "zjj", query: str = "", **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        named = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", f"/api/v1/items/{self.item}/records{query}", token, content=content, headers=named)


def called(door: Door, catalog: Catalog, client: str) -> Client:
    """The interface with both faces; `zjj` and `swj` are tokens of two departments, `narrow` is good for no item of this catalogue. Time stands still."""
    warehouse, app = Warehouse(), FastAPI(openapi_url="/api/openapi.json")
    api_errors.install(app)
    known = {
        "zjj": Principal("zjj", client, frozenset(), "aaa"),
        "swj": Principal("swj", client, frozenset(), "bbb"),
        "narrow": Principal("zjj", "narrow", frozenset({"other"}), "ccc"),
    }
    interface = Interface(door, catalog, known.get, warehouse, warehouse.standing, lambda: 0.0)
    for router in (api(interface, warehouse, warehouse.trial), soap(interface), described()):
        app.include_router(router)
    return Client(app, door, warehouse, next(iter(catalog)))
