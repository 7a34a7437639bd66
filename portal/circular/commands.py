"""`guiji circular`: circulars from the machine itself. What a person answers for is done in the name of an account that exists and has the role; the audit has both it and the user of the machine.

`guiji circular 2017-10` shows the month's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.core import TyperGroup

from infra import show as showing
from infra.settings import Settings, get
from infra.show import Output
from loaders import figures, obligations, warehouse
from loaders.obligations import Asked, Owing
from portal import database
from portal.accounts.commands import noted
from portal.accounts.roles import Role
from portal.accounts.sessions import Person
from portal.accounts.tables import Account
from portal.circular import columns, freeze, issue, office, official, papers, report, shelf
from portal.circular.frozen import Frozen, Packed
from portal.circular.office import Act
from portal.circular.papers import FORMS, PDF, XLSX
from portal.circular.shelf import File
from portal.circular.tables import CIRCULAR, CORRECTION
from producers.declarations import Declaration
from schemas import departments
from schemas.catalog import load
from schemas.obligations import period
from schemas.obligations.calendar import ONE

MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


class _ByMonth(TyperGroup):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """A month alone is shown."""
        return super().parse_args(ctx, ["show", *args] if args and MONTH.fullmatch(args[0]) else args)


group = typer.Typer(no_args_is_help=True, cls=_ByMonth, help="Circulars (通报) and their corrections; `guiji circular 2017-10` shows a month's.")
Month = Annotated[str, typer.Argument(help="a month, 2017-10")]
By = Annotated[str, typer.Option("--by", help="the account in whose name it is done; it must have the role")]
Correction = Annotated[bool, typer.Option("--correction", help="the month's last correction instead of the circular")]
Form = Annotated[str, typer.Option(help=f"one of {' '.join(FORMS)}")]


@group.command()
def draft(month: Month, by: By, as_of: Annotated[str, typer.Option(help="the last day that counts, 2017-11-10; otherwise the 10th of the month after")] = "") -> None:
    """Freeze a month and draft its circular (centre)."""
    with _office() as desk:
        act = desk.act(by, Role.CENTRE)
        asked = _asked(month, as_of, act.today, desk.zone)
        office.free(desk.portal, month)
    text, blocks = _frozen(get(), asked)  # takes its time: the portal's database is not held meanwhile
    with _office() as desk:
        made = office.draft(desk.portal, text, blocks, act)
        noted(desk.portal, "起草通报", f"{month} {by}", "")
        showing.console().print(f"Circular {made.id} of {month} is drafted, digest {made.digest[:16]}. Next: send it to the departments on its page /circular/{made.id}.", markup=False)


@group.command()
def show(month: Month, output: Output = "table", *, correction: Correction = False) -> None:
    """The month's circular: departments by rank, as it stands."""
    with _office() as desk:
        file = desk.file(month, correction=correction)
        rows = [{each.title: each.value(row) for each in columns.departments(None)} for row in file.result["departments"]]
    title = f"{file.title} {file.issue.document if file.issue else ''} {file.standing.state}"
    showing.output(showing.console(), rows, output, title=title)


@group.command()
def objections(month: Month, output: Output = "table") -> None:
    """What departments object to, and what was decided."""
    with _office() as desk:
        found = desk.file(month, correction=False).standing.objections.values()
        rows = [
            {"number": each.number, "department": each.department, "item": each.item, "figure": each.figure, "was": columns.rate(each.was), "why": each.why,
             "decision": each.outcome, "now": columns.rate(each.now), "because": each.decided.get("why", "")}
            for each in found
        ]  # fmt: skip
    showing.output(showing.console(), rows, output, empty="No department objects.")


@group.command()
def decide(
    month: Month, objection: int, by: By, why: Annotated[str, typer.Option(help="the decision in writing")], upheld: Annotated[str, typer.Option(help="the two numbers that stand, 3/4")] = "",
    *, rejected: Annotated[bool, typer.Option("--rejected", help="the objection is rejected")] = False,
) -> None:  # fmt: skip
    """Decide an objection (office): --upheld 3/4, or --rejected."""
    if bool(upheld) == rejected:
        raise typer.BadParameter("either --upheld 3/4 or --rejected", param_hint="--upheld")
    part, _, whole = upheld.partition("/")
    with _office() as desk:
        file = desk.file(month, correction=False)
        office.decide(desk.portal, file, objection, {"upheld": str(int(not rejected)), "part": part, "whole": whole, "why": why}, desk.act(by, Role.OFFICE))
        noted(desk.portal, "裁定对通报的异议", f"{month} 异议 {objection} {by}", file.standing.objections[objection].department)


