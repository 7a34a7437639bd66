"""Forms of other sites: every form carries a token that follows from the visitor's cookie, and the browser's Origin must be ours."""

import hmac
from urllib.parse import urlsplit

from fastapi import Request

from portal.accounts.sessions import form_token
from producers.refusal import Refusal

FIELD, HEADER = "_form", "X-Form-Token"


def check(request: Request, own_url: str, secret: str, token: str) -> None:
    """Raises Refusal `forbidden` unless the request comes from a page of ours. `own_url`: where people reach us, empty when the request's Host says it; `secret`: the visitor's cookie."""
    if not (_ours(request, own_url) and secret and hmac.compare_digest(form_token(secret).encode(), token.encode())):
        raise Refusal("forbidden", "这个表单已经过期，或者不是从本站打开的，没有执行任何操作。", "请回到原来的页面，刷新后再提交一次。")


def _ours(request: Request, own_url: str) -> bool:
    """Whether the browser says that the request comes from here. Old browsers say nothing: then the token alone decides."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in {request.headers.get("host"), urlsplit(own_url).netloc or None}
