"""What `check` finds in any server, and what being tapped will cost it. Pure."""

from collections.abc import Iterator

from connectors import support
from connectors.facts import Facts, Server
from connectors.finding import COSTS, KNOWN, LACKS, WARNS, Finding
from schemas.sources import Source

CLOCK = 5.0  # seconds of which nobody needs to hear
# What a connector was seen to hold while it follows the log.
_CONNECTIONS = {"postgres": "3 and a WAL sender", "mariadb": "2", "mysql": "2"}
ROWS_PER_SECOND = 4_500  # of a snapshot with everything on two cores, as docs/performance.md measured it


def version(source: Source, server: Server) -> Iterator[Finding]:
    """Against the table of what is supported."""
    found = support.known(source.database.kind, server.number)
    state = found.state if found else support.UNKNOWN
    if source.capture == "poll":
        tried = found is not None and found.polled
        yield Finding(KNOWN if tried else WARNS, "version", f"{server.version}: {support.POLL if tried else 'polling it is untested here'}")
        return
    says = f"{server.version}: {state}" + (f"; read with {found.driver}. {found.note}" if found else ": newer than all that is listed.")
    pushes = found is not None and found.state == support.PUSH
    yield Finding(LACKS if pushes else KNOWN if state == support.TESTED else WARNS, "version", says.strip())


def clock(server: Server) -> Iterator[Finding]:
    if abs(server.clock) > CLOCK:
        ahead = "ahead of" if server.clock > 0 else "behind"
        yield Finding(WARNS, "clock", f"the database's clock is {abs(server.clock):.0f} s {ahead} this machine's: times of changes will be wrong. Its owner should set it by a time server (NTP).")


def role_excess(place: str, more: list[str], statements: list[str]) -> Iterator[Finding]:
    if more:
        yield Finding(WARNS, place, f"may do more than it needs: {', '.join(more)}.", tuple(statements))


def costs(source: Source, facts: Facts) -> Iterator[Finding]:
    """What tapping will ask of the database, from its own estimates: nothing is counted for this."""
    total = 0
    for name, table in facts.tables.items():
        rows = "unknown (never analysed)" if table.rows is None else f"about {table.rows:,}"
        total += table.rows or 0
        yield Finding(COSTS, name, f"{rows} rows, {table.bytes / 1e6:,.1f} MB with its indexes")
    if source.capture == "log":
        yield Finding(COSTS, "snapshot", f"about {total / ROWS_PER_SECOND / 60:,.1f} minutes at {ROWS_PER_SECOND:,} rows/s (measured on two cores), once")
    limit = facts.server.number_of("max_connections")
    held = f"{_CONNECTIONS[source.database.kind]}, and 1 more while the snapshot is taken" if source.capture == "log" else "1, while it is asked"
    yield Finding(COSTS, "connections", f"{held}; {facts.server.connected} of {limit} are in use now")
