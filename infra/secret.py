"""`<home>/secrets.env`: passwords by name, one `NAME=value` a line, readable by its owner alone. Read by `Settings.secrets`; written here."""

import secrets
from collections.abc import Iterable, Mapping

from infra.settings import Settings


def made(settings: Settings, names: Iterable[str]) -> dict[str, str]:
    """A new password for each of these names that has none yet; those that were made."""
    known = settings.secrets()
    fresh = {name: fresh_password() for name in names if name not in known}
    if fresh:
        put(settings, fresh)
    return fresh


def fresh_password() -> str:
    """Hard to guess, and safe in any connection string."""
    return secrets.token_urlsafe(18)


def put(settings: Settings, values: Mapping[str, str]) -> None:
    """Write these values, in place of older ones; the other lines stay as they are."""
    file = settings.secrets_file
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = file.read_text().splitlines() if file.exists() else []
    kept = [line for line in lines if line.partition("=")[0] not in values]
    draft = file.with_name(f".{file.name}.draft")
    draft.touch(0o600)
    draft.write_text("".join(f"{line}\n" for line in [*kept, *(f"{name}={value}" for name, value in values.items())]))
    draft.rename(file)
