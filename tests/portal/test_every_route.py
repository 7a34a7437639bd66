"""Who may do what, over every route the application has: the routes are listed by introspection, so that a new one without a line here fails."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from infra.settings import Settings
from portal import database as portal_database
from portal import tokens
from portal.accounts.roles import Role
from portal.accounts.tables import LoginSession
from portal.entry import places
from portal.frame.access import Declared, Route, routes
from portal.public.tables import Application
from portal.survey import contacts, ways
from portal.survey import tables as survey
from producers.annexes import forms
from tests.portal.analysis import site as analysis
from tests.portal.boards import site as boards
from tests.portal.circular import site as circulars
from tests.portal.desk import PASSWORD, Browser, Desk
from tests.portal.entry.site import ITEM, drawn_up, equipped, record, stands
from tests.portal.government.site import WHY, looked_up
from tests.portal.open_routes import PUBLISHED
from tests.portal.public.site import application
from tests.portal.reminders import routes as reminding
from tests.portal.status import site as statuses
from tests.portal.upload import target as uploaded
from tests.portal.work import routes as work
from tests.portal.work import site as own_work

OFFICER, REVIEWER, OFFICE, CENTRE, ANALYST, OPERATOR, AUDITOR = Role
DEPARTMENT, APPOINTING, STAFF, FILLING = {OFFICER, REVIEWER}, {OFFICE, CENTRE}, {OFFICER, REVIEWER, OFFICE, CENTRE}, {OFFICER, REVIEWER, CENTRE}
ALL, ASKING = set(Role), {OFFICER, REVIEWER, OFFICE, CENTRE, ANALYST}
# Method and path: who may. A set of roles, or: `all` everybody, logged in or not; `anyone` nothing in it is anybody's; `token`, `machine` another proof.
EXPECTED: dict[tuple[str, str], set[Role] | str] = {
    ("GET", "/"): "all", ("GET", "/login"): "all", ("POST", "/login"): "all", ("GET", "/login/oidc"): "all", ("GET", "/login/oidc/back"): "all",
    ("POST", "/logout"): ALL, ("GET", "/my-work"): ALL,
    ("GET", "/account/password"): ALL, ("POST", "/account/password"): ALL, ("POST", "/account/password/check"): ALL,
    ("GET", "/account/sessions"): ALL, ("POST", "/account/sessions/{session}/end"): ALL, ("POST", "/account/sessions/end-others"): ALL,
    ("GET", "/people"): APPOINTING | {REVIEWER}, ("GET", "/people/export"): APPOINTING | {REVIEWER}, ("GET", "/people/{account_id}"): APPOINTING | {REVIEWER},
    ("GET", "/people/new"): APPOINTING, ("POST", "/people"): APPOINTING, ("POST", "/people/{account_id}/disable"): APPOINTING,
    ("POST", "/people/{account_id}/enable"): APPOINTING, ("POST", "/people/{account_id}/reset"): APPOINTING, ("POST", "/people/{account_id}/role"): APPOINTING,
    ("POST", "/people/{account_id}/sessions/{session}/end"): APPOINTING,
    ("GET", "/interface"): STAFF, ("GET", "/interface/export"): STAFF, ("GET", "/interface/{prefix}"): STAFF, ("POST", "/interface/{prefix}/revoke"): STAFF,
    ("GET", "/interface/new"): DEPARTMENT, ("POST", "/interface"): DEPARTMENT, ("POST", "/interface/{prefix}/rotate"): DEPARTMENT,
    ("GET", "/survey"): STAFF, ("GET", "/survey/export"): STAFF, ("GET", "/survey/{department}"): STAFF, ("GET", "/survey/{department}/annex1.xlsx"): STAFF,
    ("GET", "/survey/{department}/annex2.xlsx"): STAFF, ("GET", "/survey/{department}/history"): STAFF, ("GET", "/survey/{department}/history/export"): STAFF,
    ("GET", "/survey/stock"): STAFF, ("GET", "/survey/stock/export"): STAFF, ("GET", "/survey/reminders"): APPOINTING, ("GET", "/survey/reminders/export"): APPOINTING,
    ("POST", "/survey/reply"): APPOINTING, ("POST", "/survey/{department}/meeting"): APPOINTING,
    ("GET", "/survey/annex1"): {OFFICER}, ("POST", "/survey/annex1"): {OFFICER}, ("POST", "/survey/annex1/read"): {OFFICER}, ("GET", "/survey/annex2"): {OFFICER},
    ("POST", "/survey/annex2"): {OFFICER}, ("POST", "/survey/annex2/read"): {OFFICER}, ("GET", "/survey/items"): {OFFICER}, ("POST", "/survey/items"): {OFFICER},
    ("GET", "/entry"): FILLING, ("GET", "/entry/export"): FILLING, ("POST", "/entry/review"): {REVIEWER}, ("GET", "/entry/new"): FILLING, ("POST", "/entry"): FILLING,
    ("GET", "/entry/{number}"): FILLING, ("GET", "/entry/{number}/edit"): FILLING, ("POST", "/entry/{number}"): FILLING, ("GET", "/entry/{number}/outcome"): FILLING,
    ("POST", "/entry/{number}/delete"): FILLING, ("POST", "/entry/{number}/release"): DEPARTMENT, ("POST", "/entry/{number}/return"): DEPARTMENT,
    ("GET", "/entry/records"): DEPARTMENT, ("GET", "/entry/records/export"): DEPARTMENT, ("GET", "/entry/records/{code}/{record}"): DEPARTMENT,
    ("GET", "/entry/records/{code}/{record}/edit"): DEPARTMENT, ("POST", "/entry/records/{code}/{record}/withdraw"): DEPARTMENT,
    **statuses.ROUTES, **boards.ROUTES, **analysis.ROUTES, **uploaded.ROUTES, **circulars.ROUTES, ("GET", "/audit"): ALL, ("GET", "/audit/export"): ALL,
    ("GET", "/public"): "all", ("GET", "/public/company"): "all", ("GET", "/public/records/{number}"): "all",
    ("GET", "/public/lists"): "all", ("GET", "/public/lists/{item}"): "all", ("GET", "/public/lists/{item}/export"): "all",
    ("GET", "/public/reports"): "all", ("POST", "/public/reports"): "all", ("GET", "/public/reports/{number}"): "all",
    ("GET", "/public/applications"): "all", ("GET", "/public/applications/new/{number}"): "all", ("POST", "/public/applications/new/{number}"): "all",
    ("GET", "/objections"): STAFF, ("GET", "/objections/export"): STAFF, ("GET", "/objections/{application_id}"): STAFF,
    ("GET", "/objections/{application_id}/attachments/{attachment_id}"): STAFF, ("POST", "/objections/{application_id}/accept"): {OFFICE},
    ("POST", "/objections/{application_id}/opinion"): DEPARTMENT, ("POST", "/objections/{application_id}/decision"): {OFFICE},
    **dict.fromkeys([("GET", "/query"), ("POST", "/query"), ("GET", "/query/export"), ("GET", "/query/lists"), ("POST", "/query/lists")], ASKING),
    **{("GET", f"/query/result/{{look_up}}{path}"): ASKING for path in ("", "/export", "/print", "/records/{shown}")},
    **{("GET", f"/query/lists/{{listed}}{path}"): ASKING for path in ("", "/export", "/book")}, ("GET", "/query/result/{look_up}/authorisations/{authorisation}"): STAFF | {AUDITOR},
    **dict.fromkeys([("GET", "/looked-up"), ("GET", "/looked-up/export")], STAFF | {AUDITOR}),
    **dict.fromkeys([("GET", "/looked-up/counts"), ("GET", "/looked-up/counts/export")], APPOINTING | {AUDITOR}),
}  # fmt: skip
EXPECTED |= work.EXPECTED | PUBLISHED | reminding.ROUTES | dict.fromkeys([("GET", "/live"), ("GET", "/live/stream")], STAFF | {OPERATOR})
# Looked at without a line in the audit: nothing in them is about anybody but the reader.
NOT_NOTED = {
    ("GET", "/"), ("GET", "/login"), ("GET", "/login/oidc"), ("GET", "/my-work"), ("GET", "/account/password"), ("POST", "/account/password/check"), ("GET", "/account/sessions"),
    ("GET", "/people/new"), ("GET", "/interface/new"), ("GET", "/entry/{number}/outcome"), ("GET", "/report/{number}/progress"), ("GET", "/report/{number}/status"),
    ("GET", "/public"), ("GET", "/public/company"), ("GET", "/public/records/{number}"), ("GET", "/public/lists"), ("GET", "/public/lists/{item}"),
    ("GET", "/public/lists/{item}/export"), ("GET", "/public/reports"), ("GET", "/public/reports/{number}"), ("GET", "/public/applications"), ("GET", "/public/applications/new/{number}"),
}  # fmt: skip
# What a form has to hold for the route to do what it is for.
FORMS = {
    "/people": {"name": "李娜", "role": "officer", "department": "zjj"}, "/people/{account_id}/role": {"role": "reviewer", "department": "zjj"},
    "/interface": {"client": "oa", "days": "90", "items": "xzxk"}, "/interface/{prefix}/rotate": {"days": "90", "grace": "7"},
    "/objections/{application_id}/accept": {"yes": "1"}, "/objections/{application_id}/opinion": {"words": "属实。"},
    "/objections/{application_id}/decision": {"granted": "1", "words": "同意。"},
    "/account/password": {"current": PASSWORD, "new": "泉城路 47 号的槐树", "again": "泉城路 47 号的槐树"}, "/account/password/check": {"new": "x"},
    "/entry": {"item": "xzxk", "department": "zjj", "do": "draft"}, "/entry/{number}": {"revision": "1", "do": "draft"}, "/entry/{number}/release": {"revision": "1"},
    "/entry/{number}/return": {"revision": "1", "reason": "x"}, "/entry/records/{code}/{record}/withdraw": {"why": "x"},
}  # fmt: skip
CONTACTS = {name: "0531-66601234" if "phone" in name else "a@b.cn" if name == "mailbox" else "甲" for name in contacts.FIELDS}
FORMS |= work.FORMS | {
    "/query": WHY | {"kind": "organisation", "said": "没有的公司"}, "/query/lists": WHY | {"companies": "没有的公司"},
    "/survey/annex1": CONTACTS, "/survey/annex2": {"ways": "form", "every.form": "week"}, "/survey/items": {"confirmed.xzxk": "yes"},
    "/survey/reply": {"batch": "1", "day": "2017-09-08"}, "/survey/{department}/meeting": {"day": "2017-09-12"},
}  # fmt: skip
FORMS |= statuses.FORMS | uploaded.FORMS | reminding.FORMS | circulars.FORMS | analysis.FORMS
FILES = {"/survey/annex1/read": forms.contacts("", CONTACTS), "/survey/annex2/read": forms.ways("", ways.NOTHING), **uploaded.FILES}
NUMBERS = count()
OWN_SESSION = "/account/sessions/{session}/end"
SECRET_NAME = "不可外传"
SAID = {**ITEM.example, "XK_XMMC": SECRET_NAME}


def key(desk: Desk) -> str:
    """The key of the record in the warehouse."""
    return str(record(ITEM, "zjj", SAID, desk.settings.key_secret)["_key"])


@dataclass
class Target:
    """What 住建委 has, freshly made: an account that is logged in, a token, an application that the office has taken up, a sheet of 数据录入 and a record in the warehouse."""

    account_id: int
    session: str
    prefix: str
    application: Application
    number: int = 0
    record: str = ""
    looked_up: dict[str, Any] = field(default_factory=dict)
    delivery: int = 0  # a reminder by e-mail that was given up
    saved: int = 0
    said: int = 0  # how often the survey was answered before: its forms say so

    def path(self, route: Route) -> str:
        path = self.whole(route)
        return f"{path}?item=xzxk" if route.path in ("/entry/records/export", *work.OF_ITEM) else path

    def whole(self, route: Route) -> str:
        mine = {"account_id": self.account_id, "session": self.session, "prefix": self.prefix, "application_id": self.application.id, "attachment_id": self.application.id, "saved_id": self.saved}
        number = "xzxk-0-1" if route.path.startswith("/public") else self.number
        found = work.REJECT if route.path.startswith("/my-work/rejects") else self.record
        mine |= {"objection": circulars.OBJECTION, "change": circulars.CHANGE, "delivery": self.delivery}
        return route.path.format(**mine, department="zjj", item="xzxk", name="portal.css", receipt="x", number=number, code="xzxk", record=found, part="0", **self.looked_up)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One application for all the routes; what they are tried on is made anew for each."""
    folder = tmp_path_factory.mktemp("routes")
    with Desk(Settings(home=folder / "home"), portal_database.connect(f"sqlite:///{folder}/portal.db")) as desk:
        _, house = equipped(desk)
        row, house.whose = record(ITEM, "zjj", SAID, desk.settings.key_secret, _way="form", _partition=0, _offset=1), "zjj"
        stands(house, row, ITEM.code)
        own_work.busy(house, row, SAID)
        boards.told(house, row)
        house.answers["FROM `xzxk` FINAL\nWHERE _withdrawn = 0 AND _key >="] = [row]
        FORMS["/report/{number}/undo/{part}"] = {"seen": uploaded.sent(desk, house)}
        yield desk


