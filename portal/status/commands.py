"""`guiji obligations`: the ledger of a month."""

from datetime import UTC, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from infra import show
from infra.settings import get
from infra.show import Output
from loaders import figures, obligations, warehouse
from loaders.obligations import Asked, Owing
from producers.declarations import Declaration
from schemas import departments
from schemas.catalog import load
from schemas.obligations import period
from schemas.obligations.calendar import ONE
from schemas.obligations.ledger import STATES, Line

Month = Annotated[str, typer.Argument(help="a month, 2017-10")]


def command(
    month: Month,
    department: Annotated[str, typer.Option(help="one department's only")] = "",
    item: Annotated[str, typer.Option(help="one item's only")] = "",
    state: Annotated[str, typer.Option(help=f"only periods in this state: {' '.join(STATES)}")] = "",
    as_of: Annotated[str, typer.Option(help="as of the end of this day, 2017-11-15; otherwise as of now")] = "",
    output: Output = "table",
) -> None:
    """The periods that end in a month: who owes what, by when, what met it, and its state. What is declared and not loaded yet is not seen."""
    settings = get()
    catalog, known = load(settings.catalogue), departments.load()
    if department and department not in known:
        raise typer.BadParameter(f"there is no department {department!r}", param_hint="--department")
    if item and item not in catalog:
        raise typer.BadParameter(f"there is no item {item!r}", param_hint="--item")
    if state and state not in STATES:
        raise typer.BadParameter(f"must be one of {' '.join(STATES)}", param_hint="--state")
    asked = Asked(*_days(month), _until(as_of, ZoneInfo(settings.timezone)), department, item)
    house = warehouse.connect(settings)
    try:
        declared = [Declaration(**{**row, "item": row["item"] or None}) for row in figures.declarations(house, obligations.KINDS)]
        found = obligations.lines(house, Owing(catalog, departments.assignments(known, catalog)), declared, asked)
    finally:
        house.close()
    rows = [row(each) for each in found if state in ("", each.state)]
    show.output(show.console(), rows, output, empty="Nobody owes anything that is asked for.", title=f"{month}, as of {asked.until:%Y-%m-%d %H:%M}")


def row(line: Line) -> dict[str, Any]:
    """A line of the ledger as it is printed."""
    return {
        "department": line.department, "item": line.item, "period": line.period.label, "from": line.period.start.isoformat(), "to": line.period.end.isoformat(),
        "due": line.due.day.isoformat(), "moved": line.due.moved, "provisional": "暂定" if line.due.provisional else "", "state": line.state, "met_by": line.met_by,
        "met_on": line.met_on.isoformat() if line.met_on else "", "records": line.records, "ways": " ".join(line.ways), "confirmed": line.confirmed,
    }  # fmt: skip


def _days(month: str) -> tuple[Any, Any]:
    try:
        return period.month(month)
    except ValueError:
        raise typer.BadParameter("must be a month as 2017-10", param_hint="MONTH") from None


def _until(day: str, zone: ZoneInfo) -> datetime:
    now = datetime.now(UTC).astimezone(zone)
    if not day:
        return now
    try:
        return min(now, datetime.combine(datetime.fromisoformat(day).date() + ONE, time(), zone))
    except ValueError:
        raise typer.BadParameter("must be a day as 2017-11-15", param_hint="--as-of") from None
