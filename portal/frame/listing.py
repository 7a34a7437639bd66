"""A table on a page: its columns, the rows of one page, the pager, and the whole of it as .xlsx or .csv."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Response

from infra import cells
from portal.frame.column import Column as Column
from portal.frame.visit import Visit
from producers import sheet
from producers.template import MEDIA

PER_PAGE = 50
MOST_EXPORTED = 100_000
FORMS = ("xlsx", "csv")


@dataclass(frozen=True)
class Listing:
    """One page of a table. `empty` is said when there is nothing in it; `path` is the page's address, `query` what it was asked with."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Any]
    total: int
    page: int
    path: str
    query: dict[str, str]
    empty: str

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))

    def at(self, page: int) -> str:
        """The address of another page of it."""
        return f"{self.path}?{urlencode({**self.query, 'page': page})}"

    def export(self, form: str) -> str:
        """The address of the whole as a file."""
        return f"{self.path}/export?{urlencode({**self.query, 'form': form})}"


def asked(visit: Visit, names: Sequence[str]) -> dict[str, str]:
    """What the address asks for by these names, without what is blank."""
    found = {name: visit.request.query_params.get(name, "").strip()[:100] for name in names}
    return {name: value for name, value in found.items() if value}


def page_number(visit: Visit) -> int:
    """The page the address asks for, from 1."""
    text = visit.request.query_params.get("page", "1")
    return max(1, int(text)) if text.isdigit() and len(text) < 8 else 1


def day(text: str, zone: ZoneInfo) -> datetime | None:
    """The first moment of the day an address asks for; None for what is no date between 1970 and 9998."""
    try:
        found = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        return None
    return found.astimezone(UTC) if 1970 <= found.year < 9999 else None


def exported(visit: Visit, name: str, title: str, columns: Sequence[Column], rows: Sequence[Any]) -> Response:
    """The rows as the file the address asks for (`form`); nothing in it runs as a formula."""
    header = [column.title for column in columns]
    lines = [[column.value(row) for column in columns] for row in rows]
    if visit.request.query_params.get("form") == "csv":
        return visit.file(cells.to_csv(header, lines), cells.CSV, f"{name}.csv")
    return visit.file(sheet.to_xlsx(title, header, lines), MEDIA, f"{name}.xlsx")
