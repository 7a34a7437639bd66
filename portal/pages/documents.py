"""What everybody may take away: the interface's description, example clients, and the template of every item."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from portal import assets
from portal import site as sites
from portal.frame.access import OPEN
from portal.frame.templates import PAGES
from producers import api_schema, template
from producers.refusal import Refusal
from schemas.catalog import Catalog, Item

ASSETS = {"swagger-ui.css", "swagger-ui-bundle.js"}
CLIENTS = Path(__file__).parents[2] / "docs" / "clients"
PROGRAMS = ("README.md", "submit.py", "submit.sh", "Submit.java", "bulk.py")
# The description of one item is asked for by the page's own address: /api/docs?item=xzxk.
START = """const item = new URLSearchParams(location.search).get("item");
const url = item ? `/api/items/${encodeURIComponent(item)}/openapi.json` : "/api/openapi.json";
SwaggerUIBundle({url, dom_id: "#swagger-ui", validatorUrl: null});
"""

router = APIRouter(include_in_schema=False, dependencies=[OPEN])


@router.get("/api/docs")
def docs(request: Request) -> HTMLResponse:
    """Swagger UI out of its WebJar, a plain link without it."""
    return HTMLResponse(PAGES.get_template("docs.html").render(swagger=assets.jar(sites.of(request).settings.cache, "swagger-ui")))


@router.get("/api/openapi.json")
def described_all(request: Request) -> dict[str, Any]:
    """The interface for all items."""
    return dict(request.app.openapi())


@router.get("/api/items/{item}/openapi.json")
def described(item: str, request: Request) -> dict[str, Any]:
    """The interface for one item."""
    return api_schema.document(_known(sites.of(request).catalog, item), request.app.openapi())


@router.get("/api/assets/{name}")
def asset(name: str, request: Request) -> Response:
    """A file of Swagger UI."""
    if name == "start.js":
        return Response(START, media_type=assets.KINDS[".js"])
    found = assets.jar(sites.of(request).settings.cache, "swagger-ui")
    content = assets.read(found, name) if found and name in ASSETS else None
    if content is None:
        raise Refusal("not_found", "没有这个文件。")
    return Response(content, media_type=assets.KINDS[name[name.rindex(".") :]], headers={"Cache-Control": "public, max-age=86400"})


@router.get("/api/clients/{name}")
def client(name: str) -> Response:
    """An example client."""
    if name not in PROGRAMS:
        raise Refusal("not_found", "没有这个文件。", f"有 {'、'.join(PROGRAMS)}。")
    return Response((CLIENTS / name).read_bytes(), media_type="text/plain; charset=utf-8")


@router.get("/templates/{item}.xlsx")
async def download(item: str, request: Request) -> Response:
    """The item's template."""
    catalog = sites.of(request).catalog
    content = await run_in_threadpool(template.workbook, _known(catalog, item), catalog.version)
    return Response(content, media_type=template.MEDIA, headers={"Content-Disposition": f'attachment; filename="{item}.xlsx"'})


def _known(catalog: Catalog, item: str) -> Item:
    found = catalog.get(item)
    if found is None:
        raise Refusal.unknown_item(item)
    return found
