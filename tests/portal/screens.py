"""What the tests in a real browser have in common: sizes, with scripts and without, logging in, and a page that is looked at. PORTAL_PICTURES=folder keeps pictures."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy.orm import Session, sessionmaker

from portal.accounts import people
from portal.accounts.people import Draft
from portal.accounts.roles import Role
from portal.frame import cookies
from tests.portal.desk import Desk

NEW = "泉城路 47 号的槐树"
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def first(portal: sessionmaker[Session], username: str, role: Role, name: str, department: str = "") -> str:
    """An account; its one-time password."""
    with portal.begin() as database:
        return people.add(database, Draft(username, name, role, department), {department}, datetime.now(UTC))[1]


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("PORTAL_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def whole(page: Page) -> None:
    """Nothing sticks out to the right, every field has a label, and the page has one first heading."""
    page.wait_for_function("document.documentElement && document.documentElement.scrollWidth <= document.documentElement.clientWidth")  # asked until it is there
    assert page.locator("h1").count() == 1
    unnamed = page.evaluate("[...document.querySelectorAll('input:not([type=hidden]):not([hidden]),select,textarea')].filter(e => !e.labels.length && !e.ariaLabel).map(e => e.name)")
    assert unnamed == []


def log_in(page: Page, site: str, username: str, password: str) -> None:
    page.goto(f"{site}/my-work")
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def change(page: Page, password: str) -> None:
    page.get_by_label("现在的密码").fill(password)
    page.get_by_label("新密码", exact=True).fill(NEW)
    page.get_by_label("再输一次新密码").fill(NEW)
    page.get_by_role("button", name="修改密码").click()


def entered(chromium: Browser, desk: Desk, site: str, role: Role, department: str, **more: object) -> BrowserContext:
    """A browser in which somebody of this role is logged in."""
    secret = desk.person(role, department).client.cookies[cookies.SESSION]
    context = chromium.new_context(**more)
    context.add_cookies([{"name": cookies.SESSION, "value": secret, "url": site}])
    return context


def watched(context: BrowserContext, name: str, *, scripts: bool) -> tuple[Page, Callable[[str], None], list[str]]:
    """A new page; what takes its picture and sees that it is whole; what went wrong in its scripts, or against the policy of what may be loaded."""
    page, complaints, numbers = context.new_page(), list[str](), count()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)

    def seen(what: str) -> None:
        picture(page, f"{name}-{'js' if scripts else 'nojs'}-{next(numbers)}-{what}")
        if scripts:
            whole(page)

    return page, seen, complaints
