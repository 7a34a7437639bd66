"""本期无数据 as the interface tells and takes it: the periods a department owes of an item, and what it signed of each. Asked through a callable that the portal backs with the obligation ledger."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol


class Period(NamedTuple):
    """A period that is owed. `of`: its first and last day (2017-09-01/2017-09-30); `state`: 未到期 待上报 已上报 超时 漏报; `records` speak for it.

    `nil`: 已签署, 已撤回, 已被记录取代 or blank, and `by` whom.
    """

    of: str
    label: str
    due: date
    state: str
    records: int
    nil: str
    by: str | None
    may_sign: bool
    may_revoke: bool


class Nils(Protocol):
    """Raises Refusal `unavailable` when nobody can tell now."""

    def periods(self, department: str, item: str) -> Sequence[Period]:
        """Those that ended lately, and the one that is running, newest first."""

    def say(self, department: str, item: str, of: str, by: str, *, signed: bool) -> Period:
        """Sign one, or take it back; durable when this returns, and again nothing new. Raises Refusal `not_found`, `conflict` when it may not be done, `busy`."""
