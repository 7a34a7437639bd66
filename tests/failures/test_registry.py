"""Case 9: the registry is down, slow, or takes connections and never answers. What is known flows on; what is not known waits and is never rejected for it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from loaders.intake import Member
from loaders.sink import Sink
from schemas import catalog as catalogues
from schemas import codec, envelope, topics
from schemas.catalog import Catalog
from schemas.registry import Registry
from schemas.topics import Topic
from streams.judge import Judge, Tools
from tests.failures import ledger
from tests.failures.ledger import LOST
from tests.failures.proxy import Proxy
from tests.failures.unprotected import without
from tests.failures.watch import judged
from tests.loaders.packaged import Packaged
from tests.loaders.site import Site, acceptance, counts, loading, ready
from tests.streams.judging import Court, said
from tests.threads import running
from tests.waiting import eventually

pytestmark = pytest.mark.servers


def newer(court: Court, folder: Path) -> Court:
    """The same item as a newer catalogue has it: its writers' schema has an id that a running judge does not know."""
    code, folder_of = court.item.code, court.settings.home
    spec = json.loads(next(folder_of.rglob(f"{code}.avsc")).read_text(encoding="utf-8"))
    spec["fields"].append({"name": "ZJ_A", "title": "增加", "type": ["null", "string"], "default": None, "length": 32, "example": "1"})
    folder.mkdir()
    (folder / f"{code}.avsc").write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    catalog = catalogues.load(folder)
    with Registry(court.settings.registry) as registry:
        registry.register(catalog)
    return replace(court, catalog=catalog)


@pytest.mark.parametrize("protected", [True, False])
def test_case_9_known_schemas_flow_on_and_an_unknown_one_waits(court: Court, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int, protected: bool) -> None:
    """Where silence is taken for "there is no such schema", sound records become poison."""
    monkeypatch.setattr("schemas.registry.TIMEOUT", 1.0)
    live, sent, name = urlsplit(court.settings.registry), list[Any](), f"judge-{court.item.code}"

    def send(to: Court, count: int = 30) -> None:
        block = [said(to.item, n, _batch=f"HZ{n // 30}") for n in range(len(sent), len(sent) + count)]
        sent.extend(block)
        to.send(block)

    def settled() -> bool:
        return sum(court.outcomes().values()) >= len(sent)

    with Proxy(int(live.port or 0)) as proxy, Registry(f"http://127.0.0.1:{proxy.port}{live.path}") as registry:
        tools = Tools(court.settings, court.catalog, registry, name, group=name)
        with without("" if protected else "registry's silence"), running(Judge(tools).run):
            send(court)
            wrong = said(court.item, 9_999, XK_XDR_SHXYM="91370100MA3C000000")  # the schema of rejections is known from now on, too
            court.send([wrong])
            sent.append(wrong)
            eventually(settled)
            for away in (proxy.refusing, proxy.swallowing, lambda: proxy.passing(delay=0.3)):
                away()
                send(court)
                eventually(settled)
            proxy.passing()
            proxy.swallowing()
            asked = proxy.connections
            send(newer(court, tmp_path / "newer"))
            eventually(lambda: settled() if not protected else proxy.connections >= asked + 3)
            if protected:
                assert len(court.rejected()) == 1
                assert not settled()
            proxy.passing()
            eventually(settled)
            ledger.verdict(judged(court, sent, {ledger.identity(wrong)}), LOST, seed, protected=protected)


@pytest.mark.parametrize("away", ["refusing", "swallowing"])
def test_case_9_an_unknown_schema_holds_back_nobody_else(courts: tuple[Court, Court, Catalog], tmp_path: Path, away: str) -> None:
    mine, neighbour, both = courts
    live, name = urlsplit(mine.settings.registry), f"judge-{mine.item.code}"
    with Proxy(int(live.port or 0)) as proxy, Registry(f"http://127.0.0.1:{proxy.port}{live.path}") as registry, running(Judge(Tools(mine.settings, both, registry, name, group=name)).run):
        for court in (mine, neighbour):
            court.send([said(court.item, n) for n in range(20)])
        eventually(lambda: sum(mine.outcomes().values()) + sum(neighbour.outcomes().values()) >= 40)
        getattr(proxy, away)()
        newer(mine, tmp_path / "newer").send([said(mine.item, n) for n in range(20, 30)])
        neighbour.send([said(neighbour.item, n) for n in range(20, 30)])
        eventually(lambda: sum(neighbour.outcomes().values()) >= 30, 10)
        assert sum(mine.outcomes().values()) == 20
        proxy.passing()
        eventually(lambda: mine.outcomes()["accepted"] == 30)


@pytest.mark.parametrize("away", ["refusing", "swallowing"])
def test_case_9_in_the_sink_only_the_topic_with_the_unknown_schema_waits(site: Site, clickhouse: Packaged, away: str) -> None:
    warehouse, live, schema = ready(f"{clickhouse.url}/registry", site), urlsplit(site.settings.registry), envelope.acceptance(site.item)
    newer = {**schema, "fields": [*schema["fields"], {"name": "ZJ_A", "type": ["null", "string"], "default": None}]}

    def loaded() -> tuple[int, int]:
        found = counts(warehouse, site.item)
        return found[f"{site.item.code}_history"][0], found["receipts"][0]

    with Registry(site.settings.registry) as registry, Proxy(int(live.port or 0)) as proxy:
        known = registry.register_topics([Topic(site.accepted, schema=newer)])[topics.subject(site.accepted)]
        settings = site.settings.model_copy(update={"registry": f"http://127.0.0.1:{proxy.port}{live.path}"})
        sink = Sink(settings, site.catalog, warehouse, member=Member(site.item.code))
        with loading(sink):
            site.accept(range(10), batch="a")
            site.receive([1], batch="a")
            eventually(lambda: loaded() == (10, 1))
            getattr(proxy, away)()
            site.send(site.accepted, codec.encode(newer, known, [acceptance(site.item, f'["{n}"]', n, _line=n) | {"ZJ_A": None} for n in range(10, 20)]))
            site.receive([2], batch="b")
            eventually(lambda: loaded() == (10, 2))
            assert site.accepted in sink.progress.resting
            assert sink.progress.trouble
            proxy.passing()
            eventually(lambda: loaded() == (20, 2))
            eventually(lambda: sink.progress.trouble is None)
    warehouse.close()
