"""Sheets go through the real door: said by `<department>/form`, as a person's word, once each."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from infra import kafka
from infra.settings import Settings
from portal.accounts.roles import Role
from portal.accounts.sessions import Person
from portal.entry import sheets
from portal.entry.sheets import Sheet
from producers import door as doors
from schemas import codec, topics
from schemas.registry import Registry
from tests.portal.entry.site import ITEM
from tests.producers.conftest import copied

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
OFFICER = Person(1, "zhang", "张伟", Role.OFFICER, "zjj", must_change=False, session_id="", flash="")
REVIEWER = Person(2, "li", "李娜", Role.REVIEWER, "zjj", must_change=False, session_id="", flash="")


def test_a_reviewed_sheet_waits_and_only_somebody_else_may_decide(portal: sessionmaker[Session]) -> None:
    with portal.begin() as database:
        sheets.review(database, REVIEWER, NOW, wanted=True)
        sheets.review(database, REVIEWER, NOW, wanted=True)  # again is a no-op
        for who in (OFFICER, REVIEWER):
            sheet = sheets.begun(ITEM, "zjj", who)
            sheets.write(database, sheet, {}, "k", who, NOW)
            door: Any = None  # nothing is sent
            sheets.hand_in(database, door, sheet, who)
            assert sheet.title == "待审核"
            assert not sheets.may_decide(database, OFFICER, sheet)
            assert sheets.may_decide(database, REVIEWER, sheet) == (who is OFFICER)
        sheets.review(database, REVIEWER, NOW, wanted=False)
        assert not sheets.is_reviewed(database, "zjj")


@pytest.mark.servers
def test_what_is_entered_changed_and_withdrawn_is_said_once_each_in_order(stack: Any, portal: sessionmaker[Session], tmp_path: Path) -> None:
    code = f"xzxk_{uuid4().hex[:8]}"
    catalog = copied(tmp_path / "avro", code)
    item = catalog[code]
    settings = Settings(home=tmp_path / "home", kafka=stack.settings.kafka, registry=stack.settings.registry, catalogue=tmp_path / "avro")
    with Registry(settings.registry) as registry:
        registry.register(catalog)
        kafka.ensure(settings, topics.of(catalog))
        with doors.opened(settings, catalog) as door, portal() as database:

            def enter(said: dict[str, str | None], operation: str) -> Sheet:
                sheet = sheets.begun(item, "zjj", OFFICER)
                sheet.operation = operation
                sheets.write(database, sheet, said, "k", OFFICER, NOW)
                sheets.hand_in(database, door, sheet, OFFICER)
                return sheet

            first = enter(item.example, sheets.ASSERT)
            draft = {column.key: getattr(first, column.key) for column in Sheet.__table__.columns} | {"state": sheets.DRAFT, "receipt": ""}
            receipt = first.receipt
            database.rollback()  # who dies before the answer leaves the draft, and sends it again
            database.add(again := Sheet(**draft))
            sheets.hand_in(database, door, again, OFFICER)
            assert again.receipt == receipt
            changed = enter({**item.example, "XK_FR": "李四"}, sheets.ASSERT)
            gone = enter(item.example, sheets.RETRACT)
            database.commit()
            assert all(door.settle(each.receipt, 30) for each in (again, changed, gone))
        said = [codec.decode([message.value()], registry.schema).records[0] for message in kafka.read_to_end(settings, topics.submitted(code), 0)]
    assert [(each["_source"], each["_way"], each["_department"]) for each in said] == [("zjj/form", "form", "zjj")] * 3
    assert [(each["_operation"], each["_batch"], each["_ref"]) for each in said] == [
        ("assert", again.receipt, again.ref), ("assert", changed.receipt, changed.ref), ("retract", gone.receipt, gone.ref),
    ]  # fmt: skip
    assert said[1]["XK_FR"] == "李四"
    assert {name: said[0][name] for name in item.by_name} == item.example
