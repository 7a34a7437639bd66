"""What a source file may say and nothing here does yet, or was never run: told wherever such a source is shown."""

from collections.abc import Iterator

from connectors.prepare import NOT_RUN
from schemas.sources import Source


def notes(source: Source) -> Iterator[tuple[str, str]]:
    """(place, what to know)."""
    if source.database.kind in NOT_RUN:
        yield source.name, f"{source.database.kind}: not run. Its connector's configuration and its administrator's script are generated and reviewed, and were never tried on a server."
    for name, table in source.tables.items():
        if table.reload and table.delete != "withdraw":
            yield f"{source.name} {name}", f"load: reload with delete: {table.delete}: what a load leaves out is never withdrawn."
