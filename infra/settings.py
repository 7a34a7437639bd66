"""Settings: environment variables `GUIJI_*`, one typed object, no other way in. `guiji up` writes the local stack's addresses to `<home>/env`; the real environment wins."""

import contextlib
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]


class SettingsFault(Exception):
    """A setting cannot be as it is: says which, and what to set."""


class Settings(BaseSettings):
    """Where things are. Read with `get()`."""

    model_config = SettingsConfigDict(env_prefix="GUIJI_", extra="ignore")

    home: Path = ROOT / ".guiji"
    cache: Path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guiji"
    kafka: str = ""
    registry: str = ""
    registry_native: str = ""
    connect: str = ""
    clickhouse_url: str | None = None
    serve_host: str = "127.0.0.1"
    serve_port: int = 0
    live_port: int = 0
    bulk_port: int = 0
    catalogue: Path = ROOT / "schemas" / "avro"
    sources: Path = ROOT / "connectors" / "sources"
    portal_database: str | None = None
    portal_url: str = ""
    portal_tls: bool = False
    session_idle_minutes: int = 60
    session_hours: int = 12
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_claim: str = "email"
    oidc_title: str = "统一身份认证"
    remind_days: tuple[int, ...] = (-3, -1, 1, 3, 7)  # working days from the due date, negative before it
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_password_file: Path | None = None
    smtp_from: str = ""
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    webhook_secret_file: Path | None = None
    timezone: str = "Asia/Shanghai"
    free_disk_mb: int = 1024
    log: Literal["", "json", "text"] = ""

    @property
    def serve_url(self) -> str:
        return f"http://{self.serve_host}:{self.serve_port}"

    @property
    def env_file(self) -> Path:
        return self.home / "env"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def pids(self) -> Path:
        return self.home / "pids"

    @property
    def slots(self) -> Path:
        return self.home / "slots"

    @property
    def spool(self) -> Path:
        return self.home / "spool"

    @property
    def mappings(self) -> Path:
        """What departments' own titles mean."""
        return self.home / "mappings.db"

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def clickhouse_path(self) -> Path:
        return self.home / "clickhouse"

    @property
    def portal_db(self) -> str:
        """The portal database's SQLAlchemy URL."""
        return self.portal_database or f"sqlite:///{self.home / 'portal.db'}"

    @property
    def serve_token_path(self) -> Path:
        return self.home / "serve.token"

    @property
    def secrets_file(self) -> Path:
        """Passwords by name, `NAME=value` lines; given to Connect by environment and never written into a connector."""
        return self.home / "secrets.env"

    def secrets(self) -> dict[str, str]:
        """The passwords of that file; the real environment wins."""
        if not self.secrets_file.exists():
            return {}
        pairs = (line.split("=", 1) for line in self.secrets_file.read_text().splitlines() if "=" in line)
        return {name: os.environ.get(name, value) for name, value in pairs}

    @cached_property
    def key_secret(self) -> bytes:
        """The HMAC key of personal parts of record keys: made once, never logged, to be backed up with the data."""
        return _secret(self.home / "secret")

    @cached_property
    def serve_token(self) -> str:
        return _secret(self.serve_token_path).decode()


def told(secret: SecretStr, file: Path | None) -> str:
    """A secret from the environment, or else from a file that is named there, without the line's end. Raises OSError when that cannot be read."""
    return secret.get_secret_value() or (file.read_text(encoding="utf-8").strip() if file else "")


def _secret(path: Path) -> bytes:
    """64 hexadecimal characters from a file only its owner can read; made when it is not there. Two processes at once get the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as handle:
            handle.write(secrets.token_hex(32).encode())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_bytes()


def get() -> Settings:
    """The settings of this process, read anew at each call."""
    home = Path(os.environ.get("GUIJI_HOME") or ROOT / ".guiji").resolve()
    return Settings(_env_file=home / "env", home=home)
