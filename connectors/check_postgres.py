"""What `check` finds in a PostgreSQL server: settings, role, before images, publication, each with the statement that mends it. Pure."""

from collections.abc import Iterator

from connectors import check_server
from connectors import prepare_postgres as sql
from connectors.config import slot
from connectors.facts import Facts, Publication, Role
from connectors.finding import COSTS, LACKS, WARNS, Finding
from connectors.prepare import HIDDEN
from schemas.sources import Source

OPERATIONS = frozenset({"insert", "update", "delete", "truncate"})
SPARE = 10  # slots and senders that are set where there is none left
KEEP = "50GB"
_TOO_MUCH = {"superuser": "NOSUPERUSER", "createdb": "NOCREATEDB", "createrole": "NOCREATEROLE", "bypassrls": "NOBYPASSRLS"}


def findings(source: Source, facts: Facts, *, near: bool) -> Iterator[Finding]:
    """In the order in which the statements must be run. ``near``: on this machine, where nothing needs to be encrypted."""
    logged = source.capture == "log"
    if logged:
        yield from _settings(source, facts)
    if not near and not facts.server.encrypted:
        yield Finding(WARNS, "TLS", "the connection is not encrypted: the server's owner should set a certificate and ssl = on.")
    yield from _role(source, facts.role)
    yield from _reading(source, facts)
    if logged:
        yield from _images(source, facts)
        yield from _publication(source, facts, facts.publication)


def _settings(source: Source, facts: Facts) -> Iterator[Finding]:
    server = facts.server
    if (level := server.settings.get("wal_level")) != "logical":
        yield Finding(LACKS, "wal_level", f"is {level}, must be logical.", (sql.setting("wal_level", "logical"),), restart=True)
    limits = (("max_replication_slots", len(facts.slots) + (slot(source) not in facts.slots)), ("max_wal_senders", facts.senders + (slot(source) not in facts.slots)))
    for name, needed in limits:
        if (limit := server.number_of(name)) < needed:
            yield Finding(LACKS, name, f"is {limit}, and {needed} are needed with this one.", (sql.setting(name, str(needed + SPARE)),), restart=True)
    if server.number_of("max_slot_wal_keep_size") < 0:
        says = f"is unlimited: should the platform stand still for long, the log kept for it fills the disk. With a limit ({KEEP} here, to be chosen by the disk) the source is read anew instead."
        yield Finding(WARNS, "max_slot_wal_keep_size", says, (sql.setting("max_slot_wal_keep_size", KEEP), "SELECT pg_reload_conf()"))
    if facts.slots.get(slot(source)) == "lost":
        drop = f"SELECT pg_drop_replication_slot({sql.literal(slot(source))})"
        yield Finding(LACKS, "slot", f"{slot(source)} has lost its place in the log. After it is dropped, take a snapshot anew (`guiji connectors snapshot {source.name}`).", (drop,))


def _role(source: Source, role: Role | None) -> Iterator[Finding]:
    user, name, logged = source.database.user, source.database.name, source.capture == "log"
    if role is None:
        yield Finding(LACKS, f"role {user}", "is not there.", (sql.role(user, HIDDEN, replicates=logged),))
    else:
        for attribute in ["login", "replication"] if logged else ["login"]:
            if attribute not in role.attributes | ({"replication"} if "superuser" in role.attributes else set()):
                yield Finding(LACKS, f"role {user}", f"has no {attribute.upper()}.", (sql.able(user, attribute.upper()),))
        yield from _excess(source, role)
    if role is None or "connect" not in role.attributes:
        yield Finding(LACKS, f"role {user}", f"may not connect to {name}.", (sql.connecting(name, user),))


