"""What `check` finds of a source that is polled: its update columns, what each poll asks of the database, and what it will not see. Pure."""

from collections.abc import Iterator

from connectors import check_tables
from connectors.facts import Facts, TableFacts
from connectors.finding import COSTS, KNOWN, LACKS, WARNS, Finding
from connectors.poll import blind
from schemas.sources import Source, Table

TIMES = ("day", "moment")  # what can say since when


def findings(source: Source, facts: Facts) -> Iterator[Finding]:
    """All tables of the source that are there; nothing where it is not polled."""
    for name, table in source.tables.items() if source.capture == "poll" else ():
        if found := facts.tables.get(name):
            if table.poll.column:
                yield from _column(source, name, table, found)
            else:
                yield from _comparison(source, name, table, found)
            yield Finding(KNOWN, name, f"is polled every {source.every} s. " + "; ".join(blind.spots(table)) + ".")


def _column(source: Source, name: str, table: Table, found: TableFacts) -> Iterator[Finding]:
    column = found.columns.get(table.poll.column or "")
    place = f"{name}.{table.poll.column}"
    if column is None:
        yield Finding(LACKS, place, f"is no column of the table, which has {', '.join(found.columns)}.")
        return
    if check_tables.family(column.type) not in TIMES:
        says = f"is {column.type}: only a date or a time says since when rows were changed. Poll the table by comparison, or ask its owner for such a column that every change sets."
        yield Finding(LACKS, place, says)
    elif check_tables.family(column.type) == "day":
        yield Finding(KNOWN, place, "is a date: every poll reads all rows of the newest day again.")
    if column.nullable:
        yield Finding(WARNS, place, "may be NULL: such a row is read once, with the whole table, and what becomes of it is not seen.")
    if column.name not in found.indexed:
        says = f"no index begins with it, so each poll, every {source.every} s, makes the database look through {_rows(found)} ({found.bytes / 1e6:,.1f} MB). Its owner may want one."
        yield Finding(COSTS, place, says)
    else:
        yield Finding(COSTS, place, f"has an index: a poll, every {source.every} s, reads the rows of the last {table.poll.overlap} s again, and what is new.")


def _comparison(source: Source, name: str, table: Table, found: TableFacts) -> Iterator[Finding]:
    seconds = (found.rows or 0) / table.poll.rate
    yield Finding(COSTS, name, f"each poll, every {source.every} s, reads {_rows(found)}, at most {table.poll.rate:,} a second: about {seconds:,.0f} s")
    if seconds > source.every / 2:
        says = f"a comparison takes about {seconds:,.0f} s of every {source.every} s. Poll less often (every), or by an update column (poll: {{by: column, …}})."
        yield Finding(WARNS, name, says)


def _rows(found: TableFacts) -> str:
    return "all its rows (how many was never analysed)" if found.rows is None else f"about {found.rows:,} rows"
