"""The pages' own files: the style sheet and htmx."""

from fastapi import APIRouter, Request, Response

from portal import assets
from portal import site as sites
from portal.frame.access import OPEN
from producers.refusal import Refusal

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}", dependencies=[OPEN])
def static(name: str, request: Request) -> Response:
    """Their addresses carry a digest, so that browsers keep them for good."""
    content = assets.static(sites.of(request).settings.cache, name)
    if content is None:
        raise Refusal("not_found", "没有这个文件。")
    kind = assets.KINDS[name[name.rindex(".") :]]
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})
