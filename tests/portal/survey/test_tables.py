"""Contacts, meetings and reply dates: every version stays, on both servers, and the database itself refuses to change one."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, sessionmaker

from portal.survey.tables import CONTACTS, MEETING, Note, add, notes, standing
from producers.refusal import Refusal
from tests.portal.desk import BOTH

NOW = datetime(2017, 9, 4, 1, 2, 3, tzinfo=UTC)


def said(word: str, department: str = "zjj") -> Note:
    return Note.of(CONTACTS, department, {"leader": word}, "li", NOW)


@BOTH
def test_the_last_version_stands_and_the_others_stay(portal: sessionmaker[Session]) -> None:
    with portal.begin() as database:
        add(database, said("王"), 0)
        add(database, said("李"), 1)
        add(database, said("张", "gtj"), 0)
    with portal() as database:
        assert [(note.version, note.about["leader"], note.by, note.at) for note in notes(database, "zjj")] == [(1, "王", "li", NOW), (2, "李", "li", NOW)]
        assert {code: note.about["leader"] for code, note in standing(notes(database), CONTACTS).items()} == {"zjj": "李", "gtj": "张"}
        assert standing(notes(database), MEETING) == {}


@BOTH
def test_whoever_saw_an_older_version_is_told(portal: sessionmaker[Session]) -> None:
    with portal.begin() as database:
        add(database, said("王"), 0)
    for seen in (0, 2):
        with portal.begin() as database, pytest.raises(Refusal) as refused:
            add(database, said("李"), seen)
        assert refused.value.code == "conflict"
    with portal() as database:
        assert len(notes(database)) == 1


@BOTH
@pytest.mark.parametrize("change", [update(Note).values(text="{}"), delete(Note)])
def test_nothing_is_changed_or_deleted(portal: sessionmaker[Session], change: object) -> None:
    with portal.begin() as database:
        add(database, said("王"), 0)
    with portal() as database, pytest.raises(DatabaseError, match="append-only"):
        database.execute(change)
