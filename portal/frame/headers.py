"""What every answer tells the browser: load from here only, run nothing inline, guess no type, keep no page of somebody's."""

from fastapi import Response

from infra.settings import Settings

POLICY = "default-src 'self'; style-src 'self'{styles}; img-src 'self' data:; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
# Swagger UI writes styles into the page.
INLINE_STYLES = ("/api/docs",)


def secure(response: Response, settings: Settings, path: str) -> None:
    """Add the headers. What is not said to be kept is not kept."""
    response.headers["Content-Security-Policy"] = POLICY.format(styles=" 'unsafe-inline'" if path in INLINE_STYLES else "")
    response.headers["X-Content-Type-Options"] = "nosniff"
    # With no-referrer browsers send "Origin: null" along with our own forms.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    if settings.portal_tls:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
