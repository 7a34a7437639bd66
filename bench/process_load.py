"""The sink as a process under a group that is told: `load` as `guiji` runs it, and `load_unprotected`, the same without replay protection: nothing is read back, and blocks have no tokens."""

import sys
from contextlib import ExitStack
from unittest.mock import patch

from infra import log
from infra.settings import get
from loaders import loading, presence, sink, subjects
from loaders.intake import Member
from loaders.warehouse import own
from schemas import catalog as catalogues


def main(name: str, group: str) -> None:
    settings = get()
    with ExitStack() as open_:
        stop = open_.enter_context(log.process(name))
        if name == "load_unprotected":
            for module, part, instead in ((presence, "furthest", _nothing), (loading, "_token", lambda *_rows: "")):
                open_.enter_context(patch.object(module, part, instead))
        catalog, warehouse = catalogues.load(settings.catalogue), own(settings)
        open_.enter_context(subjects.running(warehouse, catalog))
        sink.Sink(settings, catalog, warehouse, member=Member(group)).run(stop)


def _nothing(*_asked: object) -> dict[int, int]:
    return {}


if __name__ == "__main__":
    main(*sys.argv[1:])
