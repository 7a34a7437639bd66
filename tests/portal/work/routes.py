"""The routes of 我的工作, for the test over every route."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.accounts.roles import Role
from portal.entry import places
from tests.portal.work.site import NUMBER

DEPARTMENT, SEEING = {Role.OFFICER, Role.REVIEWER}, {Role.OFFICER, Role.REVIEWER, Role.OFFICE, Role.CENTRE}
RECORD = "/my-work/records/{code}/{record}"
REJECT = places.token(NUMBER)
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
MONDAY = TODAY - timedelta(days=TODAY.weekday())
LAST_WEEK = f"{MONDAY - timedelta(days=7)}/{MONDAY - timedelta(days=1)}"  # the item's last period that is over
EXPECTED = {
    **{("GET", f"/my-work/{name}"): DEPARTMENT for name in ("owed", "nil", "quantities", "arrivals", "rejects", "echoes", "records", "rejects/{record}")},
    **{("GET", f"/my-work/{name}/export"): DEPARTMENT for name in ("owed", "arrivals", "rejects", "echoes", "records")},
    **{("POST", f"/my-work/{name}"): DEPARTMENT for name in ("nil", "quantities", "rejects")},
    **{("GET", f"/my-work/{name}/list{export}"): SEEING for name in ("nil", "quantities") for export in ("", "/export")},
    ("GET", RECORD): DEPARTMENT, ("GET", f"{RECORD}/export"): DEPARTMENT,
}  # fmt: skip
OF_ITEM = {"/my-work/records", "/my-work/records/export", "/my-work/echoes", "/my-work/echoes/export"}
FORMS = {"/my-work/rejects": {"record": REJECT, "state": "ignored", "reason": "x"}, "/my-work/quantities": {}, "/my-work/nil": {"item": "xzxk", "do": "sign", "of": LAST_WEEK}}
