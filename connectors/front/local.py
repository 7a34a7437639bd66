"""Which of the local stack's database servers the declared sources live on: `guiji up` starts those."""

import os

from connectors.access import Unasked, of
from infra import stack
from infra.settings import Settings
from schemas import catalog, departments, sources

SERVED = {"postgres": "postgres", "mariadb": "mariadb", "mysql": "mariadb"}  # by kind: the server of the stack that speaks it


def needed(settings: Settings) -> list[str]:
    """Names of servers of the stack, each once. A source whose address nobody set yet needs none; while a source file is broken none is known: `plan` and map say what is wrong with it."""
    names, found = {**os.environ, **settings.secrets()}, set[str]()
    try:
        declared = sources.load(settings.sources, catalog.load(settings.catalogue), departments.load())
    except sources.SourceFault:
        return []
    for source in declared.values():
        server = SERVED.get(source.database.kind)
        try:
            access = of(source.database, names)
        except Unasked:
            continue
        if server and access.near and access.port == stack.port(settings, server):
            found.add(server)
    return sorted(found)
