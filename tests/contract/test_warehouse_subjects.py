"""Links between records and subjects, on both warehouses, against a slow and obvious computation."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loaders import figures, rows
from loaders.loading import Loading
from loaders.sink import prepare
from loaders.subjects import Subjects
from loaders.warehouse import Warehouse
from schemas import catalog as catalogues
from schemas.catalog import Catalog

NOW = datetime(2017, 9, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("catalogue")
    spec = json.loads((catalogues.DIRECTORY / "xzxk.avsc").read_text(encoding="utf-8"))
    (folder / "rec.avsc").write_text(json.dumps(spec | {"name": "rec"}), encoding="utf-8")
    spec["name"], spec["catalogue"]["registers"] = "reg", "subjects"
    (folder / "reg.avsc").write_text(json.dumps(spec), encoding="utf-8")
    return catalogues.load(Path(folder))


class House:
    """A warehouse to which versions of records come."""

    def __init__(self, warehouse: Warehouse, catalog: Catalog) -> None:
        prepare(warehouse, catalog)
        for table in ("reg", "reg_history", "rec", "rec_history", "subject_names", "links"):
            warehouse.command(f"TRUNCATE TABLE `{table}`")
        self.warehouse, self.catalog, self.offset = warehouse, catalog, {"reg": 0, "rec": 0}

    def put(self, item: str, key: str, *, withdrawn: bool = False, **said: str | None) -> None:
        at = self.offset[item]
        self.offset[item] += 1
        record = {
            "_source": "s", "_department": "zjj", "_way": "api", "_batch": "b", "_line": at + 1, "_row": None, "_ref": None, "_position": None, "_operation": "upsert",
            "_source_time": None, "_received_at": NOW, "_catalogue": "c", "_origin": None, "_key": key, "_version": at, "_fingerprint": "f",
            "_change": "withdrawn" if withdrawn else "new", "_warnings": None, "_judged_at": NOW,
        } | {field.name: None for field in self.catalog[item].fields} | said  # fmt: skip
        stream = rows.streams(self.catalog)[f"credit.{item}.accepted"]
        places = rows.Places(pa.array([0], pa.int64()), pa.array([at], pa.int64()), NOW)
        Loading(self.warehouse, stream).load(stream.make(pa.Table.from_pylist([record]), places), NOW)

    def links(self) -> dict[str, tuple[str, str]]:
        found = self.warehouse.query("SELECT key, subject, by FROM links FINAL WHERE standing = 1 ORDER BY key").dicts()
        return {row["key"]: (row["subject"], row["by"]) for row in found}


@pytest.fixture
def house(warehouse: Warehouse, catalog: Catalog) -> House:
    return House(warehouse, catalog)


def code(number: int, division: str = "370102") -> str:
    return f"91{division}{number:09d}X"


def test_a_record_that_waits_is_linked_when_its_subject_comes(house: House) -> None:
    subjects = Subjects(house.warehouse, house.catalog)
    house.put("rec", "r1", XK_XDR="泉城（济南）公司")
    house.put("rec", "r2", XK_XDR="别的公司", XK_XDR_ZDM="000000007")
    first = subjects.bring()
    assert (first.seen, first.linked, house.links()) == (2, 0, {"r1": ("", ""), "r2": ("", "")})
    house.put("reg", "s7", XK_XDR="泉城(济南)公司", XK_XDR_SHXYM=code(7))
    assert subjects.bring().linked == 2
    assert house.links() == {"r1": (code(7), "name"), "r2": (code(7), "orgcode")}
    assert subjects.bring() == type(first)()  # nothing new, nothing done


def test_a_name_given_up_still_finds_its_subject_until_another_takes_it(house: House) -> None:
    house.put("reg", "s1", XK_XDR="旧名公司", XK_XDR_SHXYM=code(1))
    house.put("reg", "s1", XK_XDR="新名公司", XK_XDR_SHXYM=code(1))
    house.put("rec", "r1", XK_XDR="旧名公司")
    house.put("rec", "r2", XK_XDR="新名公司")
    subjects = Subjects(house.warehouse, house.catalog)
    subjects.bring()
    assert house.links() == {"r1": (code(1), "former_name"), "r2": (code(1), "name")}
    house.put("reg", "s2", XK_XDR="旧名公司", XK_XDR_SHXYM=code(2))
    house.put("rec", "r3", XK_XDR="旧名公司")
    subjects.bring()
    assert house.links()["r3"] == (code(2), "name")


def test_a_corrected_record_and_a_withdrawn_one(house: House) -> None:
    house.put("reg", "s1", XK_XDR="甲公司", XK_XDR_SHXYM=code(1))
    house.put("rec", "r1", XK_XDR="甲公司")
    house.put("rec", "r2", XK_XDR="甲公司")
    subjects = Subjects(house.warehouse, house.catalog)
    subjects.bring()
    house.put("rec", "r1", XK_XDR="乙公司")
    house.put("rec", "r2", withdrawn=True)
    subjects.bring()
    assert house.links() == {"r1": ("", "")}


def test_links_are_the_same_in_pages_of_any_size_and_when_made_anew(house: House) -> None:
    dice, expected = random.Random(4), {}
    taken = {n: f"第{n}公司" for n in range(30)}
    events: list[tuple[str, str, dict[str, Any]]] = [("reg", f"s{n}", {"XK_XDR": name, "XK_XDR_SHXYM": code(n)}) for n, name in taken.items()]
    for n in range(60):
        who = dice.randrange(40)
        by = dice.choice(["name", "code", "orgcode"])
        said = {"name": {"XK_XDR": f"第{who}公司"}, "code": {"XK_XDR_SHXYM": code(who), "XK_XDR": "随便写的公司"}, "orgcode": {"XK_XDR_ZDM": f"{who:09d}"}}[by]
        events.append(("rec", f"r{n:02d}", said))
        expected[f"r{n:02d}"] = (code(who), by) if who in taken else ("", "")
    dice.shuffle(events)
    subjects = Subjects(house.warehouse, house.catalog, page=7)
    for at, (item, key, said) in enumerate(events):
        house.put(item, key, **said)
        if at % 10 == 0:
            subjects.bring()
    subjects.bring()
    assert house.links() == expected
    for table in ("links", "subject_names"):
        house.warehouse.command(f"TRUNCATE TABLE {table}")
    Subjects(house.warehouse, house.catalog).bring()
    assert house.links() == expected


def test_the_unlinked_are_counted_beside_all_of_this_city(house: House) -> None:
    house.put("reg", "s1", XK_XDR="甲公司", XK_XDR_SHXYM=code(1))
    for key, said in {
        "a": {"XK_XDR": "甲公司"}, "b": {"XK_XDR": "乙公司", "XK_XDR_SHXYM": code(2)}, "c": {"XK_XDR": "丙公司", "XK_XDR_SHXYM": code(3, "110108")},
        "d": {"XK_XDR": "丁公司"}, "e": {"XK_XDR": "张三"},
    }.items():  # fmt: skip
        house.put("rec", key, **said)
    Subjects(house.warehouse, house.catalog).bring()
    found = figures.unlinked(house.warehouse)
    assert found == [{"department": "zjj", "item": "rec", "本市": 2, "未关联": 1, "外地": 1, "不明": 1, "未关联率": 0.5}]


class Counting:
    """A warehouse that counts what it is asked."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse, self.asked = warehouse, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    def query(self, *words: Any) -> Any:
        self.asked += 1
        return self._warehouse.query(*words)


def test_tables_that_nothing_came_into_are_not_asked_again(house: House) -> None:
    counting = Counting(house.warehouse)
    subjects = Subjects(counting, house.catalog)
    house.put("rec", "r1", XK_XDR="泉城公司")
    house.put("reg", "s7", XK_XDR="泉城公司", XK_XDR_SHXYM=code(7))
    assert subjects.bring().linked == 1
    counting.asked = 0
    assert (subjects.bring().seen, counting.asked) == (0, 1)
    house.put("rec", "r2", XK_XDR="泉城公司")
    assert subjects.bring().linked == 1
    house.warehouse.command("TRUNCATE TABLE links")
    assert subjects.bring().seen == 2
    assert set(house.links()) == {"r1", "r2"}
