"""Is it alive, is it ready, how much of what: for whoever watches the process."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from infra import measured
from infra.settings import Settings
from loaders import internal
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


def metrics(settings: Settings) -> APIRouter:
    """The route of `/metrics`: all processes of this home, for whoever bears the token in `<home>/serve.token`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics")
    def told(request: Request) -> Response:
        if not internal.admitted(request.headers.get("authorization", ""), settings.serve_token):
            return JSONResponse({"error": {"code": "token", "message": "令牌缺失或不正确。", "remedy": "令牌写在 .guiji/serve.token 中。", "details": []}}, 401)
        return Response(measured.joined(settings), media_type=measured.FORM)

    return routes
