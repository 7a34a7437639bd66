"""A month to be circulated: 住建委 weekly with one late record and one missed week, 工商局 with one record; the people who deal with it."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from portal.accounts.roles import Role
from portal.accounts.sessions import Person
from portal.circular import issue, office, shelf, steps
from portal.circular.office import Act
from portal.circular.shelf import File
from producers.declarations import Declaration
from schemas.obligations import score
from tests.loaders.records import Records
from tests.portal.desk import Browser, Desk

DRAFTED = datetime(2017, 11, 13, 2, tzinfo=UTC)  # a Monday
OFFICE, MAKING, DEPARTMENT = {Role.OFFICE}, {Role.CENTRE}, {Role.OFFICER, Role.REVIEWER}
STAFF = OFFICE | MAKING | DEPARTMENT
ONE, LINE = "/circular/{number}", "/circular/{number}/{department}/{item}"
ROUTES: dict[tuple[str, str], set[Role] | str] = {
    **{("GET", path): STAFF for path in ("/circular", "/circular/export", LINE, f"{LINE}/records", f"{LINE}/records/export")},
    **{("GET", f"{ONE}{path}"): STAFF for path in ("", "/export", "/lines", "/lines/export", "/document")}, ("GET", f"{ONE}/report"): MAKING | OFFICE,
    ("POST", "/circular"): MAKING, ("POST", f"{ONE}/consult"): MAKING, ("POST", f"{ONE}/withdraw"): MAKING | OFFICE, ("POST", f"{ONE}/issue"): OFFICE,
    **{("POST", f"{ONE}/{name}"): DEPARTMENT for name in ("confirm", "unconfirm", "objections/{objection}/retract")}, ("POST", f"{LINE}/object"): DEPARTMENT,
    ("POST", f"{ONE}/objections/{{objection}}/decide"): OFFICE, ("POST", f"{LINE}/correct"): MAKING | OFFICE, ("POST", f"{ONE}/changes/{{change}}/remove"): MAKING | OFFICE,
}  # fmt: skip

EVERYBODYS = {f"{ONE}/document"}  # what was issued is for all departments to read
OBJECTION, CHANGE, MONTHS = 3, 2, count()
CORRECTED = {"figure": "timely", "part": "3", "whole": "4", "why": "漏计一条"}
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
FORMS = {
    "/circular": {"month": f"{TODAY.replace(day=1) - timedelta(days=1):%Y-%m}"}, f"{ONE}/withdraw": {"why": "重做"}, f"{LINE}/object": {"figure": "timely", "why": "有一条算错"},
    f"{ONE}/objections/{{objection}}/decide": {"upheld": "0", "why": "无误"}, f"{LINE}/correct": CORRECTED,
}  # fmt: skip


def put(records: Records, number: int, decided: date, received: datetime, department: str = "zjj", item: str = "xzxk", **said: Any) -> None:
    times = {"_received_at": received, "_judged_at": received + timedelta(seconds=1), "_way": "excel", "_batch": f"HZ-{department}", "_line": number}
    records.put(item, f'["{item}","{department}","{number}"]', department=department, **{"XK_JDRQ": decided, "XK_WSH": f"文{number}", **times, **said})


def month(desk: Desk, records: Records) -> None:
    """住建委: decisions of 9 and 10 October in time, of 23 October late; 6 produced, 2 with grounds. 工商局: one decision in time, nothing declared."""
    desk.clock.time = DRAFTED
    put(records, 1, date(2017, 10, 9), datetime(2017, 10, 12, 2, tzinfo=UTC))
    put(records, 2, date(2017, 10, 10), datetime(2017, 10, 12, 2, tzinfo=UTC))
    put(records, 3, date(2017, 10, 23), datetime(2017, 11, 8, 2, tzinfo=UTC))
    put(records, 4, date(2017, 10, 16), datetime(2017, 10, 18, 2, tzinfo=UTC), "gsj")
    quantity = {"of": "2017-10", "produced": 6, "reported": 3, "unreported": 2, "grounds": "涉密", "published": 3, "address": ""}
    said = [
        ("ways", None, {"ways": {"excel": {"frequencies": ["week"], "remark": ""}}, "suggestion": ""}, datetime(2017, 9, 5, tzinfo=UTC)),
        ("quantity", "xzxk", quantity, datetime(2017, 11, 9, tzinfo=UTC)), ("nil", "xzxk", {"of": "2017-10-16/2017-10-22", "signed": True}, datetime(2017, 10, 24, tzinfo=UTC)),
    ]  # fmt: skip
    desk.lobby.loaded += [Declaration(f"{at:032x}", kind, "zjj", item, 1, about, "li", when) for at, (kind, item, about, when) in enumerate(said)]


class Team:
    """A browser for each kind of people."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._accounts = [desk.account(Role.CENTRE), desk.account(Role.OFFICE), desk.account(Role.OFFICER), desk.account(Role.REVIEWER, "gsj")]
        self.at(desk.clock.time)

    def at(self, time: datetime) -> None:
        """The clock is set, and everybody logs in again."""
        self._desk.clock.time = time
        self.centre, self.office, self.zjj, self.gsj = (self._desk.enter(each) for each in self._accounts)


