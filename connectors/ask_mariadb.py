"""Questions to a tapped MariaDB or MySQL: its binlogs, how long it keeps them, its tables, its clock. Read-only, each within SECONDS, with the source's own account."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pymysql
from pymysql.cursors import Cursor

from connectors.address import SECONDS, Address, Unreachable


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


@contextmanager
def connected(address: Address) -> Iterator[Cursor]:
    """A read-only session. Raises Unreachable, also for what is asked inside."""
    secure: dict[str, Any] = {"ssl": _unchecked()} if address.encrypted else {}
    try:
        connection = pymysql.connect(
            host=address.host, port=address.port, user=address.user, password=address.password, database=address.name, autocommit=True,
            connect_timeout=SECONDS, read_timeout=SECONDS, write_timeout=SECONDS, charset="utf8mb4", init_command="SET SESSION TRANSACTION READ ONLY", **secure,
        )  # fmt: skip
        with connection, connection.cursor() as cursor:
            yield cursor
    except (pymysql.Error, OSError) as fault:
        raise Unreachable(f"{address.place}: {fault.args[-1] if fault.args else type(fault).__name__}") from fault


def ask(address: Address, tables: list[str]) -> Answers:
    """Everything the guards need of one source; ``tables`` without their database. Raises Unreachable."""
    with connected(address) as cursor:
        clock = _clock(cursor)
        cursor.execute("SHOW BINARY LOGS")
        logs = {str(row[0]): int(row[1]) for row in cursor.fetchall()}
        variables = _variables(cursor)
        cursor.execute("SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = %s AND table_name IN %s", [address.name, tables])
        rows = {str(name): int(count or 0) for name, count in cursor.fetchall()}
    seconds = float(variables.get("binlog_expire_logs_seconds") or 0) or float(variables.get("expire_logs_days") or 0) * 86_400
    return Answers(logs, seconds, variables.get("binlog_row_image", "FULL").upper(), variables.get("binlog_format", "").upper(), rows, clock)


def _variables(cursor: Cursor) -> dict[str, str]:
    cursor.execute("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('binlog_expire_logs_seconds', 'expire_logs_days', 'binlog_row_image', 'binlog_format')")
    return {str(name).lower(): str(value) for name, value in cursor.fetchall()}


def _clock(cursor: Cursor) -> float:
    before = time.time()
    cursor.execute("SELECT unix_timestamp(sysdate(6))")
    row = cursor.fetchone()
    return float(row[0]) - (before + time.time()) / 2 if row else 0.0


def _unchecked() -> ssl.SSLContext:
    """Encrypted, the certificate not checked: what the connector itself does (`database.ssl.mode=trust`)."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
