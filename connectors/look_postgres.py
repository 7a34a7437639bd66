"""One look at a tapped PostgreSQL: its slot, its publication, its tables, its clock, with the source's own role: nothing needs a right that tapping does not."""

from dataclasses import dataclass
from typing import LiteralString

from connectors.access import Access
from connectors.ask_postgres import asking

_SLOT: LiteralString = """
SELECT active, coalesce(wal_status, 'reserved') AS wal_status, safe_wal_size AS safe, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint AS kept,
  pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint AS behind
FROM pg_replication_slots WHERE slot_name = %s AND database = current_database()"""
# From the catalogues alone, which no lock on a table can hold up. The number is another one after the table was taken out and put back, or the publication made anew.
_MEMBERS: LiteralString = """
SELECT n.nspname || '.' || c.relname AS name, coalesce(r.oid, p.oid)::bigint AS number
FROM pg_publication p CROSS JOIN pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
WHERE p.pubname = %s AND p.pubinsert AND p.pubupdate AND p.pubdelete AND n.nspname || '.' || c.relname = ANY(%s) AND (p.puballtables OR r.oid IS NOT NULL"""
_PUBLISHED: LiteralString = _MEMBERS + ")"
_PUBLISHED_BY_SCHEMA: LiteralString = _MEMBERS + " OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = n.oid))"  # from PostgreSQL 15 on
_TABLES: LiteralString = """
SELECT n.nspname || '.' || c.relname AS name, c.relreplident::text AS identity, greatest(c.reltuples, 0)::bigint AS rows
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


def ask(access: Access, slot: str, tables: list[str]) -> Answers:
    """Everything the guards need of one source; ``slot`` names its publication, too; ``tables`` with their schema. Raises Unasked."""
    with asking(access) as asked:
        clock = asked.clock()
        slots = asked.rows(_SLOT, (slot,))
        query = _PUBLISHED_BY_SCHEMA if asked.version >= (15,) else _PUBLISHED
        published = {row["name"]: int(row["number"]) for row in asked.rows(query, (slot, tables))}
        found = asked.rows(_TABLES, (tables,))
    return Answers(Slot(**slots[0]) if slots else None, published, {row["name"]: row["identity"] for row in found}, {row["name"]: row["rows"] for row in found}, clock)


def drop_lost_slot(access: Access, slot: str) -> bool:
    """Take away our own slot when the server has thrown its log away: such a slot can never be read again. The one thing here that changes anything; whether it did. Raises Unasked."""
    query: LiteralString = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND wal_status = 'lost' AND NOT active"
    with asking(access, read_only=False) as asked:
        return bool(asked.rows(query, (slot,)))
