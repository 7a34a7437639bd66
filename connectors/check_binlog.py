"""What `check` finds in a MariaDB or MySQL server: binlog, account, each with the statement that mends it. Pure."""

from collections.abc import Iterator

from connectors import check_server
from connectors import prepare_binlog as sql
from connectors.config import server_id
from connectors.facts import Facts, Role, Server
from connectors.finding import COSTS, LACKS, Finding
from connectors.prepare import HIDDEN
from schemas.sources import Source

DAYS = 7  # of binlog: what a platform that stands still may lie behind
_WANTED = {"binlog_format": "ROW", "binlog_row_image": "FULL", "binlog_row_metadata": "FULL"}


def findings(source: Source, facts: Facts, *, near: bool) -> Iterator[Finding]:
    """In the order in which the statements must be run. ``near``: on this machine, where nothing needs to be encrypted."""
    if source.capture == "log":
        yield from _binlog(source, facts.server)
    if not near and not facts.server.encrypted:
        yield Finding(LACKS, "TLS", "the server offers no encryption, and the connector does not go without.", ("ssl_cert=…", "ssl_key=…"), restart=True, file=True)
    yield from _account(source, facts.role)
    yield from _reading(source, facts)


def _binlog(source: Source, server: Server) -> Iterator[Finding]:
    if server.settings.get("log_bin") != "ON":
        lines = ("log_bin=bin", *(f"{name}={value}" for name, value in _WANTED.items()), f"server_id={server.number_of('server_id') or 1}", f"expire_logs_days={DAYS}")
        yield Finding(LACKS, "log_bin", "is off: the server keeps no log of changes.", lines, restart=True, file=True)
        return
    for name, value in _WANTED.items():
        if (found := server.settings.get(name, "not known to this version")).upper() != value:
            says = f"is {found}, must be {value}; connections that are open keep the old one. Write it into the server's configuration, too, or it is lost at a restart."
            yield Finding(LACKS, name, says, (sql.setting(name, value),))
    if (number := server.number_of("server_id")) in (0, server_id(source)):
        says = "is 0: the server has no name in the log" if number == 0 else f"is {number}, which is the number of this source's connector"
        yield Finding(LACKS, "server_id", f"{says}. Write it into the server's configuration, too.", (sql.setting("server_id", 1),))
    yield from _kept(server)
    wanted, database = server.settings.get("binlog_do_db"), source.database.name
    if (wanted and database not in wanted.split(",")) or database in server.settings.get("binlog_ignore_db", "").split(","):
        yield Finding(LACKS, "binlog_do_db, binlog_ignore_db", f"leave {database} out of the log.", (f"# binlog_do_db / binlog_ignore_db: {database}",), restart=True, file=True)


def retention(server: Server) -> float:
    """Days for which the binlog is kept; 0: for ever."""
    return server.number_of("binlog_expire_logs_seconds") / 86_400 or float(server.settings.get("expire_logs_days", "0"))


def _kept(server: Server) -> Iterator[Finding]:
    days = retention(server)
    if 0 < days < DAYS:
        seconds = "binlog_expire_logs_seconds" in server.settings
        statement = sql.setting("binlog_expire_logs_seconds", DAYS * 86_400) if seconds else sql.setting("expire_logs_days", DAYS)
        yield Finding(LACKS, "binlog retention", f"is {days:.1f} days: after a longer stand-still the source must be read anew. {DAYS} are asked for.", (statement,))


def _account(source: Source, role: Role | None) -> Iterator[Finding]:
    who = sql.account(source.database.user)
    if role is None:
        yield Finding(LACKS, f"account {who}", "is not there.", tuple(sql.created(who, HIDDEN)))
        role = Role(f"{source.database.user}@%", frozenset(), {})
    who = sql.account(*role.name.rsplit("@", 1))
    if source.capture == "log":
        if missing := tuple(right for right in sql.GLOBAL if right not in role.rights.get("", ())):
            yield Finding(LACKS, f"account {who}", f"lacks {', '.join(missing)}.", (sql.replicating(who, missing),))
        if not any("LOCK TABLES" in role.rights.get(place, ()) for place in ("", source.database.name)):
            yield Finding(LACKS, f"account {who}", "may not lock tables for the moment in which a snapshot begins.", (sql.locking(source.database.name, who),))
    yield from _excess(source, role, who)


def _excess(source: Source, role: Role, who: str) -> Iterator[Finding]:
    name = source.database.name
    logged: dict[str, set[str]] = {"": set(sql.GLOBAL), name: {"LOCK TABLES"}} if source.capture == "log" else {}
    needed = logged | {f"{name}.{table.short}": {"SELECT"} for table in source.captured.values()}
    more, take = list[str](), list[str]()
    for place, rights in sorted(role.rights.items()):
        if surplus := sorted(rights - needed.get(place, set())):
            where = sql.quoted(*place.split(".", 1)) if "." in place else f"{sql.quoted(place)}.*" if place else "*.*"
            more.append(f"{', '.join(surplus)} on {where}")
            take.append(f"REVOKE {', '.join(surplus)} ON {where} FROM {who}")
    yield from check_server.role_excess(f"account {who}", more, take)


def _reading(source: Source, facts: Facts) -> Iterator[Finding]:
    who = sql.account(*(facts.role.name if facts.role else f"{source.database.user}@%").rsplit("@", 1))
    for name, table in source.captured.items():
        grant = (sql.reading(source.database.name, table, who),)
        if name not in facts.tables:
            yield Finding(LACKS, name, "is no table of this database, or the account that asks may not read it.", grant)
        elif not facts.tables[name].readable:
            yield Finding(LACKS, name, f"may not be read by {who}.", grant)


def costs(facts: Facts) -> Iterator[Finding]:
    days, kept = retention(facts.server), facts.server.kept
    how = f"{days:.0f} days" if days else "for ever, unless somebody purges it"
    yield Finding(COSTS, "log", f"whole rows, old and new; the binlog is kept {how}" + (f", {kept / 1e6:,.0f} MB now" if kept is not None else ""))
    says = "writers wait while the structure of all tables is read (FLUSH TABLES WITH READ LOCK, seconds); then rows are read in one transaction that locks nothing"
    yield Finding(COSTS, "locks", says)
