"""The routes of the boards as the table of every route has them, and a history of some weeks behind them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from loaders.warehouse import Warehouse
from portal.accounts.roles import Role
from tests.contract.test_warehouse_boards import events_of
from tests.contract.test_warehouse_figures import Event, fill
from tests.portal.entry.site import House

SEEING = {Role.OFFICER, Role.REVIEWER, Role.OFFICE, Role.CENTRE, Role.ANALYST}
BOARDS = ("", "/department", "/item", "/source", "/quality", "/timeliness", "/subjects")
ROUTES: dict[tuple[str, str], set[Role] | str] = {
    ("GET", f"/boards{path}"): SEEING for path in (*BOARDS, "/sql", "/export", "/records", "/records/export", "/records/{item}/{record}")
}
TRACE, VERSIONS = "SELECT at, what, department", "WHERE _key = {key:String} AND ({department:String} = ''"
NOW = datetime(2017, 10, 16, 2, tzinfo=UTC)
STRETCH = "from=2017-09-01&to=2017-10-16"


def told(house: House, row: Mapping[str, Any]) -> None:
    """What a warehouse answers of 住建委's record."""
    event = {"at": row["_received_at"], "what": "new", "department": "zjj", "source": row["_source"], "way": "form", "batch": "HZ1", "line": 1, "operation": "upsert"}
    event |= {"row": None, "ref": None, "version": 7}
    house.answers = {"max(_loaded_at)": [{"at": ""}], TRACE: [{**event, "detail": None}], VERSIONS: [row]} | house.answers
    house.everybody = (TRACE, VERSIONS, "max(_loaded_at)")


def busy(warehouse: Warehouse, seed: int = 41) -> Sequence[Event]:
    """Some weeks before NOW, of 税务, 住建委 and 工商 (departments swj, zjj, gsj) by three ways."""
    events = events_of(seed)
    fill(warehouse, events)
    assert events[-1].at < NOW - timedelta(days=1)
    return events


def quiet(warehouse: Warehouse) -> None:
    """Nothing is there any more."""
    fill(warehouse, [])
