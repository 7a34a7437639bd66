"""The obligation ledger as pages ask for it: what was declared included that is not loaded yet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from loaders import obligations
from loaders.errors import WarehouseError
from loaders.obligations import Asked, Owing, Said
from portal.site import Site
from producers.refusal import Refusal
from schemas.obligations.ledger import Line
from schemas.obligations.period import ONE

BACK = timedelta(days=92)  # so far back a department's own list goes


def lines(site: Site, asked: Asked) -> list[Line]:
    """The ledger for what is asked. Raises Refusal `unavailable`."""
    with answering():
        return obligations.lines(site.warehouse, owing(site), declared(site), asked)


def of(site: Site, department: str, day: date) -> list[Line]:
    """What a department owes on a day, as of its end (of today: as of now): of each item the periods that ended in the 92 days up to it, and the one that is running.

    Raises Refusal `unavailable`.
    """
    return lines(site, Asked(day - BACK, day, until(site, day), department, running=True))


def until(site: Site, day: date) -> datetime:
    """The moment up to which what happened counts on ``day``: its end, or now."""
    return min(site.now(), datetime.combine(day + ONE, time(), site.zone))


def owing(site: Site) -> Owing:
    return Owing(site.catalog, site.assignments)


def declared(site: Site) -> Sequence[Said]:
    """Raises Refusal `unavailable`."""
    return site.declared.history(obligations.KINDS)


@contextmanager
def answering() -> Iterator[None]:
    """The warehouse is asked inside. Raises Refusal `unavailable` when it does not answer."""
    try:
        yield
    except WarehouseError as fault:
        raise Refusal("unavailable", "数据仓库没有应答，现在看不到报送情况。", "请稍后再试。") from fault
