"""One request, one transaction: what a page did and its audit line stand together or not at all."""

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import CapturingLogger

from portal.accounts.roles import Role
from portal.audit import journal
from portal.pages import people
from producers import api_errors
from producers.refusal import Refusal
from tests.portal.desk import Desk


def test_what_cannot_be_written_to_the_audit_is_not_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    account, centre = desk.account(Role.OFFICER), desk.person(Role.CENTRE)
    inside = desk.enter(account)

    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(journal, "record", full)
    monkeypatch.setattr(api_errors, "LOG", CapturingLogger())
    assert centre.post(f"/people/{account.id}/disable").status_code == 500
    monkeypatch.undo()
    assert inside.get("/my-work").status_code == 200


def test_what_is_refused_half_way_is_undone_and_written_down(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    account, centre = desk.account(Role.OFFICER), desk.person(Role.CENTRE)
    inside, disable = desk.enter(account), people.people.disable

    def half(*values: object) -> None:
        disable(*values)
        raise Refusal("conflict", "别人正在改。")

    monkeypatch.setattr(people.people, "disable", half)
    assert centre.post(f"/people/{account.id}/disable").status_code == 409
    monkeypatch.undo()
    assert inside.get("/my-work").status_code == 200
    assert [(line.action, line.outcome) for line in desk.audit() if line.action == "停用账号"] == [("停用账号", "refused")]


def test_connections_are_given_back_whatever_happens(desk: Desk) -> None:
    centre, pool = desk.person(Role.CENTRE), desk.database.kw["bind"].pool
    for path in ("/people", "/people/999", "/people/abc", "/nothing", "/audit", "/interface/x"):
        for _ in range(20):
            centre.get(path)
    assert pool.checkedout() == 0
