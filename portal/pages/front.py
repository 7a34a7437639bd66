"""The public front page: what runs, how much was collected in all, and where to go on; to whoever is logged in, what each source delivered that is his to see."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from infra import held
from loaders import figures
from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse
from portal.accounts.roles import DEPARTMENTAL
from portal.frame.access import anyone
from portal.frame.visit import Visit
from portal.health import Health


def router(health: Health, warehouse: Warehouse) -> APIRouter:
    """The route of `/`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def home(visit: Annotated[Visit, anyone()]) -> Response:
        site, found = visit.site, _sources(warehouse)
        waiting, sources = _shown(visit, held.messages(site.settings)), _shown(visit, found)
        told: dict[str, Any] = {"parts": health.parts(), "waiting": waiting, "sources": sources, "total": _total(found)}
        return visit.page("front.html", title="首页", items=list(site.catalog.values()), known=visit.person, **told)

    return routes


def _shown(visit: Visit, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """What a visitor may see of rows that are each a department's: nothing unless he is logged in, his own department's if he is of one."""
    if visit.person is None:
        return []
    return [row for row in rows if visit.person.role not in DEPARTMENTAL or row["department"] == visit.person.department]


def _total(sources: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What anybody may know: how many departments said how much, and how much of it stands."""
    return {"departments": len({row["department"] for row in sources}), **{name: sum(row[name] for row in sources) for name in ("received", "accepted")}}


def _sources(warehouse: Warehouse) -> Sequence[Mapping[str, Any]]:
    try:
        return figures.sources(warehouse)
    except WarehouseError:
        return []
