"""One look at a tapped MariaDB or MySQL: its binlogs, how long it keeps them, its tables, its clock, with the source's own account."""

from dataclasses import dataclass

from connectors.access import Access
from connectors.ask_binlog import asking

_SETTINGS = ("binlog_expire_logs_seconds", "expire_logs_days", "binlog_row_image", "binlog_format")


@dataclass(frozen=True)
class Answers:
    """One look at a database. ``logs``: binlog file → bytes, oldest first; ``keeps``: seconds a file is kept after its last event, 0 = until somebody purges it;
    ``image``, ``form``: binlog_row_image, binlog_format; ``rows``: table → estimated rows; ``clock``: its clock minus ours, seconds."""

    logs: dict[str, int]
    keeps: float
    image: str
    form: str
    rows: dict[str, int]
    clock: float


def ask(access: Access, tables: list[str]) -> Answers:
    """Everything the guards need of one source; ``tables`` without their database. Raises Unasked."""
    with asking(access) as asked:
        logs = {str(row["Log_name"]): int(row["File_size"]) for row in asked.rows("SHOW BINARY LOGS")}
        settings = {row["Variable_name"].lower(): row["Value"] for row in asked.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN {_SETTINGS!r}")}
        found = asked.rows("SELECT TABLE_NAME AS name, TABLE_ROWS AS `rows` FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_NAME IN %s", (access.name, tables))
        clock = asked.clock()
    seconds = float(settings.get("binlog_expire_logs_seconds") or 0) or float(settings.get("expire_logs_days") or 0) * 86_400
    image, form = settings.get("binlog_row_image", "FULL").upper(), settings.get("binlog_format", "").upper()
    return Answers(logs, seconds, image, form, {str(row["name"]): int(row["rows"] or 0) for row in found}, clock)
