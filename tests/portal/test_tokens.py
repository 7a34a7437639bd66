"""Tokens: shown once, kept as a hash, good for what they were issued for and no longer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from portal import database, tokens

NOW = datetime.now(UTC)


def made(portal: sessionmaker[Session], *what: Any, **more: Any) -> tokens.Issued:
    with portal.begin() as session:
        return tokens.create(session, *what, **more)


def ended(portal: sessionmaker[Session], prefix: str) -> None:
    with portal.begin() as session:
        tokens.revoke(session, prefix)


def found(portal: sessionmaker[Session], department: str | None = None) -> list[database.Token]:
    with portal() as session:
        return tokens.find(session, department)


def test_a_token_says_whose_it_is_and_what_it_may(portal: sessionmaker[Session]) -> None:
    issued = made(portal, "zjj", "oa-1", ["xzxk"])
    caller = tokens.authenticate(portal, issued.text, NOW)
    assert caller is not None
    assert (caller.source, caller.prefix) == ("zjj/oa-1", issued.prefix)
    assert caller.may("xzxk")
    assert not caller.may("xzcf")


def test_revoked_expired_and_altered_tokens_are_nobodys(portal: sessionmaker[Session]) -> None:
    revoked, expired, good = (made(portal, "zjj", "oa", days=days) for days in (None, 30, None))
    ended(portal, revoked.prefix)
    ended(portal, revoked.prefix)
    assert tokens.authenticate(portal, revoked.text, NOW) is None
    assert tokens.authenticate(portal, expired.text, NOW + timedelta(days=29)) is not None
    assert tokens.authenticate(portal, expired.text, NOW + timedelta(days=31)) is None
    assert tokens.authenticate(portal, good.text[:-1] + ("A" if good.text[-1] != "A" else "B"), NOW) is None
    assert tokens.authenticate(portal, good.text.replace(good.prefix, revoked.prefix), NOW) is None


def test_the_secret_is_nowhere_in_the_database(portal: sessionmaker[Session], tmp_path: Path) -> None:
    secret = made(portal, "zjj", "oa").text.split("_", 2)[2]
    assert not any(secret.encode() in path.read_bytes() for path in tmp_path.iterdir())
    assert (tmp_path / "portal.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("client", ["", "Excel", "excel", "form", "file", "a b", "局", "x" * 40])
def test_a_clients_name_cannot_be_another_way(portal: sessionmaker[Session], client: str) -> None:
    with pytest.raises(tokens.TokenFault):
        made(portal, "zjj", client)


def test_an_unknown_prefix_cannot_be_revoked(portal: sessionmaker[Session]) -> None:
    with pytest.raises(tokens.TokenFault):
        ended(portal, "0" * 12)


def test_the_use_is_noted_and_lists_show_everything(portal: sessionmaker[Session]) -> None:
    issued = made(portal, "zjj", "oa")
    made(portal, "swj", "oa")
    tokens.authenticate(portal, issued.text, NOW)
    assert len(found(portal)) == 2
    (row,) = found(portal, "zjj")
    assert row.last_used_at == NOW


def test_migrations_run_again_change_nothing_and_match_the_models(portal: sessionmaker[Session], tmp_path: Path) -> None:
    made(portal, "zjj", "oa")
    again = database.connect(f"sqlite:///{tmp_path}/portal.db")
    assert len(found(again)) == 1
    with again() as session:
        columns = {row[1] for row in session.execute(text("PRAGMA table_info(token)"))}
    assert columns == set(database.Token.__table__.columns.keys())


@given(st.text())
def test_any_text_is_refused_without_asking_the_database(said: str) -> None:
    def never() -> None:
        raise AssertionError

    assert tokens.authenticate(never, said, NOW) is None