def draft(browser: Browser, month: str = "2017-10", **more: str) -> str:
    """Draft it; its address."""
    browser.get("/circular")
    answer = browser.post("/circular", month=month, **more)
    assert answer.status_code == 303, browser.page
    browser.follow(answer)
    return str(answer.headers["location"])


def do(browser: Browser, path: str, **fields: str) -> None:
    """Send a form that leads on."""
    answer = browser.post(path, **fields)
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", browser.page)[-1500:]
    browser.follow(answer)


def sent(people: Team) -> str:
    """A circular that the departments are asked about; its address."""
    at = draft(people.centre)
    do(people.centre, f"{at}/consult")
    return at


def issued(desk: Desk, people: Team, at: str) -> None:
    """Signed when the term is over."""
    people.at(desk.clock.time + timedelta(days=8))
    people.office.get(at)
    do(people.office, f"{at}/issue")


def lines(browser: Browser, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.get(path).content.decode("utf-8-sig"))))


def everything(browser: Browser, at: str) -> dict[str, bytes]:
    """All that the circular shows in numbers and rows, by address: the bytes of its exports."""
    found = {path: browser.get(f"{at}{path}?form=csv").content for path in ("/export", "/lines/export")}
    for department, item in (("zjj", "xzxk"), ("gsj", "xzxk")):
        for of in ("decided", "late", "judged", "again", "open", "aged"):
            path = f"/{department}/{item}/records/export"
            found[f"{path} {of}"] = browser.get(f"{at}{path}?form=csv&of={of}").content
        found[f"/{department}/{item}"] = re.sub(r'name="_form" value="[0-9a-f]+"', "", browser.get(f"{at}/{department}/{item}").text).encode()
    return found | {form: browser.get(f"{at}/document?form={form}").content for form in ("docx", "xlsx")}


def plain(month: str = "2017-10") -> dict[str, Any]:
    """A frozen text of one department and item, without a warehouse."""
    line = {
        "department": "zjj", "item": "xzxk", "state": "漏报", "ways": "未申报", "rule": "", "delivered": 3, "remark": "", "periods": [], "fields": [],
        "figures": {"collected": [3, 4], "timely": [2, 4], "first_try": [3, 3], "valid": [3, 3], "late": [1, 4], "missed": [1, 4], "complete": [8, 10]},
    }  # fmt: skip
    return {
        "month": month, "cut_off": "2017-11-11T00:00:00+08:00", "catalogue": "c", "calendar": "k", "rules": "r", "score": score.on(date(2017, 11, 10)).said, "came": [], "outages": [],
        "departments": [["zjj", "市住建委全称", "市住建委"], ["gsj", "市工商局全称", "市工商局"]], "titles": {"xzxk": "行政许可"}, "lines": [line], "stock": [], "unbalanced": [], "unlinked": [],
        "blocks": {},
    }  # fmt: skip


def person(role: Role, department: str = "") -> Person:
    return Person(1, "li", "李", role, department, must_change=False, session_id="", flash="")


def ready(desk: Desk, path: str) -> int:
    """A circular in the state that the route is for, or a correction; its number. Its objection is the step OBJECTION, its change the step CHANGE."""
    day = desk.app.state.site.today
    centre, signing, theirs = (Act(person(role, code), desk.clock(), day) for role, code in ((Role.CENTRE, ""), (Role.OFFICE, ""), (Role.OFFICER, "zjj")))
    with desk.database.begin() as database:
        made = office.draft(database, plain(f"{next(MONTHS) + 1000}-01"), [], centre)

        def file() -> File:
            found = shelf.one(database, made.id)
            assert found
            return found

        if path == f"{ONE}/consult":
            return made.id
        office.step(database, file(), steps.CONSULT, {"until": "9999-12-31"}, centre)
        if path.endswith(("/unconfirm", "/issue", "/correct", "/remove", "/document")):
            office.confirm(database, file(), theirs)
        if "/objections/" in path:
            office.object_(database, file(), {"item": "xzxk", "figure": "timely", "why": "有一条算错"}, theirs)
        if path.endswith(("/correct", "/remove", "/document")):
            issue.issue(database, file(), lambda _: [], signing)
        return office.correct(database, file(), {"department": "zjj", "item": "xzxk", **CORRECTED}, centre).id if path.endswith("/remove") else made.id
