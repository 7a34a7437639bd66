"""What was declared is seen at once and for ever, in versions; two who declare the same at once do not overwrite each other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.declared import Declared, Saying
from producers.refusal import Refusal
from tests.portal.desk import Lobby

NOW = datetime(2017, 9, 4, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def lobby() -> Lobby:
    return Lobby()


@pytest.fixture
def declared(lobby: Lobby) -> Declared:
    warehouse: Any = lobby
    return Declared(lobby, warehouse)


def saying(seen: int, word: str = "甲", department: str = "zjj", item: str | None = None) -> Saying:
    return Saying("ways", department, item, {"word": word}, seen)


def test_it_is_seen_before_it_is_published_while_it_is_loaded_and_after(declared: Declared, lobby: Lobby) -> None:
    declared.declare([saying(0)], "li", NOW)
    before = declared.history(["ways"], "zjj")
    on_its_way, lobby.waiting = lobby.waiting, []
    between = declared.history(["ways"], "zjj")
    lobby.loaded = on_its_way
    assert before == between == declared.history(["ways"], "zjj") == on_its_way
    assert [(each.version, each.by, each.declared_at) for each in before] == [(1, "li", NOW)]


def test_after_a_restart_what_waits_at_the_door_is_seen(declared: Declared, lobby: Lobby) -> None:
    declared.declare([saying(0)], "li", NOW)
    warehouse: Any = lobby
    assert Declared(lobby, warehouse).history(["ways"]) == lobby.waiting


def test_nothing_is_overwritten_and_the_last_version_stands(declared: Declared, lobby: Lobby) -> None:
    declared.declare([saying(0, "甲")], "li", NOW)
    lobby.load()
    declared.declare([saying(1, "乙")], "wang", NOW + timedelta(days=1))
    assert [(each.version, each.about["word"], each.by) for each in declared.history(["ways"], "zjj")] == [(1, "甲", "li"), (2, "乙", "wang")]
    assert declared.standing(["ways"])["ways", "zjj", None].about == {"word": "乙"}


def test_items_and_departments_have_versions_of_their_own_and_are_asked_for_apart(declared: Declared) -> None:
    declared.declare([saying(0, item="xzxk"), saying(0, item="xzcf"), saying(0)], "li", NOW)
    declared.declare([saying(0, department="gtj")], "wu", NOW)
    assert {each.item for each in declared.history(["ways"], "zjj")} == {None, "xzxk", "xzcf"}
    assert {each.department for each in declared.history(["ways"])} == {"zjj", "gtj"}
    assert declared.history(["stock"]) == []


def test_of_many_who_saw_the_same_version_one_declares_and_the_others_are_told(declared: Declared, lobby: Lobby) -> None:
    def send(number: int) -> str:
        try:
            declared.declare([saying(0, str(number))], "li", NOW)
        except Refusal as refusal:
            return refusal.code
        return "declared"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, range(8))) == ["conflict"] * 7 + ["declared"]
    assert len(lobby.waiting) == 1


def test_a_conflict_in_one_declares_none(declared: Declared, lobby: Lobby) -> None:
    with pytest.raises(Refusal):
        declared.declare([saying(0, item="xzxk"), saying(7, item="xzcf")], "li", NOW)
    assert lobby.waiting == []
    assert declared.history(["ways"]) == []


def test_without_the_warehouse_nothing_is_declared_because_its_version_cannot_be_known(declared: Declared, lobby: Lobby) -> None:
    lobby.away = True
    with pytest.raises(Refusal) as refused:
        declared.declare([saying(0)], "li", NOW)
    assert refused.value.code == "unavailable"
    assert lobby.waiting == []


def test_what_the_door_does_not_take_is_not_shown(declared: Declared, lobby: Lobby, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_said: object) -> None:
        raise Refusal("busy", "忙")

    monkeypatch.setattr(lobby, "declare", full)
    with pytest.raises(Refusal):
        declared.declare([saying(0)], "li", NOW)
    assert declared.history(["ways"]) == []


def test_of_what_an_item_has_many_each_has_versions_of_its_own(declared: Declared, lobby: Lobby) -> None:
    def nil(period: str, seen: int, *, signed: bool = True) -> Saying:
        return Saying("nil", "zjj", "xzxk", {"of": period, "signed": signed}, seen)

    declared.declare([nil("2017-08", 0), nil("2017-09", 0)], "li", NOW)
    lobby.load()
    declared.declare([nil("2017-08", 1, signed=False)], "wang", NOW)
    stands = {of: (each.version, each.about["signed"]) for (_, of), each in declared.by_subject(["nil"], "zjj").items()}
    assert stands == {"2017-08": (2, False), "2017-09": (1, True)}
    with pytest.raises(Refusal):
        declared.declare([nil("2017-08", 1)], "li", NOW)
