"""The routes of 报送情况 as the table of every route has them, and what stands before one of them is tried."""

from portal.accounts.roles import Role
from portal.declared import Saying
from schemas.declared import FREQUENCY, OUTAGE
from tests.portal.desk import Desk

OFFICE = {Role.OFFICE, Role.CENTRE}
STAFF = OFFICE | {Role.OFFICER, Role.REVIEWER}
ONE, OUTAGES = "/status/{department}/{item}", "/status/outages"
ROUTES: dict[tuple[str, str], set[Role] | str] = {
    **{("GET", path): STAFF for path in ("/status", "/status/export", "/status/stock", "/status/stock/export", OUTAGES, ONE, f"{ONE}/export", f"{ONE}/records", f"{ONE}/records/export")},
    ("POST", OUTAGES): OFFICE, ("POST", f"{OUTAGES}/remove"): OFFICE, ("POST", ONE): OFFICE,
}  # fmt: skip
OUTAGE_SAID = {"way": "excel", "from": "2017-11-01T09:00", "to": "2017-11-01T10:00", "why": "升级"}
FORMS = {OUTAGES: OUTAGE_SAID, f"{OUTAGES}/remove": {"line": "0"}, ONE: {"frequency": "week"}}
DECLARED = {OUTAGES: (OUTAGE, "", None), f"{OUTAGES}/remove": (OUTAGE, "", None), ONE: (FREQUENCY, "zjj", "xzxk")}


def version(desk: Desk, path: str) -> int:
    """The version of what the route's form declares, 0 where nothing stands."""
    standing = desk.app.state.site.declared.standing([DECLARED[path][0]]).get(DECLARED[path])
    return standing.version if standing else 0


def prepared(desk: Desk, path: str) -> None:
    """An outage that can be removed."""
    if path == f"{OUTAGES}/remove":
        about = {"outages": [{**OUTAGE_SAID, "departments": []}]}
        desk.app.state.site.declared.declare([Saying(OUTAGE, "", None, about, version(desk, path))], "li", desk.clock())
