"""What a department owes and signs as 本期无数据, as its own systems ask and say it: the same ledger and declarations as the page's."""

from collections.abc import Callable, Sequence

from portal.declared import Saying
from portal.site import Site
from portal.work import duties
from portal.work.duties import Duty
from producers.nil import Period
from producers.refusal import Refusal
from schemas.declared import NIL, OF


class Ledger:
    """The `producers.nil.Nils` of a site."""

    def __init__(self, site: Callable[[], Site]) -> None:
        self._site = site

    def periods(self, department: str, item: str) -> Sequence[Period]:
        return [self._period(each) for each in duties.of_department(self._site(), department) if each.line.item == item]

    def say(self, department: str, item: str, of: str, by: str, *, signed: bool) -> Period:
        site, found = self._site(), self._find(department, item, of)
        if signed != found.signed:
            if fault := found.fault(site.today, signed=signed):
                raise Refusal("conflict", fault, "可用 GET /api/v1/items/{item}/nil 查询各周期的状态。", [{"period": of}])
            site.declared.declare([Saying(NIL, department, item, {OF: of, "signed": signed}, found.seen)], by, site.now())
        return self._period(self._find(department, item, of))

    def _find(self, department: str, item: str, of: str) -> Duty:
        found = next((each for each in duties.of_department(self._site(), department) if (each.line.item, each.line.period.of) == (item, of)), None)
        if found is None:
            raise Refusal("not_found", f"本部门在这个目录没有报送周期“{of[:40]}”。", "可用 GET /api/v1/items/{item}/nil 查询。")
        return found

    def _period(self, duty: Duty) -> Period:
        line, today = duty.line, self._site().today
        by = duty.said.by if duty.said else None
        return Period(line.period.of, line.period.label, line.due.day, line.state, line.records, duty.nil, by, duty.may_sign(today), duty.may_revoke(today))
