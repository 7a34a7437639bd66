"""The public front page: what runs, what each source delivered, and where to go on."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from infra import held
from loaders import figures
from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse
from portal.frame.access import anyone
from portal.frame.visit import Visit
from portal.health import Health


def router(health: Health, warehouse: Warehouse) -> APIRouter:
    """The route of `/`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def home(visit: Annotated[Visit, anyone()]) -> Response:
        site = visit.site
        told: dict[str, Any] = {"parts": health.parts(), "waiting": held.messages(site.settings), "sources": _sources(warehouse)}
        return visit.page("front.html", title="首页", items=list(site.catalog.values()), **told)

    return routes


def _sources(warehouse: Warehouse) -> Sequence[Mapping[str, Any]]:
    try:
        return figures.sources(warehouse)
    except WarehouseError:
        return []
