"""The audit: what is written stays, and nothing gets in that must not be there."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from portal.accounts.roles import Role
from portal.accounts.sessions import Person
from portal.audit import journal
from portal.audit.journal import Deed, Entry, Wanted
from tests.portal.desk import BOTH

NOW = datetime(2017, 9, 1, tzinfo=UTC)
AUDITOR = Person(1, "shen", "沈", Role.AUDITOR, "", must_change=False, session_id="x", flash="")


@pytest.fixture
def written(portal: sessionmaker[Session]) -> sessionmaker[Session]:
    with portal.begin() as database:
        journal.record(database, Deed("登录", "zhang", "zjj", "10.0.0.1"), None, NOW)
    return portal


FORBIDDEN = {
    "update": update(Entry).values(outcome="done"),
    "delete": delete(Entry),
    "update by hand": text("UPDATE audit SET subject = 'x'"),
    "delete by hand": text("DELETE FROM audit WHERE id = 1"),
}
ONE_DATABASE = {
    "sqlite": "INSERT OR REPLACE INTO audit SELECT 1, at, account_id, username, name, role, department, about, address, action, 'x', outcome FROM audit",
    "postgresql": "TRUNCATE audit",
}


@BOTH
@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
def test_no_line_is_changed_or_deleted(written: sessionmaker[Session], statement: object) -> None:
    with pytest.raises(DBAPIError, match="append-only"), written.begin() as database:
        database.execute(statement)
    with written() as database:
        assert [line.subject for line in journal.read(database, AUDITOR, Wanted())[0]] == ["zhang"]


@BOTH
def test_nor_by_what_one_database_alone_can_do(written: sessionmaker[Session]) -> None:
    with pytest.raises(DBAPIError, match="append-only"), written.begin() as database:
        database.execute(text(ONE_DATABASE[database.get_bind().dialect.name]))
    with written() as database:
        assert journal.read(database, AUDITOR, Wanted())[1] == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("查 11010519491231002X 的记录", "查 *** 的记录"),
        ("１１０１０５１９４９１２３１００２Ｘ", "***"),
        ("gj_0123456789ab_" + "S" * 43, "gj_0123456789ab_***"),
        ("gj_0123456789ab zjj/oa", "gj_0123456789ab zjj/oa"),
        ("济" * 500, "济" * 400),
    ],
)
def test_personal_numbers_and_tokens_do_not_get_in(portal: sessionmaker[Session], said: str, kept: str) -> None:
    with portal.begin() as database:
        journal.record(database, Deed("查询", said), AUDITOR, NOW)
        journal.record_command(database, Deed("查询", said), "root", NOW)
    with portal() as database:
        assert {line.subject for line in journal.read(database, AUDITOR, Wanted())[0]} == {kept}


def test_a_percent_sign_is_looked_for_as_itself(written: sessionmaker[Session]) -> None:
    with written() as database:
        assert journal.read(database, AUDITOR, Wanted(text="%"))[1] == 0
        assert journal.read(database, AUDITOR, Wanted(text="zha"))[1] == 1