def expected(who: str = "") -> list[object]:
    """The routes of EXPECTED for which `who` holds: the word itself, or `people` for those that want a log-in; all when empty."""
    return [pytest.param(Route(*key, ()), id=" ".join(key)) for key, may in EXPECTED.items() if not who or may == who or (who == "people" and isinstance(may, set))]


def target(desk: Desk, route: Route, role: Role | None = None) -> Target:
    own_work.undeclared(desk)
    statuses.prepared(desk, route.path)
    account = desk.account(Role.OFFICER, name=SECRET_NAME)
    desk.enter(account)
    with desk.database.begin() as database:
        session = database.scalar(select(LoginSession.id).where(LoginSession.account_id == account.id))
        prefix, applied = tokens.create(database, "zjj", "oa", ["xzxk"], 90).prefix, application(desk, database, SECRET_NAME)
        asked, saved = looked_up(desk, database, account.id, SECRET_NAME, key(desk)), analysis.saved(desk, database)
    if route.path.startswith("/circular/"):
        number = circulars.ready(desk, route.path)
    else:
        number = uploaded.upload(desk, route.path, centre=role is CENTRE) if route.path.startswith("/report") else drawn_up(desk, route.path, centre=role is CENTRE, said=SAID)
    return Target(account.id, session, prefix, applied, number, places.token(key(desk)), asked, reminding.failed(desk, account.id), saved)


