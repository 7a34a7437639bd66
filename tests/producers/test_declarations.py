"""What is declared waits on disk until it is published, in its order, and comes out as it went in."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from infra.kafka import Unavailable
from producers.declarations import Declaration, Declarations
from producers.spool import Cargo
from schemas import codec
from schemas.envelope import DECLARATION

ABOUT = {"ways": {"cdc": {"frequencies": ["day"], "remark": "前置机"}}, "suggestion": ""}
SAID = Declaration("0" * 32, "ways", "zjj", None, 1, ABOUT, "li", datetime(2017, 9, 4, 1, 2, 3, tzinfo=UTC))


class Outlet:
    """A broker that is away so many times."""

    def __init__(self, away: int = 0) -> None:
        self.away, self.took = away, list[Cargo]()

    def declare(self, said: list[Cargo]) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable("away")
        self.took += said


def some(count: int) -> list[Declaration]:
    return [replace(SAID, id=uuid4().hex, version=number, item="xzxk") for number in range(1, count + 1)]


def test_what_is_declared_survives_the_process_and_is_read_back_whole(tmp_path: Path) -> None:
    Declarations(tmp_path, 7).declare([SAID])
    assert Declarations(tmp_path, 7).waiting() == [SAID]
    assert Declarations(tmp_path, 7).count() == 1


def test_while_the_broker_is_away_nothing_is_lost_and_the_order_is_kept(tmp_path: Path) -> None:
    declarations, outlet, said = Declarations(tmp_path, 7), Outlet(away=1), some(20)
    for first in range(0, 20, 2):
        declarations.declare(said[first : first + 2])
    with pytest.raises(Unavailable):
        declarations.publish(outlet)
    assert declarations.waiting() == said
    declarations.publish(outlet)
    assert declarations.waiting() == []
    found = codec.decode([cargo.value for cargo in outlet.took], lambda number: {7: DECLARATION}[number], DECLARATION).records
    assert [record["id"] for record in found] == [each.id for each in said]
    assert {cargo.key for cargo in outlet.took} == {b"zjj/ways"}


def test_submissions_waiting_beside_it_are_another_matter(tmp_path: Path) -> None:
    """The door's own files are not declarations, and the other way round."""
    Declarations(tmp_path, 7).declare([SAID])
    assert list(tmp_path.glob("*.avro")) == []
