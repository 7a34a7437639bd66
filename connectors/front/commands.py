"""`guiji connectors provide`: a front-end database on the platform's own server; `answer`: what became of its rows, written back."""

import sys
from typing import Annotated

import typer

from connectors.access import Unasked
from connectors.answers import process
from connectors.front import provide, sheet, source_file
from connectors.front.place import KINDS, Front
from connectors.prepare import HIDDEN
from infra import log, show, slots
from infra.settings import get
from schemas import catalog, departments

FAULTS = (provide.Foreign, source_file.Differs, slots.Occupied)
out, aside = show.console(), show.console(stderr=True)


def provide_(
    department: Annotated[str, typer.Argument(help="code, e.g. zjj")],
    item: Annotated[list[str], typer.Argument(help="item codes, e.g. xzxk xzcf")],
    kind: Annotated[str, typer.Option(help=", ".join(KINDS))] = "postgres",
    *,
    printed: Annotated[bool, typer.Option("--print", help="only show the statements still missing, for a database administrator; change nothing")] = False,
    file_only: Annotated[bool, typer.Option("--file-only", help="write the source file alone: an administrator has run the statements")] = False,
    new_password: Annotated[bool, typer.Option("--new-password", help="give the department's account another password")] = False,
) -> None:
    """Make a front-end database for a department: tables from the catalogue, receipts beside them, accounts with least rights, and its source file. May be repeated; items given later are added."""
    settings, front, title = get(), *_asked(department, item, kind)
    if printed:
        try:
            access = provide.administrator(settings, kind)
            sys.stdout.write(provide.script(front, access, HIDDEN))
        except Unasked as fault:
            aside.print(f"{fault} These are all the statements, as for an empty server.", style="yellow", markup=False)
            sys.stdout.write(provide.script(front, None, HIDDEN))
        return
    path, text = provide.drafted(settings, front, title)
    if not file_only:
        access = provide.administrator(settings, kind)
        provide.make(settings, front, access, new_password=new_password)
        provide.addressed(settings, front, access)
    provide.register(path, text)
    for table, fields in source_file.unmapped(front, text).items():
        aside.print(f"{path}: {table} does not map {', '.join(fields)}: add `NAME: NAME` to its columns.", style="yellow", markup=False)
    if file_only:
        out.print(f"{path} is written. Put {', '.join(front.accounts.values())} and the server's {', '.join(provide.address(kind))} into secrets.env.")
        return
    sys.stdout.write(sheet.sheet(front, title, access))
    out.print(f"{path} is written. Next: guiji up (Connect learns the password), guiji connectors apply; receipts: guiji connectors answer.")


def answer() -> None:
    """Long-running: write what became of each row beside it, in every front-end database whose source file has `receipts`."""
    with log.process("answer") as stop:
        process.run(get(), stop)


def _asked(department: str, items: list[str], kind: str) -> tuple[Front, str]:
    known, catalogue = departments.load(), catalog.load(get().catalogue)
    faults = [f"there is no department {department!r} in departments.csv"] * (department not in known)
    faults += [f"there is no item {code!r}; known are {', '.join(catalogue)}" for code in items if code not in catalogue]
    faults += [f"kind {kind!r} must be one of {', '.join(KINDS)}"] * (kind not in KINDS)
    if faults:
        raise typer.BadParameter("; ".join(faults))
    return Front(department, kind, [catalogue[code] for code in dict.fromkeys(items)]), known[department].name