def said(desk: Desk, route: Route) -> int:
    """The version of what the route's form is about."""
    if route.path in statuses.DECLARED:
        return statuses.version(desk, route.path)
    kind = {"/survey/annex1": survey.CONTACTS, "/survey/reply": survey.REPLY, "/survey/{department}/meeting": survey.MEETING}.get(route.path)
    with desk.database() as database:
        return sum(note.kind == kind for note in survey.notes(database))


def form(route: Route) -> dict[str, str]:
    return {"username": f"li{next(NUMBERS)}", **FORMS.get(route.path, {})}


def ask(browser: Browser, route: Route, where: Target) -> int:
    """The status of the route, asked for properly."""
    if route.method == "GET":
        return browser.get(where.path(route)).status_code
    if route.path in FILES:
        return browser.upload(where.path(route), FILES[route.path], **form(route)).status_code
    return browser.post(where.path(route), **{"seen": str(where.said), **form(route)}).status_code


def own_session(desk: Desk, route: Route, where: Target, account_id: int) -> Target:
    """One's own sessions are the only ones this route ends, one's own look-ups the only ones that are shown."""
    if route.path.startswith("/query/"):
        with desk.database.begin() as database:
            return replace(where, looked_up=looked_up(desk, database, account_id, SECRET_NAME, key(desk)))
    if route.path != OWN_SESSION:
        return where
    with desk.database() as database:
        return replace(where, session=database.scalar(select(LoginSession.id).where(LoginSession.account_id == account_id)))