def _excess(source: Source, role: Role) -> Iterator[Finding]:
    ours = {".".join(sql.place(name)) for name in source.captured}
    more, take = list[str](), list[str]()
    for attribute, taken in (_TOO_MUCH | ({"replication": "NOREPLICATION"} if source.capture == "poll" else {})).items():
        if attribute in role.attributes:
            more.append(attribute)
            take.append(sql.able(role.name, taken))
    for group in sorted(attribute.removeprefix("member of ") for attribute in role.attributes if attribute.startswith("member of ")):
        more.append(f"member of {group}")
        take.append(f"REVOKE {sql.quoted(group)} FROM {sql.quoted(role.name)}")
    for place, rights in sorted(role.rights.items()):
        surplus = sorted(rights - {"USAGE"} - ({"SELECT"} if place in ours else set()))
        if surplus:
            more.append(f"{', '.join(surplus)} on {place}")
            take += [f"REVOKE {right} ON {sql.quoted(*sql.place(place))} FROM {sql.quoted(role.name)}" for right in surplus if right != "OWNERSHIP"]
    yield from check_server.role_excess(f"role {role.name}", more, take)


def _reading(source: Source, facts: Facts) -> Iterator[Finding]:
    user = source.database.user
    usable = {place for place, rights in facts.role.rights.items() if "USAGE" in rights} if facts.role else set()
    for schema in sorted({sql.place(name)[0] for name in source.captured} - usable):
        yield Finding(LACKS, f"schema {schema}", f"may not be used by {user}.", (sql.using(schema, user),))
    for name, table in source.captured.items():
        if name not in facts.tables:
            yield Finding(LACKS, name, "is no table of this database.")
        elif not facts.tables[name].readable:
            yield Finding(LACKS, name, f"may not be read by {user}.", (sql.reading([table], user),))


def _images(source: Source, facts: Facts) -> Iterator[Finding]:
    for name, table in facts.tables.items():
        if table.virtual:
            says = f"computes {', '.join(table.virtual)} when it is read (VIRTUAL): published with full before images, PostgreSQL refuses its owner's updates and deletes. It must not be published."
            yield Finding(LACKS, name, says)
        elif not table.full:
            yield Finding(LACKS, name, "does not log what a row was before.", (sql.full(source.captured[name]),))


def _publication(source: Source, facts: Facts, publication: Publication | None) -> Iterator[Finding]:
    name, there = slot(source), [source.captured[table] for table, found in facts.tables.items() if not found.virtual]
    computed = facts.server.number >= (18,) and any(found.stored for found in facts.tables.values())
    place, wanted = f"publication {name}", {".".join(sql.place(table.name)) for table in there}
    if not wanted:
        return
    if publication is None:
        yield Finding(LACKS, place, "is not there.", (sql.publication(name, there, computed=computed),))
        return
    if publication.everything:
        anew = (f"DROP PUBLICATION {sql.quoted(name)}", sql.publication(name, there, computed=computed))
        yield Finding(LACKS, place, "publishes every table of the database.", anew)
        return
    if computed and not publication.computed:
        says = "leaves out computed columns: PostgreSQL refuses the owner's updates and deletes of tables that have one."
        yield Finding(LACKS, place, says, (f"ALTER PUBLICATION {sql.quoted(name)} SET ({sql.COMPUTED})",))
    exactly = f"ALTER PUBLICATION {sql.quoted(name)} SET TABLE {', '.join(map(sql.named, there))}"
    wrong = [f"lacks {each}" for each in sorted(wanted - publication.tables)] + [f"has {each}, which is not tapped" for each in sorted(publication.tables - wanted)]
    wrong += [f"leaves out columns or rows of {each}" for each in sorted(publication.narrowed)]
    if wrong:
        yield Finding(LACKS, place, f"{'; '.join(wrong)}.", (exactly,))
    if missing := sorted(OPERATIONS - publication.operations):
        yield Finding(LACKS, place, f"does not publish {', '.join(missing)}.", (f"ALTER PUBLICATION {sql.quoted(name)} SET (publish = {sql.literal(sql.OPERATIONS)})",))


def costs(facts: Facts) -> Iterator[Finding]:
    keep = facts.server.number_of("max_slot_wal_keep_size")
    limit = f"at most {keep:,} MB" if keep >= 0 else "without limit"
    yield Finding(COSTS, "log", f"with REPLICA IDENTITY FULL updates and deletes log the whole old row; log is kept while the platform does not read it: {limit}")
    yield Finding(COSTS, "locks", "none that writers wait for (ACCESS SHARE); during the snapshot one transaction stays open, so that VACUUM cleans up nothing younger")
