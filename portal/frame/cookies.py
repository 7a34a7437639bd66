"""The portal's cookies: none is readable by scripts, none goes along with another site's form, and behind TLS none travels without it."""

import re
import secrets

from fastapi import Request, Response

from infra.settings import Settings

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
SESSION, VISITOR, OIDC = "guiji", "guiji_visitor", "guiji_oidc"


def read(request: Request, settings: Settings, name: str) -> str:
    """The cookie's text, empty when there is none."""
    return request.cookies.get(_named(settings, name), "")


def secret(request: Request, settings: Settings, name: str) -> str:
    """The cookie, when it has the form of a secret; else empty."""
    found = read(request, settings, name)
    return found if SECRET.fullmatch(found) else ""


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def put(response: Response, settings: Settings, name: str, value: str, seconds: int | None = None) -> None:
    """Set it; without `seconds` it is forgotten with the browser."""
    response.set_cookie(_named(settings, name), value, max_age=seconds, path="/", secure=settings.portal_tls, httponly=True, samesite="lax")


def drop(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(_named(settings, name), path="/", secure=settings.portal_tls, httponly=True, samesite="lax")


def _named(settings: Settings, name: str) -> str:
    """Behind TLS the name itself forbids that another host of the domain sets the cookie."""
    return f"__Host-{name}" if settings.portal_tls else name