@group.command("issue")
def sign(month: Month, by: By, *, correction: Correction = False) -> None:
    """Sign and number it (office); nothing of it changes from then on."""
    with _office() as desk:
        made = issue.issue(desk.portal, desk.file(month, correction=correction), papers.documents, desk.act(by, Role.OFFICE))
        noted(desk.portal, "签发通报", f"{month} {made.document} {by}", "")
        showing.console().print(f"Issued: {made.document}", markup=False)


@group.command()
def correct(
    month: Month, department: str, item: str, figure: str, now: Annotated[str, typer.Argument(help="the two numbers, 3/4")], by: By, why: Annotated[str, typer.Option()],
) -> None:  # fmt: skip
    """Write a change into the month's open correction (centre); the office issues it with `issue --correction`."""
    part, _, whole = now.partition("/")
    with _office() as desk:
        said = {"department": department, "item": item, "figure": figure, "part": part, "whole": whole, "why": why}
        made = office.correct(desk.portal, desk.file(month, correction=False), said, desk.act(by, Role.CENTRE))
        noted(desk.portal, "更正已印发的通报", f"{month} {item} {figure} {by}", department)
        showing.console().print(f"Correction {made.id} holds the change; it counts when the office has issued it.", markup=False)


@group.command()
def export(
    month: Month, path: Path, *, correction: Correction = False, reported: Annotated[bool, typer.Option("--report", help="the centre's 归集情况报告 instead")] = False,
) -> None:  # fmt: skip
    """Write the document: .docx, .xlsx, or .pdf (wants LibreOffice)."""
    form = path.suffix.removeprefix(".")
    if form not in FORMS:
        raise typer.BadParameter(f"must end in {' '.join(FORMS)}", param_hint="PATH")
    with _office() as desk:
        file = desk.file(month, correction=correction)
        path.write_bytes(_report(desk, file, form) if reported else papers.document(desk.portal, file, form, desk.today))
        noted(desk.portal, "导出通报文件", f"{month} {path.name}", "")


@dataclass(frozen=True)
class _Desk:
    settings: Settings
    portal: Session

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.timezone)

    @property
    def today(self) -> date:
        return datetime.now(self.zone).date()

    def act(self, username: str, role: Role) -> Act:
        """In the name of an account. Raises BadParameter."""
        account = self.portal.scalar(select(Account).where(Account.username == username, Account.disabled_at.is_(None)))
        if account is None or account.role != role:
            raise typer.BadParameter(f"there is no account {username!r} of the role {role}", param_hint="--by")
        who = Person(account.id, account.username, account.name, role, account.department, must_change=False, session_id="", flash="")
        return Act(who, datetime.now(UTC), self.today)

    def file(self, month: str, *, correction: bool) -> File:
        """Raises BadParameter."""
        kind = CORRECTION if correction else CIRCULAR
        found = shelf.latest(self.portal, month, kind) if MONTH.fullmatch(month) else None
        if found is None:
            raise typer.BadParameter(f"{month} has no {kind}; `guiji circular draft {month} --by ACCOUNT` makes one", param_hint="MONTH")
        return found


@contextmanager
def _office() -> Iterator[_Desk]:
    settings = get()
    with database.connect(settings.portal_db).begin() as portal:
        yield _Desk(settings, portal)


def _frozen(settings: Settings, asked: Asked) -> tuple[Frozen, list[Packed]]:
    catalog, known = load(settings.catalogue), departments.load()
    house = warehouse.connect(settings)
    try:
        declared = [Declaration(**{**row, "item": row["item"] or None}) for row in figures.declarations(house, obligations.KINDS)]
        return freeze.freeze(freeze.Ground(house, Owing(catalog, departments.assignments(known, catalog)), declared, known), asked)
    finally:
        house.close()


def _asked(month: str, last: str, today: date, zone: ZoneInfo) -> Asked:
    try:
        first, end = period.month(month)
        day = date.fromisoformat(last) if last else freeze.last_day(month, today)
    except ValueError:
        raise typer.BadParameter("a month as 2017-10, a day as 2017-11-10", param_hint="MONTH") from None
    if not end <= day < today:
        raise typer.BadParameter(f"the last day that counts must lie between {end} and yesterday", param_hint="--as-of")
    return Asked(first, end, datetime.combine(day + ONE, time(), zone))


def _report(desk: _Desk, file: File, form: str) -> bytes:
    def rows(place: tuple[str, str, str]) -> list[dict[str, Any]]:
        return shelf.rows(desk.portal, file, place)

    if form == XLSX:
        return report.book(file, rows)
    content = official.docx(report.paper(file, rows, desk.today))
    return papers.pdf(content) if form == PDF else content
