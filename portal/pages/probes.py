"""Is it alive, is it ready: for whoever watches the process."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from portal.frame.access import OPEN
from portal.health import Health


def router(health: Health) -> APIRouter:
    """The routes of `/healthz` and `/readyz`."""
    routes = APIRouter(include_in_schema=False, dependencies=[OPEN])

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @routes.get("/readyz")
    def readyz() -> Response:
        """Every part is well, or which is not and why."""
        found = health.parts()
        well = all(part.well for part in found)
        told = {part.name: {"well": part.well, "reason": part.reason} for part in found}
        return JSONResponse({"ready": well, "parts": told}, 200 if well else 503)

    return routes
