"""Questions to a tapped PostgreSQL: its slot, its publication, its tables, its clock. Read-only, each within SECONDS, with the source's own role: nothing needs a right that tapping does not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from connectors.address import SECONDS, Address, Unreachable

_SLOT = """
SELECT active, coalesce(wal_status, 'reserved'), safe_wal_size, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint, pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint
FROM pg_replication_slots WHERE slot_name = %s AND database = current_database()"""
# From the catalogues alone, which no lock on a table can hold up. The number is another one after the table was taken out and put back, or the publication made anew.
_PUBLISHED = """
SELECT n.nspname || '.' || c.relname, coalesce(r.oid, p.oid)::bigint
FROM pg_publication p CROSS JOIN pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
WHERE p.pubname = %s AND p.pubinsert AND p.pubupdate AND p.pubdelete AND n.nspname || '.' || c.relname = ANY(%s) AND (p.puballtables OR r.oid IS NOT NULL {schemas})"""
_SCHEMAS = "OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = n.oid)"  # from PostgreSQL 15 on
_TABLES = """
SELECT n.nspname || '.' || c.relname, c.relreplident::text, greatest(c.reltuples, 0)::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname || '.' || c.relname = ANY(%s)"""


@dataclass(frozen=True)
class Slot:
    """``wal_status``: reserved, extended, unreserved, lost. Bytes: ``safe`` = log that may still be written before it is lost (None: no limit is set), ``kept`` = log the server keeps for it,
    ``behind`` = log not confirmed yet."""

    active: bool
    wal_status: str
    safe: int | None
    kept: int | None
    behind: int | None


@dataclass(frozen=True)
class Answers:
    """One look at a database. ``slot`` None: there is none. ``published``: table → number of its membership in the publication. ``identity``: table → replica identity (`f` is full);
    ``rows``: table → estimated rows; ``clock``: its clock minus ours, seconds."""

    slot: Slot | None
    published: dict[str, int]
    identity: dict[str, str]
    rows: dict[str, int]
    clock: float


@contextmanager
def connected(address: Address) -> Iterator[psycopg.Connection[Any]]:
    """A read-only session. Raises Unreachable, also for what is asked inside."""
    try:
        with psycopg.connect(
            host=address.host, port=address.port, dbname=address.name, user=address.user, password=address.password, connect_timeout=SECONDS, application_name="guiji", autocommit=True,
            options=f"-c default_transaction_read_only=on -c statement_timeout={SECONDS * 1000} -c lock_timeout={SECONDS * 1000}", row_factory=tuple_row,
        ) as connection:  # fmt: skip
            yield connection
    except psycopg.Error as fault:
        raise Unreachable(f"{address.place}: {str(fault).strip().splitlines()[-1] if str(fault).strip() else type(fault).__name__}") from fault


def ask(address: Address, slot: str, tables: list[str]) -> Answers:
    """Everything the guards need of one source; ``slot`` names its publication, too; ``tables`` with their schema. Raises Unreachable."""
    with connected(address) as connection:
        clock = _clock(connection)
        row = connection.execute(_SLOT, [slot]).fetchone()
        query = _PUBLISHED.format(schemas=_SCHEMAS if connection.info.server_version >= 150_000 else "")
        published = dict(connection.execute(query, [slot, tables]).fetchall())
        found = connection.execute(_TABLES, [tables]).fetchall()
    return Answers(Slot(*row) if row else None, published, {name: identity for name, identity, _ in found}, {name: rows for name, _, rows in found}, clock)


def drop_lost_slot(address: Address, slot: str) -> bool:
    """Take away our own slot when the server has thrown its log away: such a slot can never be read again. The one thing here that changes anything; whether it did. Raises Unreachable."""
    with connected(address) as connection:
        connection.execute("SET default_transaction_read_only = off")
        query = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND wal_status = 'lost' AND NOT active"
        return connection.execute(query, [slot]).fetchone() is not None


def _clock(connection: psycopg.Connection[Any]) -> float:
    before = time.time()
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    return float(row[0]) - (before + time.time()) / 2 if row else 0.0
