"""What a poll cannot see, by the way a table is asked: told by `check` and `status`. Pure."""

from schemas.sources import Table


def spots(table: Table) -> list[str]:
    """One sentence each."""
    found = ["several changes of a row between two polls are one; a row that comes and goes in between is not seen"]
    if not table.source_time:
        found.append("when a row was changed is not known (map source_time, if there is a column for it)")
    if table.poll.column is None:
        return found
    return [
        "deletes are not seen until the table is read as a whole (`guiji connectors snapshot`)",
        f"a change that leaves {table.poll.column} as it is, or NULL, is not seen",
        f"nor is one whose transaction commits more than {table.poll.overlap} s after the time it writes there",
        *found,
    ]
