"""The platform's own database servers, without anything else of the stack, and a folder for source files."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from connectors import access
from connectors.check import check
from connectors.finding import LACKS, WARNS
from connectors.front import provide
from connectors.front.place import Front
from connectors.front.session import opened
from infra import stack
from infra.database_servers import mariadb_absent
from infra.settings import Settings
from schemas import catalog, sources

CATALOG = catalog.load()


@dataclass(frozen=True)
class Site:
    """One kind of server, and what was provided there."""

    settings: Settings
    kind: str

    def front(self, department: str, *items: str) -> Front:
        return Front(department, self.kind, [CATALOG[code] for code in items or ("xzxk",)])

    @property
    def administrator(self) -> access.Access:
        return provide.administrator(self.settings, self.kind)

    def make(self, front: Front, **options: Any) -> None:
        where = self.administrator
        provide.make(self.settings, front, where, **options)
        provide.addressed(self.settings, front, where)
        provide.register(*provide.drafted(self.settings, front, "某局"))

    def account(self, front: Front, account: str, database: str = "") -> access.Access:
        """An account as its owner uses it."""
        where = self.administrator
        return replace(where, name=database or front.name, user=account, password=self.settings.secrets()[front.accounts[account]])

    def run(self, where: access.Access, *statements: str) -> list[Any]:
        with opened(where) as session:
            return [session.run(statement) for statement in statements][-1]

    def refused(self, where: access.Access, statement: str) -> str:
        """What the database says to it."""
        with pytest.raises(access.Unasked) as fault:
            self.run(where, statement)
        return str(fault.value)

    def wrong(self, front: Front) -> dict[str, str]:
        """What `check` finds lacking or excessive of a tapping role that was provided."""
        source = sources.load(self.settings.sources, CATALOG)[front.name]
        found = check(source, CATALOG, access.of(source.database, self.settings.secrets()))
        of_server = "max_slot_wal_keep_size"
        return {each.place: each.says for each in found if each.kind in (LACKS, WARNS) and each.place != of_server}


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("provided")
    (home / "sources").mkdir()
    settings = Settings(home=home / "home", sources=home / "sources", free_disk_mb=1)
    try:
        stack.up(settings, ("postgres",) if mariadb_absent() else ("postgres", "mariadb"), lambda _: None)
        yield settings
    finally:
        stack.down(settings, lambda _: None)


@pytest.fixture(params=["postgres", "mariadb"])
def site(servers: Settings, request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    if request.param == "mariadb" and (why := mariadb_absent()):
        pytest.skip(why)
    return Site(servers.model_copy(update={"sources": tmp_path}), request.param)
