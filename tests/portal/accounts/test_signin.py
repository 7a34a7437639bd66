"""Logging in: the limit holds although many try at once, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from portal.accounts import passwords, people, signin
from portal.accounts.people import Draft
from portal.accounts.signin import SignInFault
from portal.accounts.tables import Account, FailedLogin
from tests.portal.desk import BOTH

NOW = datetime(2017, 9, 1, tzinfo=UTC)


@pytest.fixture
def zhang(portal: sessionmaker[Session]) -> str:
    """The password of an account called zhang."""
    with portal.begin() as database:
        return people.add(database, Draft("zhang", "张伟", "officer", "zjj"), {"zjj"}, NOW)[1]


@BOTH
def test_at_most_five_passwords_are_looked_at_however_many_come_at_once(portal: sessionmaker[Session], zhang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(passwords, "matches", lambda _kept, password: looked.append(password) or False)

    def attempt(number: int) -> str:
        with pytest.raises(SignInFault) as caught:
            signin.attempt(portal, "zhang", str(number), NOW)
        return str(caught.value)

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(attempt, range(24)))
    assert len(looked) <= signin.FAILURES
    assert sum("不对" not in each for each in told) >= 24 - signin.FAILURES


@BOTH
def test_names_are_the_same_however_they_are_typed(portal: sessionmaker[Session], zhang: str) -> None:
    assert signin.attempt(portal, " Zhang ", zhang, NOW).name == "张伟"
    for name in ("ZHANG", "zhang", " zhang"):
        for _ in range(2):
            with pytest.raises(SignInFault):
                signin.attempt(portal, name, "x", NOW)
    with portal() as database:
        assert signin.locks(database, NOW)("zhang")
        assert not signin.locks(database, NOW + signin.LOCKED_FOR + timedelta(seconds=1))("zhang")


def test_failures_are_forgotten_when_they_count_no_more(portal: sessionmaker[Session], zhang: str) -> None:
    for number in range(3):
        with pytest.raises(SignInFault):
            signin.attempt(portal, f"name{number}", "x", NOW)
    signin.attempt(portal, "zhang", zhang, NOW + timedelta(hours=1))
    with portal() as database:
        assert database.scalar(select(func.count()).select_from(FailedLogin)) == 0


def test_a_hash_of_weaker_parameters_is_made_anew_at_the_next_log_in(portal: sessionmaker[Session], zhang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "outdated", lambda _kept: True)
    before = signin.attempt(portal, "zhang", zhang, NOW).password
    with portal() as database:
        assert database.scalar(select(Account.password)) != before
    monkeypatch.undo()
    assert signin.attempt(portal, "zhang", zhang, NOW).name == "张伟"
