"""A value that cannot be converted stops the source; an operator goes past it, and what is missing stands written."""

import pytest

from connectors import gap
from connectors.connect import ConnectFault
from connectors.fault import Fault
from tests.connectors.conftest import Tapped
from tests.waiting import eventually

pytestmark = pytest.mark.servers


def _row(number: int, lasts: str) -> str:
    return f"INSERT INTO permit (id, no, lasts) VALUES ({number}, 'W{number}', '{lasts}')"


def test_an_event_that_cannot_be_converted_is_gone_past_with_a_record_and_nothing_else_is_lost(mariadb: Tapped) -> None:
    mariadb.run("ALTER TABLE permit ADD COLUMN lasts time", _row(1, "01:00:00"))
    mariadb.apply()
    mariadb.run(_row(2, "02:00:00"))
    mariadb.events(2)
    with pytest.raises(ConnectFault, match="nothing to go past"):
        gap.skip(mariadb.settings, mariadb.source, "none", "nobody")
    assert gap.recorded(mariadb.settings, mariadb.source) == []
    mariadb.run(_row(3, "838:59:59"), _row(4, "04:00:00"))  # a span, not a time of the day
    stands = eventually(lambda: (found := mariadb.connect.status(mariadb.name)).failed and found)
    assert "guiji connectors skip" in str(Fault(mariadb.name, stands.reason, stands.trace or ""))
    assert [event["after"]["id"] for event in mariadb.events(2)] == [1, 2], "neither a gap nor a NULL of its own accord"
    made = gap.skip(mariadb.settings, mariadb.source, "a span of 838 hours", "operator 7")
    assert [event["after"]["id"] for event in mariadb.events(3)] == [1, 2, 4]
    assert made.value.endswith("permit.lasts time")
    assert (made.why, made.by) == ("a span of 838 hours", "operator 7")
    assert made.since["pos"] <= made.until["pos"], "a heartbeat may have told of the beginning of the very transaction"
    assert made.since != made.until
    assert gap.recorded(mariadb.settings, mariadb.source) == [made]
