"""Log-in through the city's own identity service: OpenID Connect, code flow with PKCE, by setting.

It proves who somebody is. Which account that is follows from one claim; it never makes an account and never gives a role.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from sqlalchemy import select
from sqlalchemy.orm import Session

from infra.settings import Settings
from portal.accounts.tables import Account

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]  # never "none", never one with a shared secret
SCOPE = "openid profile email"
SECONDS = 10
LEEWAY = 60  # seconds between the two clocks


class OidcFault(Exception):
    """The log-in did not come about; `args[0]` is for the person (Chinese), `technical` for the log."""

    def __init__(self, message: str, technical: str) -> None:
        super().__init__(message)
        self.technical = technical


@dataclass(frozen=True)
class Challenge:
    """What a browser that was sent away must come back with. It stays in a cookie of that browser."""

    state: str
    nonce: str
    verifier: str


def away(settings: Settings, back: str, challenge: Challenge) -> str:
    """The address at the identity service to send the browser to; `back` is ours to come back to. Raises OidcFault."""
    metadata = _metadata(settings)
    with _client(settings, back) as client:
        address, _ = client.create_authorization_url(
            metadata["authorization_endpoint"], state=challenge.state, nonce=challenge.nonce, code_verifier=challenge.verifier
        )
    return str(address)


def claims(settings: Settings, back: str, code: str, challenge: Challenge) -> Mapping[str, Any]:
    """What the identity service says of the person, its signature, issuer, audience, time and nonce checked. Raises OidcFault."""
    metadata = _metadata(settings)
    try:
        with _client(settings, back) as client:
            answer = client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=challenge.verifier, timeout=SECONDS)
        keys = KeySet.import_key_set(cast(KeySetSerialization, _json(metadata["jwks_uri"])))
        token = jwt.decode(answer["id_token"], keys, algorithms=ALGORITHMS)
        options = {"iss": {"essential": True, "value": metadata["issuer"]}, "aud": {"essential": True, "value": settings.oidc_client_id}, "nonce": {"essential": True, "value": challenge.nonce}}
        found = CodeIDToken(token.claims, token.header, options, {"nonce": challenge.nonce, "client_id": settings.oidc_client_id})
        found.validate(now=int(time.time()), leeway=LEEWAY)
    except (OAuthError, OAuth2Error, JoseError, OSError, ValueError, KeyError) as fault:
        raise OidcFault("统一身份认证没有通过验证，请重新登录；如果一再出现，请与运维联系。", f"{type(fault).__name__}: {fault}") from fault
    return dict(found)


def account(database: Session, settings: Settings, said: Mapping[str, Any]) -> Account:
    """The account the claim names. Raises OidcFault: none, disabled, or an address that the service has not verified."""
    value = str(said.get(settings.oidc_claim) or "").strip().lower()
    by_email = settings.oidc_claim == "email"
    if by_email and said.get("email_verified") is not True:
        raise OidcFault("统一身份认证没有核实过您的邮箱，不能据此登录。请先在那里核实邮箱，或用账号和密码登录。", "email_verified is not true")
    column = Account.email if by_email else Account.username
    found = database.scalar(select(Account).where(column == value)) if value else None
    if found is None:
        raise OidcFault("您已通过统一身份认证，但在本平台还没有账号。请与市信用办或归集中心联系，建立账号。", "no account has this claim")
    if found.disabled_at is not None:
        raise OidcFault("您在本平台的账号已停用。如有疑问请与市信用办或归集中心联系。", "the account is disabled")
    return found


def _client(settings: Settings, back: str) -> OAuth2Session:
    return OAuth2Session(
        settings.oidc_client_id, settings.oidc_client_secret.get_secret_value() or None, scope=SCOPE, redirect_uri=back, code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if settings.oidc_client_secret.get_secret_value() else "none",
    )  # fmt: skip


def _metadata(settings: Settings) -> dict[str, Any]:
    """What the identity service says of itself, asked anew at every log-in."""
    found = _json(f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer", "").rstrip("/") != settings.oidc_issuer.rstrip("/"):
        raise OidcFault("统一身份认证的设置有误，请与运维联系。", f"the service calls itself {found.get('issuer')!r}, GUIJI_OIDC_ISSUER is {settings.oidc_issuer!r}")
    return found


def _json(address: str) -> dict[str, Any]:
    try:
        answer = httpx.get(address, timeout=SECONDS).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as fault:
        raise OidcFault("统一身份认证没有应答。请稍后再试，或用账号和密码登录。", f"{address}: {type(fault).__name__}") from fault
    if not isinstance(answer, dict):
        raise OidcFault("统一身份认证的设置有误，请与运维联系。", f"{address} is no JSON object")
    return answer
