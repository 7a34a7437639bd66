"""实时归集: the page, and the stream of events over a real connection, until the session ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from portal.accounts import people, sessions
from portal.accounts.roles import Role
from portal.accounts.tables import Account
from portal.frame import cookies
from portal.live.watch import MOST_EACH, Watch
from tests.portal.desk import Browser, Desk
from tests.portal.live.site import Told, figures
from tests.portal.live.test_figures import ZONE, source
from tests.waiting import eventually


@pytest.fixture
def told(desk: Desk) -> Iterator[Told]:
    """What came: five of 住建委, one of them rejected; two of 工商局."""
    with figures() as found:
        now = datetime.now(ZONE)
        desk.clock.time = now
        found.sources = [source([(now, 5, 1)]), source([(now, 2, 0)], "gsj", "gsj/form")]
        desk.change(live=Watch(desk.settings.model_copy(update={"live_port": found.port}), life=0.0))
        yield found


def streaming(desk: Desk, told: Told, tick: float = 0.05, life: float = 60.0) -> Watch:
    """Streams that last."""
    watch = Watch(desk.settings.model_copy(update={"live_port": told.port}), life=life, tick=tick)
    desk.change(live=watch)
    return watch


@contextmanager
def listening(site: str, browser: Browser, **headers: str) -> Iterator[Iterator[dict[str, str]]]:
    """Events as they come over a connection of its own."""
    cookie = {cookies.SESSION: browser.client.cookies[cookies.SESSION]}
    with httpx.Client(cookies=cookie, timeout=20) as client, client.stream("GET", f"{site}/live/stream", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[dict[str, str]]:
    event: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(":")
        if line and name:
            event[name] = f"{event[name]}\n{value[1:]}" if name in event else value[1:]
        elif not line and "event" in event:
            yield event
            event = {}
        elif not line:
            event = {}


def test_a_department_sees_its_own_and_the_office_everybodys(desk: Desk, told: Told) -> None:
    browser = desk.person(Role.OFFICER)
    browser.get("/live?department=gsj")
    assert "zjj/excel" in browser.page
    assert "gsj/form" not in browser.page
    assert "退回 1" in browser.page
    for role in (Role.OFFICE, Role.CENTRE, Role.OPERATOR):
        browser = desk.person(role)
        browser.get("/live")
        assert {"zjj/excel", "gsj/form"} <= set(browser.page.replace("<", ">").split(">"))
    browser.get("/live?department=gsj&span=day")
    assert "zjj/excel" not in browser.page
    assert "近 24 小时，每小时一格" in browser.page
    browser.get("/live?department=%22%3E%3Cscript%3E&span=x")
    assert "gsj/form" in browser.page


def test_without_scripts_it_comes_anew_for_an_hour(desk: Desk, told: Told) -> None:
    browser = desk.person(Role.OFFICE)
    assert 'content="15;url=/live?span=hour&amp;round=1"' in browser.get("/live").text
    assert 'http-equiv="refresh"' not in browser.get("/live?round=240").text


def test_it_says_so_when_nobody_counts(desk: Desk) -> None:
    browser = desk.person(Role.OFFICE)
    browser.get("/live")
    assert "实时统计现在没有应答" in browser.page


def test_a_stream_tells_what_changes_and_only_that(desk: Desk, told: Told, site: str) -> None:
    streaming(desk, told)
    browser = desk.person(Role.OFFICER)
    with listening(site, browser) as events:
        first = next(events)
        assert first["event"] == "figures"
        assert "zjj/excel" in first["data"]
        assert "gsj/form" not in first["data"]
        told.sources = [source([(datetime.now(ZONE), 6, 1)])]
        second = next(events)
        assert second["id"] != first["id"]
        assert "6 条" in second["data"]
    with listening(site, browser, **{"Last-Event-ID": second["id"]}) as events:
        told.sources = [source([(datetime.now(ZONE), 7, 1)])]
        assert "7 条" in next(events)["data"], "what was seen before is not told again"


@pytest.mark.parametrize("end", ["log out", "disabled", "idle", "another role"])
def test_a_stream_ends_with_the_session(desk: Desk, told: Told, site: str, end: str) -> None:
    watch = streaming(desk, told)
    account = desk.account(Role.OFFICER)
    browser = desk.enter(account)
    with listening(site, browser) as events:
        next(events)
        if end == "log out":
            browser.post("/logout")
        elif end == "idle":
            desk.clock.time += timedelta(minutes=desk.settings.session_idle_minutes + 1)
        with desk.database.begin() as database:
            if end == "disabled":
                people.disable(database, database.get_one(Account, account.id), desk.clock())
            elif end == "another role":
                database.get_one(Account, account.id).role = Role.AUDITOR
        rest = [event["event"] for event in events]
    assert rest[-1] == "ended"
    eventually(lambda: watch.open == 0, 10)


def test_looking_is_no_use_of_the_session(desk: Desk, told: Told) -> None:
    account = desk.account(Role.OFFICER)
    desk.enter(account)
    desk.clock.time += timedelta(minutes=40)
    with desk.database.begin() as database:
        (mine,) = sessions.live(database, account.id, desk.app.state.site.limits, desk.clock())
        before = mine.seen_at
        assert sessions.going_on(database, mine.id, desk.app.state.site.limits, desk.clock())
        assert mine.seen_at == before


def test_only_so_many_streams_at_once_and_a_closed_one_makes_room(desk: Desk, told: Told, site: str) -> None:
    watch = streaming(desk, told)
    browser, other = desk.person(Role.OFFICE), desk.person(Role.OFFICE)
    go, opened = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        with listening(site, browser) as events:
            next(events)
            opened.release()
            go.wait(20)

    threads = [threading.Thread(target=hold) for _ in range(MOST_EACH)]
    for thread in threads:
        thread.start()
    try:
        assert all(opened.acquire(timeout=20) for _ in threads)
        assert browser.get("/live/stream").status_code == 429
        with listening(site, other) as events:
            assert next(events)["event"] == "figures"
    finally:
        go.set()
        for thread in threads:
            thread.join()
    eventually(lambda: watch.open == 0, 20)
    with listening(site, browser) as events:
        assert next(events)["event"] == "figures"


def test_a_stream_ends_when_the_process_leaves_and_after_its_time(desk: Desk, told: Told, site: str) -> None:
    browser = desk.person(Role.OFFICE)
    watch = streaming(desk, told)
    with listening(site, browser) as events:
        next(events)
        watch.leaving.set()
        assert [event["event"] for event in events] == []
    streaming(desk, told, life=0.1)
    with listening(site, browser) as events:
        found: list[Any] = list(events)
    assert [event["event"] for event in found] == ["figures"]


def test_a_sign_of_life_keeps_the_connection(desk: Desk, told: Told, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.live.stream.ALIVE_SECONDS", 0.05)
    streaming(desk, told)
    browser = desk.person(Role.OFFICE)
    cookie = {cookies.SESSION: browser.client.cookies[cookies.SESSION]}
    with httpx.stream("GET", f"{site}/live/stream", cookies=cookie, timeout=20) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 5000"
        assert next(line for line in lines if line.startswith(":")) == ": alive"
