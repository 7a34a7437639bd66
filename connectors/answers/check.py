"""What `check` finds of receipts, asked as the account that writes them: whether both tables are there, with every column, and may be written to; what is to be run if not."""

from collections.abc import Iterator, Mapping

from connectors import access, prepare_postgres
from connectors.access import Refused, Unasked
from connectors.answers import prepare
from connectors.finding import KNOWN, LACKS, Finding
from connectors.front.session import Session, opened
from connectors.prepare import HIDDEN
from schemas.front_receipts import LOADS, ROWS, columns
from schemas.sources import Source, Table, answering

_POSTGRES = {
    "usable": "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = %s",
    "columns": "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
    "rights": "SELECT p FROM unnest(%s::text[]) p WHERE has_table_privilege(to_regclass(%s), p)",
}
_ME = """CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')"""
_BINLOG = {
    "columns": "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s",
    "rights": f"SELECT privilege_type FROM information_schema.table_privileges WHERE grantee = {_ME} AND table_schema = %s AND table_name = %s "
    f"UNION SELECT privilege_type FROM information_schema.schema_privileges WHERE grantee = {_ME} AND table_schema = %s "
    f"UNION SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = {_ME}",
}


def findings(source: Source, names: Mapping[str, str]) -> list[Finding]:
    """Nothing where the source file names no account for receipts. ``names``: what references stand for."""
    if source.receipts is None:
        return []
    who = f"account {source.receipts.user}"
    try:
        with opened(access.of(answering(source), names)) as session:
            found = [each for table in source.tables.values() for ending in (ROWS, LOADS) for each in _of_table(source, table, ending, session)]
    except Refused as fault:
        says = f"is not let in ({fault}), so its receipt tables could not be looked at. Run the script, or correct the password."
        return [Finding(LACKS, who, says, tuple(prepare.statements(source, HIDDEN)))]
    except Unasked as fault:
        return [Finding(LACKS, who, f"could not be asked for its receipt tables: {fault}")]
    return found or [Finding(KNOWN, who, "has its receipt tables, and may write there.")]


def _of_table(source: Source, table: Table, ending: str, session: Session) -> Iterator[Finding]:
    where, wanted = table.name + ending, [name for name, _, _ in columns(ending, source.database.kind)]
    there, rights = (_postgres if source.database.kind == "postgres" else _binlog)(source, table, ending, session)
    if not there:
        yield Finding(LACKS, where, "is not there, or the answering account may not see it.", tuple(prepare.made(source, table)))
        return
    if wanted[0] not in there:
        yield Finding(LACKS, where, f"has no column {wanted[0]}: it is somebody's own table. Rename it, then run the script.", tuple(prepare.made(source, table)))
        return
    if missing := [name for name in wanted if name not in there]:
        yield Finding(LACKS, where, f"has no column {', '.join(missing)}.", (prepare.added(source, table, ending, missing),))
    if lacking := [right for right in prepare.RIGHTS if right not in rights]:
        yield Finding(LACKS, where, f"the answering account may not {', '.join(lacking)}.", (prepare.granted(source, table, ending),))


def _postgres(source: Source, table: Table, ending: str, session: Session) -> tuple[set[str], set[str]]:
    """Columns and rights; none where nothing can be seen."""
    schema, place = prepare_postgres.place(table.name)[0], prepare.place(source, table, ending)
    if session.run(_POSTGRES["usable"], (schema,)) != [(True,)]:
        return set(), set()
    return _firsts(session.run(_POSTGRES["columns"], (place,))), _firsts(session.run(_POSTGRES["rights"], (list(prepare.RIGHTS), place)))


def _binlog(source: Source, table: Table, ending: str, session: Session) -> tuple[set[str], set[str]]:
    name, schema = table.short + ending, source.database.name
    return _firsts(session.run(_BINLOG["columns"], (schema, name))), _firsts(session.run(_BINLOG["rights"], (schema, name, schema)))


def _firsts(rows: list[tuple[str, ...]]) -> set[str]:
    return {row[0] for row in rows}
