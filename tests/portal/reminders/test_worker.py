"""The scheduler whole: from what is owed to a letter and a page, while another channel's server is away."""

from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from infra.settings import SettingsFault
from portal.reminders import worker
from portal.reminders.tables import EMAIL, PAGE, SENT, WAITING, WEBHOOK, Delivery
from producers.refusal import Refusal
from tests.portal.desk import Desk
from tests.portal.reminders.site import owing, people
from tests.portal.reminders.test_channels import http, smtp
from tests.waiting import eventually


def states(desk: Desk) -> dict[str, set[tuple[str, bool]]]:
    with desk.database() as database:
        found = database.scalars(select(Delivery)).all()
    return {channel: {(each.state, each.attempts > 0) for each in found if each.channel == channel} for channel in (PAGE, EMAIL, WEBHOOK)}


def test_what_is_owed_is_told_while_another_channel_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = owing(desk, monkeypatch)
    people(desk)
    ledger.owe()
    with http() as (_, nobody):
        pass
    with smtp() as (box, port):
        about: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "smtp_from": "guiji@example.cn"}
        about |= {"webhook_url": f"http://127.0.0.1:{nobody}/hook", "webhook_secret": SecretStr("x")}
        desk.change(settings=desk.settings.model_copy(update=about))
        with worker.running(ledger.site):
            expected = {PAGE: {(SENT, True)}, EMAIL: {(SENT, True)}, WEBHOOK: {(WAITING, True)}}
            eventually(lambda: states(desk) == expected, 30, told=lambda: str(states(desk)))
    assert sorted(mail["To"] for mail in box.taken) == ["zjj0@example.cn", "zjj1@example.cn"]


def test_without_the_warehouse_nothing_is_made_and_the_scheduler_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, asked = owing(desk, monkeypatch), list[int]()
    people(desk)
    ledger.owe()

    def away(_site: object, _asked: object) -> list[Any]:
        asked.append(1)
        if len(asked) == 1:
            raise Refusal("unavailable", "数据仓库没有应答。", "")
        return ledger.lines

    monkeypatch.setattr("portal.owed.lines", away)
    monkeypatch.setattr(worker, "TROUBLE_SECONDS", 0.01)
    with worker.running(ledger.site):
        eventually(lambda: states(desk)[PAGE] == {(SENT, True)}, 30)
    assert len(asked) == 2


def test_a_wrong_setting_stops_the_start(desk: Desk) -> None:
    desk.change(settings=desk.settings.model_copy(update={"webhook_url": "http://elsewhere.example.cn"}))
    with pytest.raises(SettingsFault), worker.running(desk.app.state.site):
        pass
