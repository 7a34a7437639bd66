"""What is said of a change is what the registry and the warehouse would do of it."""

import copy
import json
from pathlib import Path

import pytest

from loaders import ddl, table
from loaders.capability import CURRENT
from schemas import envelope
from schemas.catalog import DIRECTORY, load, read
from schemas.changes import FREE, NOTICE, REFUSED, changes, refused
from schemas.registry import differences

SPEC = json.loads((DIRECTORY / "xzxk.avsc").read_text(encoding="utf-8"))
DATE = {"type": "int", "logicalType": "date"}


def edited(edit) -> tuple[dict, dict]:
    spec = copy.deepcopy(SPEC)
    edit(spec, {field["name"]: field for field in spec["fields"]})
    return {"xzxk": read(SPEC)}, {"xzxk": read(spec)}


def without(name):
    return lambda spec, _: spec.update(fields=[field for field in spec["fields"] if field["name"] != name])


def about(**said):
    return lambda spec, _: spec["catalogue"].update(said)


def of(name, **said):
    return lambda _, fields: fields[name].update(said)


def new(**said):
    return lambda spec, _: spec["fields"].append({"name": "XIN", "title": "新字段", "type": ["null", "string"], "default": None, "length": 20} | said)


CASES = [
    (new(), "XIN", FREE, "新增选填字段“新字段”"),
    (new(type="string"), "XIN", REFUSED, "新增必填字段"),
    (without("BZ"), "BZ", REFUSED, "去掉字段“备注”"),
    (about(key=["XK_WSH", "XK_XDR"]), "key", REFUSED, "识别键由"),
    (about(key_scope="city"), "key_scope", REFUSED, "识别键的范围"),
    (about(partitions=4), "partitions", REFUSED, "分区数由 1 改为 4"),
    (of("XK_XDR", privacy="person_number"), "XK_XDR.privacy", REFUSED, "按个人号码加密"),
    (of("XK_JDRQ", type="string", rules=[]), "XK_JDRQ.type", REFUSED, "类型由 日期型 改为 字符型"),
    (of("XK_BM", type="string"), "XK_BM.type", REFUSED, "由选填改为必填"),
    (of("XK_XMMC", type=["null", "string"]), "XK_XMMC.type", FREE, "由必填改为选填"),
    (of("XK_NR", length=1000), "XK_NR.length", REFUSED, "最大长度由 2048 改为 1000：变窄"),
    (of("XK_NR", length=4000), "XK_NR.length", FREE, "最大长度由 2048 改为 4000"),
    (of("XK_NR", pattern=".+"), "XK_NR.pattern", NOTICE, "写法由 （无） 改为 .+"),
    (of("XK_JDRQ", rules=[]), "XK_JDRQ.rules", NOTICE, "规则由 not_future 改为 （无）"),
    (of("XK_ZT", codes="syfw"), "XK_ZT.codes", NOTICE, "代码集由 zt 改为 syfw"),
    (of("XK_NR", title="内容"), "XK_NR.title", NOTICE, "名称由“许可内容”改为“内容”"),
    (of("XK_NR", help="写全"), "XK_NR.help", FREE, "说明由"),
    (of("BZ", volatile=True), "BZ.volatile", NOTICE, "不再计入内容"),
    (of("BZ", privacy="none"), "BZ.privacy", NOTICE, "隐私类别由 可能含个人号码 改为 无"),
    (of("BZ", searchable=True), "BZ.searchable", FREE, "可检索由 否 改为 是"),
    (about(title="许可"), "title", FREE, "名称由“行政许可”改为“许可”"),
    (about(frequency="month"), "frequency", NOTICE, "报送频率由 每周 改为 每月"),
    (about(scope={}), "scope", NOTICE, "归集范围"),
    (about(subject="organisation"), "subject", NOTICE, "主体"),
    (lambda spec, _: spec["fields"].reverse(), "fields", FREE, "先后次序"),
]


@pytest.mark.parametrize(("edit", "place", "verdict", "what"), CASES, ids=[f"{place}-{verdict}" for _, place, verdict, _ in CASES])
def test_a_change_is_told_with_its_verdict(edit, place, verdict, what) -> None:
    found = changes(*edited(edit))
    (told,) = [change for change in found if change.place == place and change.verdict == verdict]
    assert what in told.what
    assert bool(told.way) == (verdict == REFUSED)
    assert "{item}" not in told.way
    assert refused(found) == (verdict == REFUSED)


@pytest.mark.parametrize(("edit", "place", "verdict", "what"), CASES, ids=[f"{place}-{verdict}" for _, place, verdict, _ in CASES])
def test_what_is_not_refused_passes_registry_and_warehouse(edit, place, verdict, what) -> None:
    old, after = (reading["xzxk"] for reading in edited(edit))
    told = {part for change in changes({"xzxk": old}, {"xzxk": after}) if change.verdict == REFUSED for part in change.touches}
    stuck = differences(envelope.acceptance(old), envelope.acceptance(after)) + differences(envelope.submission(old), envelope.submission(after))
    live = {each.name: ddl.Live({column.name: ddl.kind(column, CURRENT) for column in each.columns}, each.order) for each in (table.current(old), table.history(old))}
    hopeless = [each for each in ddl.compare([table.current(after), table.history(after)], live, CURRENT) if each.statement is None]
    assert not stuck or "注册表" in told
    assert not hopeless or "表" in told


def test_a_new_nullable_field_leaves_the_fingerprint_of_old_records() -> None:
    (told,) = changes(*edited(new()))
    assert "指纹" not in told.touches
    assert {"注册表", "表", "模板"} <= set(told.touches)


def test_items_that_come_and_go_are_told_and_the_same_is_nothing(tmp_path: Path) -> None:
    catalog = load()
    assert changes(catalog, catalog) == []
    one = {"xzxk": catalog["xzxk"]}
    assert [(change.item, change.verdict) for change in changes({}, one)] == [("xzxk", FREE)]
    assert [(change.item, change.verdict) for change in changes(one, {})] == [("xzxk", NOTICE)]
    assert load(DIRECTORY / "xzxk.avsc")["xzxk"] == catalog["xzxk"]
