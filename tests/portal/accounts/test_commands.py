"""`guiji user`: the first account, and help when nobody can log in."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

import guiji
from portal import database
from portal.accounts import signin
from portal.accounts.people import PersonFault
from portal.accounts.signin import SignInFault
from portal.audit.journal import Entry

RUN = CliRunner()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUIJI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def user(*words: str) -> str:
    """What the command writes to standard output."""
    answer = RUN.invoke(guiji.app, ["user", *words], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout.strip()


def test_the_first_account_is_made_and_its_password_printed_once(home: Path) -> None:
    password = user("add", "zhang", "张伟", "--role", "centre")
    portal = database.connect(f"sqlite:///{home}/portal.db")
    assert signin.attempt(portal, "zhang", password, datetime.now(UTC)).must_change
    (listed,) = json.loads(user("list", "-o", "json"))
    assert (listed["username"], listed["role"], listed["must_change"]) == ("zhang", "centre", True)
    assert password not in json.dumps(listed)
    again = user("reset", "zhang")
    with pytest.raises(SignInFault):
        signin.attempt(portal, "zhang", password, datetime.now(UTC))
    assert signin.attempt(portal, "zhang", again, datetime.now(UTC)).username == "zhang"


def test_every_command_is_in_the_audit_without_the_password(home: Path) -> None:
    password = user("add", "lina", "李娜", "--role", "officer", "--department", "zjj")
    for words in (("disable", "lina"), ("enable", "lina"), ("role", "lina", "reviewer", "--department", "zjj")):
        user(*words)
    assert json.loads(user("list", "--department", "zjj", "-o", "json"))[0]["role"] == "reviewer"
    with database.connect(f"sqlite:///{home}/portal.db")() as session:
        lines = session.scalars(select(Entry).order_by(Entry.id)).all()
    assert [(line.action, line.about, line.address) for line in lines] == [(action, "zjj", "命令行") for action in ("新建账号", "停用账号", "启用账号", "变更角色")]
    assert all(line.username and password not in line.subject for line in lines)


def test_all_that_is_wrong_is_said_in_english(home: Path) -> None:
    answer = RUN.invoke(guiji.app, ["user", "add", "Li Na", "李娜", "--role", "officer"])
    assert isinstance(answer.exception, PersonFault)
    assert "user name 'Li Na'" in str(answer.exception)
    assert "needs a department" in str(answer.exception)
    assert isinstance(RUN.invoke(guiji.app, ["user", "reset", "nobody"]).exception, PersonFault)
    assert PersonFault in guiji.EXPLAINED


def test_tokens_made_on_the_machine_are_in_the_audit(home: Path) -> None:
    token = RUN.invoke(guiji.app, ["token", "new", "zjj", "oa"], catch_exceptions=False).stdout.strip()
    RUN.invoke(guiji.app, ["token", "revoke", token[3:15]], catch_exceptions=False)
    with database.connect(f"sqlite:///{home}/portal.db")() as session:
        lines = session.scalars(select(Entry).order_by(Entry.id)).all()
    assert [line.action for line in lines] == ["新建令牌", "撤销令牌"]
    assert not any(token[16:] in line.subject for line in lines)
