"""The routes of the boards as the table of every route has them, and a history of some weeks behind them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from loaders.warehouse import Warehouse
from portal.accounts.roles import Role
from tests.contract.test_warehouse_boards import events_of
from tests.contract.test_warehouse_figures import Event, fill

SEEING = {Role.OFFICER, Role.REVIEWER, Role.OFFICE, Role.CENTRE, Role.ANALYST}
BOARDS = ("", "/department", "/item", "/source", "/quality", "/timeliness", "/subjects")
ROUTES: dict[tuple[str, str], set[Role] | str] = {
    ("GET", f"/boards{path}"): SEEING for path in (*BOARDS, "/sql", "/export", "/records", "/records/export", "/records/{item}/{record}")
}
NOW = datetime(2017, 10, 16, 2, tzinfo=UTC)
STRETCH = "from=2017-09-01&to=2017-10-16"


def busy(warehouse: Warehouse, seed: int = 41) -> Sequence[Event]:
    """Some weeks before NOW, of 税务, 住建委 and 工商 (departments swj, zjj, gsj) by three ways."""
    events = events_of(seed)
    fill(warehouse, events)
    assert events[-1].at < NOW - timedelta(days=1)
    return events


def quiet(warehouse: Warehouse) -> None:
    """Nothing is there any more."""
    fill(warehouse, [])
