"""Source files: the committed ones hold, a broken one names every fault, the editors' schema is the code's."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from schemas import catalog, departments, formats, sources, sources_check, sources_schema
from schemas.sources import SourceFault

CATALOG = catalog.load()
DIRECTORY = Path(__file__).parents[2] / "connectors" / "sources"
SAMPLES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in DIRECTORY.glob("*.yaml")}


@pytest.fixture
def spec():
    return copy.deepcopy(SAMPLES["zjj_pg"])


def faults(spec):
    return dict(sources_check.check(spec, CATALOG, {"zjj"}))


def test_the_samples_hold_and_say_where_their_records_go() -> None:
    found = sources.load(DIRECTORY, CATALOG, departments.load())
    assert {name: (one.department, one.database.kind) for name, one in found.items()} == {"zjj_pg": ("zjj", "postgres"), "hbj_maria": ("hbj", "mariadb")}
    tables = [table for one in found.values() for table in one.tables.values()]
    assert {table.topic: table.item for table in tables} == {
        "cdc.zjj_pg.permit": "xzxk",
        "cdc.zjj_pg.punish": "xzcf",
        "cdc.hbj_maria.penalty": "xzcf",
        "cdc.hbj_maria.licence": "xzxk",
    }
    permit = found["zjj_pg"].tables["public.permit"]
    assert permit.codes["XK_SPLB"]["01"] == "普通"
    assert permit.filter == sources.Filter("status", ("1",))
    assert {"permit_no", "status", "updated_at"} <= permit.needed
    assert (permit.source_id, permit.delete) == ("zjj_pg.permit", "withdraw")


def test_the_password_is_a_reference_and_is_not_shown() -> None:
    found = sources.load(DIRECTORY, CATALOG)["zjj_pg"]
    assert found.database.password == "${env:ZJJ_PG_PASSWORD}"
    assert "PASSWORD" not in repr(found)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_editors_schema_takes_the_samples(name) -> None:
    schema = json.loads((DIRECTORY / "source.schema.json").read_text(encoding="utf-8"))
    assert schema == sources_schema.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(SAMPLES[name], schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**SAMPLES[name], "tabels": {}}, schema)


def test_every_fault_is_named_at_once_with_its_place(spec) -> None:
    table = spec["tables"]["public.permit"]
    spec["database"] |= {"kind": "oracel", "host": "${ZJJ}", "password": "geheim"}
    spec["department"] = "xx"
    spec["surplus"] = 1
    table["columns"] |= {"NOPE": "x", "XK_NR": "two words"}
    del table["columns"]["XK_XMMC"]
    table["codes"]["XK_SPLB"]["01"] = "普 通"
    table["codes"]["BZ"] = {"a": 1}
    table["constants"] |= {"XK_WSH": "1", "XK_SYFW": 0}
    table["filter"] = {"column": "status", "in": [1]}
    table["delete"] = "forget"
    spec["tables"]["public.punish"]["item"] = "xzfc"
    spec["tables"]["other.permit"] = {"item": "xzxk"}
    found = faults(spec)
    place = "tables.public.permit"
    expected = {
        "database.kind", "database.host", "database.password", "department", "surplus", f"{place}.columns.NOPE", f"{place}.columns.XK_NR", place,
        f"{place}.codes.XK_SPLB.01", f"{place}.codes.BZ.a", f"{place}.constants.XK_WSH", f"{place}.constants.XK_SYFW", f"{place}.filter.in", f"{place}.delete",
        "tables.public.punish.item", "tables.other.permit", "tables.other.permit.columns",
    }  # fmt: skip
    assert set(found) == expected
    assert "XK_XMMC" in "".join(problem for where, problem in sources_check.check(spec, CATALOG) if where == place)


@pytest.mark.parametrize("reference", ["${env:lower}", "$ENV", "${env:A}b", "${file:/x}", "${env:}"])
def test_a_malformed_reference_is_named(spec, reference) -> None:
    spec["database"]["password"] = reference
    assert list(faults(spec)) == ["database.password"]


@pytest.mark.parametrize("part", ["source", "department", "database", "tables", "capture", "every", "heartbeat", "receipts"])
@pytest.mark.parametrize("value", [None, 1, [], {}, "Ä b"])
def test_whatever_stands_there_is_a_fault_not_a_crash(spec, part, value) -> None:
    assert any(place.startswith(part) for place in faults(spec | {part: value}))


@pytest.mark.parametrize("part", ["item", "load", "delete", "columns", "constants", "codes", "formats", "source_time", "filter", "status", "reload"])
@pytest.mark.parametrize("value", [None, 1, ["x"], "Ä b"])
def test_whatever_stands_in_a_table_is_a_fault_not_a_crash(spec, part, value) -> None:
    spec["tables"]["public.permit"][part] = value
    assert any(place.startswith("tables.public.permit") for place in faults(spec))


def test_receipts_name_an_account_and_its_password_s_reference(spec) -> None:
    assert list(faults(spec | {"receipts": {"user": "a", "password": "geheim"}})) == ["receipts.password"]
    spec["receipts"] = {"user": "guiji_hz", "password": "${env:ZJJ_HZ}"}
    assert faults(spec) == {}
    jsonschema.validate(spec, sources_schema.json_schema())
    found = sources.read(spec, CATALOG)
    assert (sources.answering(found).user, sources.answering(found).password, found.database.user) == ("guiji_hz", "${env:ZJJ_HZ}", "guiji")
    assert "ZJJ_HZ" not in repr(found)
    spec["database"]["kind"] = "oracle"
    assert list(faults(spec)) == ["receipts"]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({}, sources.Poll()),
        ({"poll": {}}, sources.Poll(None, 300, 20, 10_000)),
        ({"poll": {"by": "comparison", "shrink": 5, "rate": 200}}, sources.Poll(None, 300, 5, 200)),
        ({"poll": {"by": "column", "column": "gxsj", "overlap": "2m"}}, sources.Poll("gxsj", 120)),
    ],
)  # fmt: skip
def test_how_a_table_is_polled_is_read_and_the_editors_schema_takes_it(spec, said, wanted) -> None:
    spec["capture"] = "poll"
    spec["tables"]["public.permit"] |= said
    assert faults(spec) == {}
    jsonschema.validate(spec, sources_schema.json_schema())
    found = sources.read(spec, CATALOG).tables["public.permit"]
    assert found.poll == wanted
    assert "gxsj" not in found.needed, "what decides when a row is read is no content of it"


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ({"by": "column"}, "column"),
        ({"by": "columns", "column": "a", "overlap": "5 minutes"}, "by column overlap overlap"),
        ({"column": "a", "overlap": "5m"}, "column overlap"),
        ({"by": "column", "column": "a b", "shrink": 20}, "column shrink"),
        ({"shrink": 0, "rate": 0}, "shrink rate"),
        ({"shrink": 101, "rate": 1_000_001, "speed": 1}, "shrink rate speed"),
        ({"shrink": "20", "rate": True}, "shrink rate"),
    ],
)
def test_every_fault_of_polling_has_its_place(spec, said, places) -> None:
    spec["capture"] = "poll"
    spec["tables"]["public.permit"]["poll"] = said
    assert {each.removeprefix("tables.public.permit.poll.") for each in faults(spec)} == set(places.split())


def test_polling_is_for_sources_that_are_polled_and_kinds_that_can_be_asked(spec) -> None:
    spec["tables"]["public.permit"]["poll"] = {"rate": 100}
    assert list(faults(spec)) == ["tables.public.permit.poll"]
    spec |= {"capture": "poll", "database": spec["database"] | {"kind": "oracle"}}
    assert list(faults(spec)) == ["capture"]


def test_a_polled_table_is_not_also_compared_at_the_end_of_a_load(spec) -> None:
    spec |= {"capture": "poll"}
    spec["tables"]["public.permit"]["load"] = "reload"
    assert list(faults(spec)) == ["tables.public.permit.load"]


@pytest.mark.parametrize("generation", [0, 65536, "1", True])
def test_a_generation_fits_sixteen_bits(spec, generation) -> None:
    assert list(faults(spec | {"generation": generation})) == ["generation"]


def test_files_are_refused_together_with_their_names(tmp_path, spec) -> None:
    sample = (DIRECTORY / "zjj_pg.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(sample, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(sample, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("source: [", encoding="utf-8")
    (tmp_path / "d.yaml").write_text("- 1", encoding="utf-8")
    (tmp_path / "e.yaml").write_bytes("源".encode("gb18030"))
    with pytest.raises(SourceFault) as found:
        sources.load(tmp_path, CATALOG)
    assert [(fault.file, fault.place) for fault in found.value.faults] == [("b.yaml", "source"), ("c.yaml", "line 1"), ("d.yaml", ""), ("e.yaml", "")]
    assert sources.load(tmp_path / "none", CATALOG) == {}


def test_what_the_file_says_of_time_loading_and_formats_is_read(spec) -> None:
    spec |= {"heartbeat": "30s"}
    permit, punish = spec["tables"].values()
    del permit["filter"]
    permit |= {"load": "status", "status": {"column": "zt", "ready": ["1"], "withdrawn": ["9"]}, "formats": {"XK_JDRQ": "yyyyMMdd"}}
    punish |= {"load": "reload", "reload": {"ends": "marker", "marker": {"table": "public.load_log", "column": "name", "value": "punish"}, "shrink": 30}}
    assert faults(spec) == {}
    jsonschema.validate(spec, sources_schema.json_schema())
    found = sources.read(spec, CATALOG)
    assert (found.capture, found.heartbeat) == ("log", 30)
    one, two = found.tables.values()
    assert one.filter == sources.Filter("zt", ("1",), ("9",))
    assert "zt" in one.needed
    assert (one.formats, one.reload) == ({"XK_JDRQ": formats.DateFormat("yyyyMMdd")}, None)
    assert two.reload == sources.Reload(60, sources.Marker("public.load_log", two.source, "name", "punish"), 30)
    assert sources.read(SAMPLES["zjj_pg"], CATALOG).heartbeat == 10
    del punish["load"], punish["reload"]
    polled = sources.read(spec | {"capture": "poll", "every": "15m"}, CATALOG)
    assert (polled.capture, polled.every) == ("poll", 900)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"load": "status"}, "status"),
        ({"load": "status", "status": {"column": "zt", "ready": ["1"]}}, "filter"),
        ({"status": {"column": "zt", "ready": ["1"]}}, "status filter"),
        ({"load": "status", "filter": None, "status": {"column": "zt", "ready": [1]}}, "status.ready"),
        ({"load": "status", "filter": None, "status": {"column": "zt", "ready": ["1"], "withdrawn": ["1"]}}, "status.withdrawn"),
        ({"reload": {}}, "reload"),
        ({"load": "reload", "reload": {"ends": "marker"}}, "reload.marker"),
        ({"load": "reload", "reload": {"ends": "marker", "quiet": "60s", "marker": {"table": "t"}}}, "reload.quiet"),
        ({"load": "reload", "reload": {"ends": "marker", "marker": {"table": "t", "column": "c"}}}, "reload.marker"),
        ({"load": "reload", "reload": {"marker": {"table": "t"}, "shrink": 0, "quiet": "1 h"}}, "reload.marker reload.shrink reload.quiet"),
        ({"load": "sometimes"}, "load"),
        ({"formats": {"XK_JDRQ": "yyyyMMdd", "XK_JZQ": "dd.MM.yy", "SJC": {"decimal": ","}, "XK_XMMC": "yyyyMMdd", "NOPE": "yyyyMMdd"}}, "formats.XK_JZQ formats.SJC formats.XK_XMMC formats.NOPE"),
        ({"formats": {"XK_BM": "x", "DFBM": "x"}}, "formats.XK_BM formats.DFBM"),
    ],
)  # fmt: skip
def test_every_fault_of_loading_and_formats_has_its_place(spec, said, place) -> None:
    table = spec["tables"]["public.permit"]
    table |= said
    if table["filter"] is None:
        del table["filter"]
    assert {each.removeprefix("tables.public.permit.") for each in faults(spec)} == set(place.split())


@pytest.mark.parametrize(("said", "place"), [({"capture": "ask"}, "capture"), ({"every": "10m"}, "every"), ({"capture": "poll", "every": "10"}, "every"), ({"heartbeat": "0s"}, "heartbeat")])
def test_every_fault_of_capture_has_its_place(spec, said, place) -> None:
    assert list(faults(spec | said)) == [place]


def test_a_reference_is_looked_up_and_one_that_nobody_set_is_named() -> None:
    assert sources.resolved("10.0.0.1", {}) == "10.0.0.1"
    assert sources.resolved("${env:A}", {"A": "b"}) == "b"
    with pytest.raises(KeyError, match="A"):
        sources.resolved("${env:A}", {})
