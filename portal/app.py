"""The web application of the serving process: the interface, the pages, health, and the loopback query interface."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy.orm import Session, sessionmaker

from infra import held
from infra.settings import Settings
from loaders import figures, internal
from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse
from portal import assets, pages, tokens
from portal.health import Health
from portal.outcomes import Told
from producers import api_errors, api_schema, template
from producers.api import api
from producers.door import Door
from producers.principal import Principal
from producers.refusal import Refusal
from schemas.catalog import Catalog, Item


@dataclass(frozen=True)
class Parts:
    """What the application stands on; all of it running, none of it owned."""

    settings: Settings
    catalog: Catalog
    door: Door
    warehouse: Warehouse
    database: sessionmaker[Session]
    sink: Callable[[], str | None]


def create(parts: Parts) -> FastAPI:
    """The application. Every error it answers has the one Chinese form; nothing on its pages comes from elsewhere."""
    app = FastAPI(
        title="归集数据接口",
        version="1",
        description="各部门的业务系统由此报送公共信用信息，并查询每条记录的处理结果。",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    api_errors.install(app)
    app.include_router(api(parts.door, parts.catalog, partial(_caller, parts.database), Told(parts.warehouse, parts.catalog)))
    app.include_router(internal.router(parts.warehouse, parts.settings.serve_token))
    _health(app, Health(parts.settings, parts.door, parts.warehouse, parts.sink), parts)
    _documents(app, parts)
    app.middleware("http")(_guarded)
    return app


def _caller(database: sessionmaker[Session], text: str) -> Principal | None:
    return tokens.authenticate(database, text, datetime.now(UTC))


async def _guarded(request: Request, call: Callable[[Request], Any]) -> Response:
    """Pages may load from here only, and nothing may guess a type."""
    response: Response = await call(request)
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _health(app: FastAPI, health: Health, parts: Parts) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> Response:
        """Every part is well, or which is not and why."""
        found = health.parts()
        well = all(part.well for part in found)
        told = {part.name: {"well": part.well, "reason": part.reason} for part in found}
        return JSONResponse({"ready": well, "parts": told}, 200 if well else 503)

    @app.get("/", include_in_schema=False)
    def home() -> HTMLResponse:
        told = [{"title": part.title, "well": part.well, "reason": part.reason} for part in health.parts()]
        return HTMLResponse(pages.home(told, held.told(parts.settings), _sources(parts.warehouse), list(parts.catalog.values())))


def _sources(warehouse: Warehouse) -> Sequence[Mapping[str, Any]]:
    try:
        return figures.sources(warehouse)
    except WarehouseError:
        return []


def _documents(app: FastAPI, parts: Parts) -> None:
    @app.get("/api/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        found = assets.jar(parts.settings.cache, "swagger-ui")
        return HTMLResponse(pages.DOCS if found else pages.PLAIN_DOCS)

    @app.get("/api/items/{item}/openapi.json", include_in_schema=False)
    def described(item: str) -> dict[str, Any]:
        """The interface for one item."""
        return api_schema.document(_known(parts.catalog, item), app.openapi())

    @app.get("/api/assets/{name}", include_in_schema=False)
    def asset(name: str) -> Response:
        if name == "start.js":
            return Response(pages.START, media_type=assets.KINDS[".js"])
        found = assets.jar(parts.settings.cache, "swagger-ui")
        content = assets.read(found, name) if found and name in pages.ASSETS else None
        if content is None:
            raise Refusal("not_found", "没有这个文件。")
        return Response(content, media_type=assets.KINDS[name[name.rindex(".") :]])

    @app.get("/templates/{item}.xlsx", include_in_schema=False)
    async def download(item: str) -> Response:
        content = await run_in_threadpool(template.workbook, _known(parts.catalog, item), parts.catalog.version)
        return Response(content, media_type=template.MEDIA, headers={"Content-Disposition": f'attachment; filename="{item}.xlsx"'})


def _known(catalog: Catalog, item: str) -> Item:
    found = catalog.get(item)
    if found is None:
        raise Refusal.unknown_item(item)
    return found
