"""An upload in the state that a route is for, with everything the route needs: for the test of all routes."""

from datetime import datetime
from uuid import uuid4

from portal.accounts.roles import Role
from portal.frame import receiving
from portal.upload import uploads
from portal.upload.report import Part, Report
from portal.upload.uploads import Upload
from producers.door import digest
from producers.tables.mapping import Kept
from tests.portal.desk import Desk
from tests.portal.entry.site import AT, ITEM, LEGS, NOTHING_JUDGED, House, record

SECRET_NAME, RECEIPT = "不可外传", "HZ" + "A" * 26
DEPARTMENT, FILLING = {Role.OFFICER, Role.REVIEWER}, {Role.OFFICER, Role.REVIEWER, Role.CENTRE}
ROUTES = {
    ("GET", "/report"): FILLING, ("GET", "/report/export"): FILLING, ("POST", "/report"): FILLING, ("GET", "/report/headers"): DEPARTMENT,
    ("POST", "/report/headers/forget"): DEPARTMENT, ("GET", "/report/{number}"): FILLING, ("GET", "/report/{number}/progress"): FILLING,
    ("GET", "/report/{number}/status"): FILLING, ("POST", "/report/{number}/header"): FILLING, ("POST", "/report/{number}/assert"): FILLING,
    ("POST", "/report/{number}/send"): FILLING, ("POST", "/report/{number}/release"): DEPARTMENT, ("POST", "/report/{number}/return"): DEPARTMENT,
    ("POST", "/report/{number}/drop"): FILLING, ("GET", "/report/{number}/file"): FILLING, ("GET", "/report/{number}/back.xlsx"): FILLING,
    ("GET", "/report/{number}/undo/{part}"): DEPARTMENT, ("POST", "/report/{number}/undo/{part}"): DEPARTMENT,
}  # fmt: skip
FORMS = {
    "/report": {"department": "zjj", "do": "send"}, "/report/headers/forget": {"item": "xzxk", "title": "许可文号"}, "/report/{number}/header": {"revision": "1", "means.0": "XK_WSH"},
    "/report/{number}/return": {"revision": "1", "reason": "x"}, **{f"/report/{{number}}/{do}": {"revision": "1"} for do in ("assert", "send", "release")},
}  # fmt: skip
FILES = {"/report": b"XK_WSH\n1\n"}
STATES = {"header": uploads.ASKING, "release": uploads.HANDED, "return": uploads.HANDED, "back.xlsx": uploads.DONE, "{part}": uploads.DONE, "progress": uploads.READING}


def upload(desk: Desk, path: str, *, centre: bool) -> int:
    """One of 住建委, handed over by the centre where it is the centre that asks or that had to; its number."""
    Kept(desk.settings.mappings).keep("zjj", "xzxk", {"许可文号": "XK_WSH"})
    state, now = STATES.get(path.rsplit("/", 1)[-1], uploads.READY), desk.clock()
    asked = [{"unknown": SECRET_NAME, "column": "B", "proposed": "XK_WSH", "item": "xzxk"}] if state == uploads.ASKING else []
    told = Report(parts=[Part("xzxk", ITEM.title, "", 1, receipt=RECEIPT, judged={"accepted": 1}, settled=1)], details=asked)
    with desk.database.begin() as database:
        made = _row(state, told, now, on_behalf=centre or state == uploads.HANDED)
        database.add(made)
        database.flush()
        for name in (made.uid, f"{made.uid}.back"):
            (receiving.folder(desk.settings.home) / name).write_bytes(b"x")
        return made.id


def _row(state: str, told: Report, now: datetime, *, on_behalf: bool) -> Upload:
    return Upload(
        uid=uuid4().hex, department="zjj", item="", name=f"{SECRET_NAME}.xlsx", size=1, state=state, trial=False, asserted=False, on_behalf=on_behalf,
        handed_at=now if state == uploads.HANDED else None, maker="x", username="x", created_at=now, sent_at=None, expires_at=now + uploads.WAITS, has_file=True, back="whole",
        said=told.dumps(), trouble="", attempts=0, ask_at=now, decider="", decider_username="", reason="",
    )  # fmt: skip


def sent(desk: Desk, house: House) -> str:
    """The warehouse knows the upload's one record, which its batch made; what whoever takes it back has seen."""
    said = record(ITEM, "zjj", ITEM.example, desk.settings.key_secret, _source="zjj/excel", _row=None, _batch=RECEIPT)
    house.answers[LEGS] = [{**NOTHING_JUDGED, "judged": 1, "loaded": 1, "accepted": 1}]
    house.answers["SELECT DISTINCT source, department, way"] = [{"source": "zjj/excel", "department": "zjj", "way": "excel", "item": "xzxk", "name": "x"}]
    house.answers["_change AS change, _operation AS operation"] = [{"key": said["_key"], "version": 7, "line": 2, "change": "new", "operation": "upsert"}]
    house.answers["SELECT *\nFROM `xzxk` FINAL"] = [{"_received_at": AT, **said}]
    return digest(f"{said['_key']} withdrawn {RECEIPT}".encode())[:32]
