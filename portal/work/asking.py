"""What the pages of 我的工作 ask of the warehouse, for the department of whoever visits and for no other."""

from collections.abc import Callable
from typing import TypeVar

from loaders.errors import WarehouseError
from loaders.own import Own
from portal.accounts.roles import Role
from portal.frame.visit import Visit
from producers.refusal import Refusal

PATH = "/my-work"
DEPARTMENT = (Role.OFFICER, Role.REVIEWER)
SEEING = (*DEPARTMENT, Role.OFFICE, Role.CENTRE)
CRUMBS = [(PATH, "我的工作")]

Answer = TypeVar("Answer")


def own(visit: Visit) -> Own:
    """The questions of the visitor's department."""
    return Own(visit.site.warehouse, visit.who.department)


def told(ask: Callable[[], Answer]) -> Answer:
    """What the warehouse answers. Raises Refusal `unavailable`."""
    try:
        return ask()
    except WarehouseError as fault:
        raise away() from fault


def away() -> Refusal:
    """The warehouse does not answer."""
    return Refusal("unavailable", "现在查不到：数据仓库没有应答。", "请稍后再试；已经报送的不会丢失。")
