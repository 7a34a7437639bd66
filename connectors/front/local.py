"""Which of the local stack's database servers the declared sources live on: `guiji up` starts those."""

import os

from connectors.access import Unasked, of
from infra import stack
from infra.settings import Settings
from schemas import catalog, departments, sources

SERVED = {"postgres": "postgres", "mariadb": "mariadb", "mysql": "mariadb"}  # by kind: the server of the stack that speaks it


def needed(settings: Settings) -> list[str]:
    """Names of servers of the stack, each once. Sources whose address nobody set yet need none. Raises SourceFault."""
    names = {**os.environ, **settings.secrets()}
    found = set[str]()
    for source in sources.load(settings.sources, catalog.load(settings.catalogue), departments.load()).values():
        server = SERVED.get(source.database.kind)
        try:
            access = of(source.database, names)
        except Unasked:
            continue
        if server and access.near and access.port == stack.port(settings, server):
            found.add(server)
    return sorted(found)