def test_every_route_is_expected_and_every_expectation_is_a_route(busy: Desk) -> None:
    found = [(route.method, route.path) for route in routes(busy.app)]
    assert set(found) == set(EXPECTED)
    assert len(found) == len(EXPECTED)


def test_every_route_declares_once_who_may_use_it_and_it_is_what_is_expected(busy: Desk) -> None:
    for route in routes(busy.app):
        (declared,) = route.declared
        if isinstance(declared, Declared):
            assert EXPECTED[route.method, route.path] == declared.who
        else:
            assert EXPECTED[route.method, route.path] == ("all" if declared.roles is None else set(declared.roles)), route
            assert bool(declared.action) == ((route.method, route.path) not in NOT_NOTED), route


def test_a_route_without_a_declaration_would_be_seen() -> None:
    bare = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    bare.get("/forgotten")(lambda: None)
    assert [(route.path, list(route.declared)) for route in routes(bare)] == [("/forgotten", [])]


@pytest.mark.parametrize("route", expected("people"))
def test_nobody_is_sent_to_the_log_in(busy: Desk, route: Route) -> None:
    browser = busy.nobody()
    browser.get("/login")
    before = busy.audited()
    assert ask(browser, route, target(busy, route)) == 303
    assert browser.client.get("/login").status_code == 200
    assert busy.audited() == before


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", expected("people"))
def test_each_role_may_what_is_declared_and_nothing_else(busy: Desk, route: Route, role: Role) -> None:
    account, where = busy.account(role), target(busy, route, role)
    browser = busy.enter(account)
    where = replace(own_session(busy, route, where, account.id), said=said(busy, route))
    before, may = busy.audited(), EXPECTED[route.method, route.path]
    status = ask(browser, route, where)
    if role not in may:
        assert status == 403
        assert SECRET_NAME not in browser.page
    else:
        assert status in (200, 303), browser.page
    noted = (route.method, route.path) not in NOT_NOTED
    assert busy.audited() == before + noted
    if noted:
        assert busy.audit()[-1].outcome == ("done" if role in may else "refused")


