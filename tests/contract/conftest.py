"""Both kinds of warehouse, with the catalogue's tables and views in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders import embedded
from loaders.limits import Limits
from loaders.native import Native
from loaders.sink import prepare
from loaders.warehouse import Warehouse
from schemas import catalog as catalogues
from tests.loaders.packaged import PROGRAM, running

CATALOG = catalogues.load(Path(__file__).parents[2] / "schemas" / "avro")


@pytest.fixture(scope="module", params=["embedded", "native"])
def warehouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    home = tmp_path_factory.mktemp("warehouse")
    limits = Limits(memory=500_000_000, seconds=5, threads=1, rows=20_000)
    if request.param == "embedded":
        mine: Warehouse = embedded.own(home / "clickhouse", limits)
        prepare(mine, CATALOG)
        yield mine
        embedded.release(home / "clickhouse")
        return
    if PROGRAM is None:
        pytest.skip("no packaged clickhouse-server on this machine")
    with running(home) as server:
        theirs = Native(server.url, limits)
        prepare(theirs, CATALOG)
        yield theirs
        theirs.close()
