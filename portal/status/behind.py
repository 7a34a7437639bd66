"""What stands behind the numbers of 报送情况: the records each is made of, and the rates, ages and fields in words."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from loaders import accounts, measures
from loaders.accounts import Account
from portal import owed
from portal.frame.listing import MOST_EXPORTED, Column
from portal.frame.visit import Visit
from portal.status import asking, columns
from portal.status.asking import Question
from schemas.obligations import figures
from schemas.obligations.figures import Rate
from schemas.obligations.ledger import STATES

TITLES = {"decided": "本月产生并归集的记录", "judged": "本月首次收到的记录", "again": "本月首次收到、不是一次合规的记录", "open": "本月首次收到、现在仍退回的记录", "aged": "全部尚未改正的退回记录"}


def of(visit: Visit) -> str:
    """Which of TITLES the address asks for; the first where it names none."""
    asked = visit.request.query_params.get("of", "")
    return asked if asked in TITLES else next(iter(TITLES))


class Behind:
    """The records behind one number of an account."""

    def __init__(self, visit: Visit, asked: Question, of: str) -> None:
        self._visit, self._asked, self._of = visit, asked, of
        self._account = asking.account(visit, asked)

    @property
    def columns(self) -> list[Column]:
        if self._of == "aged":
            return columns.open_ones()
        if self._of != "decided":
            return columns.judged()
        site = self._visit.site
        rule = accounts.rule(self._account.duty, owed.owing(site), owed.declared(site), self._asked.asked)
        return columns.decided(rule.due_of)

    @cached_property
    def total(self) -> int:
        """How many there are: the number itself; of rejections at most as many as are exported."""
        counts: Mapping[str, Callable[[], int]] = {
            "decided": lambda: self._account.delivered, "judged": lambda: self._account.first_try.whole, "again": lambda: self._account.first_try.rest,
            "open": lambda: self._account.open.part, "aged": lambda: len(self.rows(0, MOST_EXPORTED)),
        }  # fmt: skip
        return counts[self._of]()

    def rows(self, skip: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """A page of them. Raises Refusal `unavailable`."""
        house, asked = self._visit.site.warehouse, self._asked.asked
        with owed.answering():
            if self._of == "aged":
                return measures.open_records(house, asked, skip, limit)
            if self._of == "decided":
                return measures.decided_records(house, asked, skip, limit)
            return measures.judged_records(house, asked, "" if self._of == "judged" else self._of, skip, limit)


def rates(account: Account) -> list[tuple[str, str, str]]:
    """Each figure of the account: its name, itself with both numbers, and which records are behind it (blank: the periods)."""
    return [
        ("归集率", f"{account.collected.rate} {account.collected.remark}".strip(), "decided"), ("及时率", str(account.timely), "decided"),
        ("一次合规率", str(account.first_try), "again"), ("合规率", str(account.valid), "judged"), ("疑问率", str(account.open), "open"),
        ("超时率", str(figures.late(account.lines)), ""), ("漏报率", str(figures.missed(account.lines)), ""),
    ]  # fmt: skip


def ages(counts: Mapping[tuple[int, int | None], int]) -> list[tuple[str, int]]:
    """How many are open since when, in words."""
    return [(f"{first}–{last} 天" if last is not None else f"{first} 天以上", number) for (first, last), number in counts.items()]


def lacking(fields: Sequence[Mapping[str, Any]]) -> list[tuple[str, Rate]]:
    """The fields that are not filled everywhere, the emptiest first."""
    found = [(each["title"], Rate(each["filled"], each["applicable"] - each["filled"])) for each in fields]
    return sorted(found, key=lambda each: (each[1].value or 0.0, each[0]))


def totals(found: Sequence[Account]) -> list[tuple[str, int]]:
    """How many accounts are in each state."""
    return [(state, sum(each.state == state for each in found)) for state in STATES]