@pytest.mark.parametrize("role", [OFFICER, REVIEWER])
@pytest.mark.parametrize("route", expected("people"))
def test_another_department_sees_nothing_of_this_one(busy: Desk, route: Route, role: Role) -> None:
    where, browser = target(busy, route), busy.person(role, "gtj")
    status = ask(browser, route, where)
    if "{" in route.path and route.path not in circulars.EVERYBODYS:
        assert status in (403, 404)
    assert SECRET_NAME not in browser.page
    assert where.prefix not in browser.page


@pytest.mark.parametrize("route", [each for each in [*expected("people"), *expected("all")] if each.values[0].method == "POST"])
def test_a_form_from_elsewhere_does_nothing(busy: Desk, route: Route) -> None:
    may = EXPECTED[route.method, route.path]
    browser = busy.person(min(may)) if isinstance(may, set) else busy.nobody()
    browser.get("/login" if may == "all" else "/account/password")
    sent, path = form(route), target(busy, route).path(route)
    assert browser.send(path, sent).status_code == 403
    assert browser.send(path, {**sent, "_form": "0" * 64}).status_code == 403
    good = {**sent, "_form": browser.token}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.send(path, good, **headers).status_code == 403
    assert browser.send(path, {**sent, "_form": busy.person(OFFICER).token}).status_code == 403
    assert "表单已经过期" in browser.page


@pytest.mark.parametrize("route", [*expected("token"), *expected("machine")])
def test_the_interfaces_want_their_own_proof_and_no_session(busy: Desk, route: Route) -> None:
    browser = busy.person(CENTRE)
    path = target(busy, route).path(route)
    answer = browser.client.request(route.method, path, json=None if route.method == "GET" else {"sql": "SELECT 1", "period": "x"})
    assert answer.status_code in (401, 403)
    assert "soap:Fault" in answer.text if route.path.startswith("/soap") else "error" in answer.json()


@pytest.mark.parametrize("route", expected("anyone"))
def test_what_is_open_to_all_needs_nobody(busy: Desk, route: Route) -> None:
    answer = busy.nobody().get(target(busy, route).path(route))
    assert answer.status_code in ((200, 503) if route.path == "/readyz" else (404,) if "assets" in route.path or "clients" in route.path else (200,))
    assert SECRET_NAME not in answer.text
