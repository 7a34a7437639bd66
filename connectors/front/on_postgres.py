"""The statements that provide a department's front-end database on PostgreSQL, as far as they are still missing, and what is there already. A database each: nobody sees a neighbour's."""

from collections.abc import Iterator

from connectors.front.place import MARK, OWNER, Front, Standing
from connectors.front.session import Session
from connectors.prepare_postgres import connecting, literal, quoted, using
from schemas import front_receipts, front_table
from schemas.catalog import Item
from schemas.front_receipts import LOADS, ROWS

CONNECTIONS = 20  # of a department's account
_ROLES = "SELECT rolname, coalesce(shobj_description(oid, 'pg_authid'), '') FROM pg_roles WHERE rolname = ANY(%s)"
_DATABASE = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"
_COLUMNS = """
SELECT c.relname, array_agg(a.attname::text) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped GROUP BY 1
"""


def standing(front: Front, server: Session) -> Standing:
    """Of the whole server, asked in any of its databases."""
    roles = dict(server.run(_ROLES, [[OWNER, *front.accounts]]))
    owners = [owner for (owner,) in server.run(_DATABASE, [front.name])]
    return Standing(owners[0] == OWNER if owners else None, {name: about == MARK for name, about in roles.items()})


def inside(front: Front, database: Session) -> tuple[dict[str, frozenset[str]], frozenset[str] | None]:
    """Tables with their columns, and what is published."""
    tables = {name: frozenset(columns) for name, columns in database.run(_COLUMNS)}
    there = database.run("SELECT 1 FROM pg_publication WHERE pubname = %s", [front.slot])
    published = database.run("SELECT tablename FROM pg_publication_tables WHERE pubname = %s AND schemaname = 'public'", [front.slot])
    return tables, frozenset(name for (name,) in published) if there else None


def outer(front: Front, found: Standing, passwords: dict[str, str]) -> Iterator[list[str]]:
    """In the server's own database: groups of statements, each group together. ``passwords`` by account, of those that are to be set."""
    if OWNER not in found.accounts:
        yield [f"CREATE ROLE {quoted(OWNER)} NOLOGIN", f"COMMENT ON ROLE {quoted(OWNER)} IS {literal(MARK)}"]
    for account, password in passwords.items():
        kind = f"LOGIN {'REPLICATION' if account == front.tapping else 'NOREPLICATION'} CONNECTION LIMIT {CONNECTIONS} PASSWORD {literal(password)}"
        if account in found.accounts:
            yield [f"ALTER ROLE {quoted(account)} {kind}"]
        else:
            yield [f"CREATE ROLE {quoted(account)} {kind}", f"COMMENT ON ROLE {quoted(account)} IS {literal(MARK)}"]
    if found.database is None:
        yield [f"CREATE DATABASE {quoted(front.name)} OWNER {quoted(OWNER)} TEMPLATE template0 ENCODING 'UTF8'"]
    yield [f"REVOKE ALL ON DATABASE {quoted(front.name)} FROM PUBLIC", *(connecting(front.name, account) for account in front.accounts)]


def inner(front: Front, found: Standing) -> Iterator[str]:
    """In the department's database, all of them together: what an item has already is left as it is."""
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield from (using("public", account) for account in front.accounts)
    for item in front.items:
        if item.code not in found.tables:
            yield from front_table.statements(item, "postgres")
        yield from (f'ALTER TABLE {quoted(item.code)} ADD COLUMN {quoted(name)} text' for name in lacking(item, found))
        yield from front_receipts.statements(item.code, "postgres")
        yield from _granted(front, item.code)
    yield from _published(front, found)


def lacking(item: Item, found: Standing) -> list[str]:
    """Fields that the item gained since its table was made."""
    there = found.tables.get(item.code)
    return [] if there is None else [field.name for field in item.fields if field.name not in there]


def _granted(front: Front, table: str) -> Iterator[str]:
    receipts = f"{quoted(table + ROWS)}, {quoted(table + LOADS)}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {quoted(table)} TO {quoted(front.name)}"
    yield f"GRANT SELECT ON {receipts} TO {quoted(front.name)}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {receipts} TO {quoted(front.answering)}"
    yield f"GRANT SELECT ON {quoted(table)} TO {quoted(front.tapping)}"


def _published(front: Front, found: Standing) -> Iterator[str]:
    tables = [quoted("public", item.code) for item in front.items if item.code not in (found.published or ())]
    if tables:
        yield (f"CREATE PUBLICATION {quoted(front.slot)} FOR TABLE " if found.published is None else f"ALTER PUBLICATION {quoted(front.slot)} ADD TABLE ") + ", ".join(tables)


def script(front: Front, found: Standing, hidden: str) -> str:
    """For an administrator to run with psql; ``hidden`` stands where he puts passwords."""
    groups = outer(front, found, {account: hidden for account in front.accounts if account not in found.accounts})
    before = "".join(f"{statement};\n" for group in groups for statement in group)
    return before + f'\\connect "{front.name}"\n' + "".join(f"{statement};\n" for statement in inner(front, found))


