"""`guiji connectors check` and `new`: what a database lacks before it is tapped, and a source file drafted from what is there."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from connectors import ask_binlog, ask_postgres, draft, finding, prepare, propose
from connectors.access import Access, Unasked, of
from connectors.answers import check as receipts
from connectors.check import check
from connectors.facts import TableFacts
from infra import show
from infra.settings import Settings, get
from infra.show import Output
from schemas import catalog, departments, sources
from schemas.catalog import Catalog, Item
from schemas.sources_form import DEPARTMENT, KINDS, NAME, REFERENCE, named

out = show.console()
ASKED = tuple(kind for kind in KINDS if kind not in prepare.NOT_RUN)


def check_(
    source: str,
    *,
    administrator: Annotated[str, typer.Option("--as", help="ask as this account, which sees more than the tapping one")] = "",
    password_env: Annotated[str, typer.Option(help="the variable (environment or secrets.env) that holds its password")] = "",
    output: Output = "table",
) -> None:
    """What a source's database lacks before it can be tapped, the statements that mend it, and what it will cost. Only reads. Exit code 2 when something lacks, 1 when it cannot be asked."""
    settings = get()
    items = catalog.load(settings.catalogue)
    known = sources.load(settings.sources, items, departments.load())
    if source not in known:
        raise typer.BadParameter(f"there is no source {source!r}; known are {', '.join(known)}")
    if bool(administrator) != bool(password_env):
        raise typer.BadParameter("--as and --password-env belong together")
    found = known[source]
    if found.database.kind not in ASKED:
        out.print(f"{found.database.kind}: not run. No such database can be asked here; this is the script for its administrator to review:")
        sys.stdout.write(prepare.script(found))
        raise typer.Exit(1)
    asked = check(found, items, _access(settings, found.database, administrator, password_env))
    _tell([*asked, *receipts.findings(found, _names(settings))], output)


def _access(settings: Settings, database: sources.Database, administrator: str, password_env: str) -> Access:
    if administrator:
        database = sources.Database(database.kind, database.host, database.port, database.name, administrator, f"${{env:{password_env}}}")
    return of(database, _names(settings))


def _names(settings: Settings) -> Mapping[str, str]:
    return {**os.environ, **settings.secrets()}


def _tell(found: Sequence[finding.Finding], output: str) -> None:
    if output == "json":
        show.output(out, [each.row() for each in found], output)
    else:
        show.output(out, [{"kind": each.kind, "place": each.place, "says": each.says} for each in found], output)
        sys.stdout.write(finding.script(found))
    if any(each.kind == finding.LACKS for each in found):
        raise typer.Exit(2)


def new(
    department: Annotated[str, typer.Option()],
    kind: Annotated[str, typer.Option(help=", ".join(ASKED))],
    host: Annotated[str, typer.Option()],
    port: Annotated[int, typer.Option()],
    database: Annotated[str, typer.Option()],
    user: Annotated[str, typer.Option()],
    password_env: Annotated[str, typer.Option(help="the variable (environment or secrets.env) that holds its password")],
    name: Annotated[str, typer.Option(help="of the source; else department and database")] = "",
    table: Annotated[list[str] | None, typer.Option(help="one table; repeat, each with its --item; else all are looked at")] = None,
    item: Annotated[list[str] | None, typer.Option(help="what the table before it holds")] = None,
) -> None:
    """Draft a source file: the database is asked for its tables, and a mapping is proposed by names, comments, pinyin initials and types. Never overwrites a file."""
    settings = get()
    items, name = catalog.load(settings.catalogue), name or f"{department}_{database}".lower()
    pairs = dict(zip(table or [], item or [], strict=False)) if len(table or []) == len(item or []) else None
    if pairs is None:
        raise typer.BadParameter("give each --table its --item")
    _sound(department, kind, name, password_env, pairs, items)
    about = {"kind": kind, "host": host, "port": str(port), "name": database, "user": user, "password": f"${{env:{password_env}}}"}
    access = of(sources.Database(**about), _names(settings))
    there = ask_postgres.tables(access) if kind == "postgres" else ask_binlog.tables(access)
    proposals = _proposals(there, pairs, items, _owed(department, items))
    path = settings.sources / f"{name}.yaml"
    text = draft.draft(name, department, about, proposals, there.keys() - {each.table.name for each in proposals})
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise typer.BadParameter(f"{path} is there already, and is not overwritten; give --name") from None
    doubtful, open_ = text.count("待核："), text.count("# 待定")
    out.print(f"{path}: {len(proposals)} of {len(there)} tables, {doubtful} lines to look at (待核), {open_} to fill in (待定). `guiji connectors plan` says what does not hold yet.")


def _sound(department: str, kind: str, name: str, password_env: str, pairs: Mapping[str, str], items: Catalog) -> None:
    faults = [*named("name", name, NAME), *named("department", department, DEPARTMENT), *named("password-env", f"${{env:{password_env}}}", REFERENCE)]
    faults += [("department", f"there is no department {department!r} in departments.csv")] * (department not in departments.load())
    faults += [("kind", f"{kind!r} must be one of {', '.join(ASKED)}: others cannot be asked here")] * (kind not in ASKED)
    faults += [("item", f"there is no item {code!r}") for code in pairs.values() if code not in items]
    if faults:
        raise typer.BadParameter("; ".join(f"{place}: {problem}" for place, problem in faults))


def _owed(department: str, items: Catalog) -> list[Item]:
    """What the department owes; every item, where nothing says what."""
    owed = {each.item for each in departments.assignments(departments.load(), items) if each.department == department}
    return [item for item in items.values() if item.code in owed] or list(items.values())


def _proposals(there: Mapping[str, TableFacts], pairs: Mapping[str, str], items: Catalog, owed: Sequence[Item]) -> list[propose.Proposal]:
    wanted = {place: next((each for each in (place, f"public.{place}") if each in there), None) for place in pairs}
    if missing := [place for place, found in wanted.items() if found is None]:
        raise Unasked(f"the database has no table {', '.join(missing)}; it has {', '.join(there) or 'none that this account may see'}")
    if pairs:
        return [found for place, code in pairs.items() if (found := propose.proposal(there[str(wanted[place])], [items[code]]))]
    return [found for table in there.values() if (found := propose.proposal(table, owed))]
