"""Case 8: the schema grows while records flow. Three writers' schemas alternate, columns are added, and every value stands in its own column."""

import json
from pathlib import Path
from typing import Any

import pytest

from loaders.native import Native
from schemas import catalog as catalogues
from schemas import codec, envelope, topics
from schemas.catalog import Catalog
from schemas.registry import Registry
from tests.failures import ledger
from tests.failures.ledger import LOST
from tests.failures.unprotected import without
from tests.loaders.packaged import Packaged
from tests.loaders.site import Site, acceptance, loading, ready, sink_of
from tests.waiting import eventually

pytestmark = pytest.mark.servers
ADDED = ("ZJ_A", "ZJ_B")


def grown(site: Site, folder: Path, fields: tuple[str, ...]) -> Site:
    """The same item with more fields, registered."""
    code = site.item.code
    spec = json.loads((site.folder / f"{code}.avsc").read_text(encoding="utf-8"))
    spec["fields"] += [{"name": name, "title": f"增加{name}", "type": ["null", "string"], "default": None, "length": 32, "example": name} for name in fields]
    folder.mkdir()
    (folder / f"{code}.avsc").write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    catalog: Catalog = catalogues.load(folder)
    with Registry(site.settings.registry) as registry:
        return Site(site.settings, folder, catalog, registry.register(catalog))


def record(site: Site, n: int) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """A record as the writer of this schema makes it, and what must stand."""
    values = {name: f"{name}{n}" for name in ADDED if name in site.item.by_name}
    return acceptance(site.item, f'["{n}"]', n, _batch=f"{site.item.code}-a", _line=n, **values), (n, *(values.get(name) for name in ADDED))


@pytest.mark.parametrize("protected", [True, False])
def test_case_8_every_value_stands_in_its_column(site: Site, clickhouse: Packaged, tmp_path: Path, seed: int, protected: bool) -> None:
    """Without the writer's schema what older writers said cannot be read."""
    writers = [site, grown(site, tmp_path / "two", ADDED[:1]), grown(site, tmp_path / "three", ADDED)]
    assert len({each.ids[topics.subject(site.accepted)] for each in writers}) == 3
    url = f"{clickhouse.url}/{site.item.code}"
    with loading(sink_of(site, ready(url, site))):
        site.accept(range(1_000, 1_020), batch="old")
        eventually(lambda: len(_numbers(Native(url), site)) == 20)
    made = [(writers[n % 3], *record(writers[n % 3], n)) for n in range(90)]
    values = [codec.encode(envelope.acceptance(each.item), each.ids[topics.subject(site.accepted)], [said])[0] for each, said, _ in made]
    warehouse = ready(url, writers[2])
    site.send(site.accepted, values)
    with without("" if protected else "writers' schemas"), loading(sink_of(writers[2], warehouse)):
        eventually(lambda: len(_numbers(warehouse, site)) + int(warehouse.query("SELECT count() FROM unloadable FINAL").value()) >= 110)
    names = ", ".join(f"`{name}`" for name in ADDED)
    for how in ("", "FINAL"):
        found = warehouse.query(f"SELECT _line, {names} FROM `{site.item.code}_history` {how} WHERE _line < 1000").rows()
        ledger.verdict(ledger.places(f"rows with their columns {how}", [wanted for _, _, wanted in made], map(tuple, found)), LOST, seed, protected=protected)
    warehouse.close()


def _numbers(warehouse: Any, site: Site) -> list[Any]:
    return list(warehouse.query(f"SELECT DISTINCT _line FROM `{site.item.code}_history`").rows())
