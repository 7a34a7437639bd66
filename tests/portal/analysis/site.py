"""The routes of 分析台 as the table of every route has them."""

from sqlalchemy.orm import Session

from portal.accounts.roles import Role
from portal.analysis.saved import Saved
from tests.portal.desk import Desk

AT_THE_DESK = {Role.ANALYST, Role.OFFICE, Role.CENTRE}
ROUTES: dict[tuple[str, str], set[Role] | str] = {
    **{("GET", f"/analysis{path}"): AT_THE_DESK for path in ("", "/dictionary", "/saved/{saved_id}")},
    **{("POST", f"/analysis{path}"): AT_THE_DESK for path in ("", "/export", "/saved", "/saved/{saved_id}/delete")},
}
SQL = "SELECT count() AS n FROM xzxk"
FORMS = {"/analysis": {"sql": SQL}, "/analysis/export": {"sql": SQL}, "/analysis/saved": {"sql": SQL, "name": "条数"}}


def saved(desk: Desk, database: Session) -> int:
    """A saved statement; its number."""
    made = Saved(name="条数", text=SQL, username="li", saved_by="李", saved_at=desk.clock())
    database.add(made)
    database.flush()
    return made.id
