"""What commands print: rows for a person, or for a program."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

WIDE = 200  # columns where nobody watches: a log or a pipe cuts nothing off
Output = Annotated[str, typer.Option("-o", "--output", help="table or json")]
Rows = Sequence[Mapping[str, Any]]


def console(*, stderr: bool = False) -> Console:
    """As wide as the terminal; wide where there is none."""
    found = Console(stderr=stderr)
    return found if found.is_terminal else Console(stderr=stderr, width=WIDE)


def table(target: Console, rows: Rows, title: str = "") -> None:
    """A table in which nothing is cut off: what does not fit goes on in the next line."""
    shown = Table(title=title or None, title_justify="left")
    for name, value in rows[0].items():
        shown.add_column(str(name), overflow="fold", justify="right" if isinstance(value, int | float) else "left")
    for row in rows:
        shown.add_row(*(cell(value) for value in row.values()))
    target.print(shown)


def output(target: Console, rows: Rows, form: str, empty: str = "nothing to show", title: str = "") -> None:
    """Rows as ``form`` asks: ``json`` on standard output, else a table, or ``empty`` where there are none."""
    if form == "json":
        sys.stdout.write(json.dumps(list(rows), ensure_ascii=False, indent=2, default=str) + "\n")
    elif rows:
        table(target, rows, title)
    else:
        target.print(empty)


def cell(value: Any) -> str:
    """One value as a person reads it; a reason as its rule and message."""
    if isinstance(value, list | tuple):
        return "\n".join(cell(each) for each in value)
    if isinstance(value, dict):
        return f"{value['rule']} {value['message']}" if "rule" in value else json.dumps(value, ensure_ascii=False)
    return "—" if value is None else str(value)
