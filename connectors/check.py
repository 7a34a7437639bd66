"""`guiji connectors check`: a front-end database is asked what it lacks, and what being tapped will cost it, before anything is created. It is only read."""

from connectors import ask_binlog, ask_postgres, check_binlog, check_postgres, check_server, check_tables, prepare
from connectors.access import Access, Refused
from connectors.config import slot
from connectors.facts import Facts
from connectors.finding import KNOWN, LACKS, Finding
from connectors.limits import notes
from connectors.poll import check as check_polled
from schemas.catalog import Catalog
from schemas.sources import Source


def check(source: Source, catalog: Catalog, access: Access) -> list[Finding]:
    """Everything that is found, statements in the order in which they must be run. ``access``: the tapping role's own, or an administrator's, who sees more. Raises Unasked.

    Where the tapping role is not let in, the whole script is what is missing: nothing else could be asked."""
    known = [Finding(KNOWN, *note) for note in notes(source)]
    try:
        facts = _asked(source, access)
    except Refused as fault:
        if access.user != source.database.user:
            raise
        says = f"is not let in ({fault}), so nothing else could be asked. Run the script, or correct the password; or ask as an administrator: --as NAME --password-env VARIABLE."
        return [Finding(LACKS, f"account {access.user}", says, tuple(prepare.statements(source, prepare.HIDDEN))), *known]
    server, tables = [*_of_kind(source, facts, access), *check_server.clock(facts.server)], check_tables.findings(source, facts, catalog)
    return [*check_server.version(source, facts.server), *known, *server, *tables, *check_polled.findings(source, facts), *_costs(source, facts)]


def _asked(source: Source, access: Access) -> Facts:
    columns = {name: table.needed for name, table in source.captured.items()}
    if source.database.kind == "postgres":
        return ask_postgres.facts(access, source.database.user, slot(source), columns)
    return ask_binlog.facts(access, source.database.user, columns)


def _of_kind(source: Source, facts: Facts, access: Access) -> list[Finding]:
    ask = check_postgres.findings if source.database.kind == "postgres" else check_binlog.findings
    return list(ask(source, facts, near=access.near))


def _costs(source: Source, facts: Facts) -> list[Finding]:
    of_kind = check_postgres.costs if source.database.kind == "postgres" else check_binlog.costs
    return [*check_server.costs(source, facts), *(of_kind(facts) if source.capture == "log" else [])]
