"""The source file of a provided database: sound as it is written, what people wrote in it stays, and a foreign one is not touched."""

import dataclasses

import pytest
import yaml

from connectors.front import source_file
from connectors.front.place import KINDS, Front
from schemas import catalog, departments, sources, sources_check

CATALOG = catalog.load()


def front(*items: str, kind: str = "postgres") -> Front:
    return Front("zjj", kind, [CATALOG[code] for code in items])


@pytest.mark.parametrize("kind", KINDS)
def test_every_item_s_file_is_sound_and_maps_every_field_to_its_own_column(kind: str) -> None:
    text = source_file.written(front(*CATALOG, kind=kind), "市城乡建设委", None)
    spec = yaml.safe_load(text)
    assert list(sources_check.check(spec, CATALOG, set(departments.load()))) == []
    source = sources.read(spec, CATALOG)
    assert source.receipts == sources.Receipts("zjj_front_hz", "${env:ZJJ_FRONT_HZ_PASSWORD}")
    assert {table.item for table in source.tables.values()} == set(CATALOG)
    for table in source.tables.values():
        assert table.columns == {field.name: field.name for field in CATALOG[table.item].fields}
        assert table.filter == sources.Filter("GJ_CZ", ("", "新增", "更正"), ("删除", "撤销"))


def test_an_item_given_later_stands_at_the_end_and_the_rest_as_it_was() -> None:
    first = source_file.written(front("xzxk"), "市城乡建设委", None).replace("# 行政许可", "# 人写的话")
    assert source_file.written(front("xzxk"), "市城乡建设委", first) == first
    both = source_file.written(front("xzcf", "xzxk"), "市城乡建设委", first)
    assert both.startswith(first)
    assert list(yaml.safe_load(both)["tables"]) == ["public.xzxk", "public.xzcf"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("source: zjj_front\ndepartment: hbj\ntables: {}\n", "another one"),
        ("- a\n", "another one"),
        ("a: [", "is not YAML"),
        (source_file.written(front("xzxk", kind="mariadb"), "某局", None), "another one"),
        (source_file.written(front("xzxk"), "某局", None) + "heartbeat: 5s\n", "do not stand at its end|not YAML"),
    ],
)
def test_a_file_that_is_not_ours_to_complete_is_refused(said: str, words: str) -> None:
    with pytest.raises(source_file.Differs, match=words):
        source_file.written(front("xzcf"), "某局", said)


def test_fields_that_a_mapping_does_not_name_are_told() -> None:
    item = CATALOG["xzxk"]
    shorter = Front("zjj", "postgres", [dataclasses.replace(item, fields=[field for field in item.fields if field.name != "BZ"])])
    text = source_file.written(shorter, "某局", None)
    assert source_file.unmapped(front("xzxk"), text) == {"public.xzxk": ["BZ"]}
    assert source_file.unmapped(shorter, text) == {}
