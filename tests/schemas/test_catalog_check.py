"""A broken catalogue is refused with every fault, by file, place and reason."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.catalog import DIRECTORY, load
from schemas.faults import CatalogFault

Spec = dict[str, Any]
SOUND: Spec = json.loads((DIRECTORY / "xzxk.avsc").read_text(encoding="utf-8"))


def field(spec: Spec, name: str) -> Spec:
    found: Spec = next(each for each in spec["fields"] if each["name"] == name)
    return found


def about(**said: Any) -> Callable[[Spec], None]:
    return lambda spec: spec["catalogue"].update(said)


def of(name: str, /, **said: Any) -> Callable[[Spec], None]:
    return lambda spec: field(spec, name).update(said)


def without(*path: str) -> Callable[[Spec], None]:
    def change(spec: Spec) -> None:
        inner = spec if len(path) == 1 else spec[path[0]] if path[0] in spec else field(spec, path[0])
        del inner[path[-1]]

    return change


def refused(folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(CatalogFault) as caught:
        load(folder)
    return [(fault.file, fault.place, fault.problem) for fault in caught.value.faults]


def write(folder: Path, name: str, *changes: Callable[[Spec], None]) -> Path:
    spec = copy.deepcopy(SOUND)
    for change in changes:
        change(spec)
    path = folder / f"{name}.avsc"
    path.write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    return path


ONE = [
    (lambda spec: spec.update(name="other"), "name", "'other'"),
    (lambda spec: spec.update(namespace="elsewhere"), "", "namespace"),
    (lambda spec: spec.update(feilds=[]), "", "'feilds'"),
    (lambda spec: spec.update(fields=[]), "fields", "at least one"),
    (without("catalogue"), "catalogue", "missing"),
    (without("catalogue", "title"), "catalogue", "'title'"),
    (about(titel="x"), "catalogue", "'titel'"),
    (about(category="许可"), "catalogue.category", "许可"),
    (about(subject="company"), "catalogue.subject", "company"),
    (about(frequency="year"), "catalogue.frequency", "year"),
    (about(delete="drop"), "catalogue.delete", "drop"),
    (about(key=[]), "catalogue.key", "at least one"),
    (about(key=["XK_WSH", "XK_NO"]), "catalogue.key", "XK_NO"),
    (about(key=["XK_WSH", "XK_BM"]), "catalogue.key", "XK_BM"),
    (about(key=["XK_WSH", "SJC"]), "catalogue.key", "SJC"),
    (about(dated_by="XK_NO"), "catalogue.dated_by", "XK_NO"),
    (about(dated_by="XK_WSH"), "catalogue.dated_by", "date"),
    (about(due={"working_days": 7, "after": "XK_NO"}), "catalogue.due.after", "XK_NO"),
    (about(due={"workdays": 7}), "catalogue.due", "workdays"),
    (about(due={"working_days": "seven", "after": "XK_JDRQ"}), "catalogue.due", "seven"),
    (about(scope={"since": "2015"}), "catalogue.scope", "2015"),
    (about(scope={"since": "2015-01-01", "changed": "XK_NO"}), "catalogue.scope.changed", "XK_NO"),
    (about(scope={"form": "2015-01-01"}), "catalogue.scope", "form"),
    (about(scope={"valid_while": "XK_ZT"}), "catalogue.scope.valid_while", "in"),
    (about(scope={"valid_while": {"field": "XK_NO", "in": ["0"]}}), "catalogue.scope.valid_while", "XK_NO"),
    (about(scope={"valid_while": {"field": "XK_WSH", "in": ["0"]}}), "catalogue.scope.valid_while", "no code set"),
    (about(scope={"valid_while": {"field": "XK_ZT", "in": ["0", "9"]}}), "catalogue.scope.valid_while", "'9'"),
    (about(usage="3"), "catalogue.usage", "'0', '1', '2'"),
    (about(wins="loudest"), "catalogue.wins", "latest"),
    (about(wins=["cdc", "fax"]), "catalogue.wins", "fax"),
    (about(partitions=0), "catalogue.partitions", "1 to 64"),
    (about(registers="people"), "catalogue.registers", "people"),
    (of("XK_WSH", lenght=3), "XK_WSH", "'lenght'"),
    (of("XK_WSH", title=""), "XK_WSH", "'title'"),
    (of("XK_BM", title="许可 内容"), "XK_NR.title", "twice"),
    (of("XK_BM", title="操作"), "XK_BM.title", "column of the platform"),
    (of("XK_WSH", length=0), "XK_WSH.length", "positive"),
    (of("XK_WSH", length="3"), "XK_WSH.length", "positive"),
    (of("XK_WSH", min_length=200), "XK_WSH.min_length", "length"),
    (of("XK_WSH", pattern="("), "XK_WSH.pattern", "regular expression"),
    (of("XK_WSH", pattern="(?=济).*"), "XK_WSH.pattern", "regular expression"),
    (of("XK_WSH", privacy="secret"), "XK_WSH.privacy", "secret"),
    (of("XK_WSH", type="str"), "XK_WSH.type", "str"),
    (of("XK_WSH", type={"type": "int", "logicalType": "decimal-text"}), "XK_WSH.type", "decimal-text"),
    (of("XK_WSH", type={"type": "string", "logicalType": "decimal-text"}), "XK_WSH.type", "precision"),
    (of("XK_WSH", searchable="yes"), "XK_WSH.searchable", "true or false"),
    (of("XK_SPLB", codes="no_such"), "XK_SPLB.codes", "no_such"),
    (of("XK_BM", many=True), "XK_BM.many", "codes"),
    (of("XK_ZT", blank={"organisation": "0"}), "XK_ZT.blank", "each of"),
    (of("XK_ZT", blank={"organisation": "0", "person": "7"}), "XK_ZT.blank", "'7'"),
    (of("XK_ZT", blank="7"), "XK_ZT.blank", "'7'"),
    (of("XK_XDR", rules=["nmae"]), "XK_XDR.rules", "nmae"),
    (of("XK_XDR", rules=[{"rule": "name", "field": "XK_BM"}]), "XK_XDR.rules", "no parameters"),
    (of("XK_JZQ", rules=["not_before"]), "XK_JZQ.rules", "field"),
    (of("XK_JZQ", rules=[{"rule": "not_before", "field": "XK_NO"}]), "XK_JZQ.rules", "XK_NO"),
    (of("XK_JZQ", rules=[{"rule": "not_before", "field": "XK_WSH"}]), "XK_JZQ.rules", "XK_WSH"),
    (of("XK_WSH", rules=["not_future"]), "XK_WSH.rules", "not_future"),
    (of("XK_JDRQ", rules=["uscc"]), "XK_JDRQ.rules", "uscc"),
    (of("XK_XDR_SFZ", when={"field": "XK_NO", "in": ["1"]}), "XK_XDR_SFZ.when", "field"),
    (of("XK_XDR_SFZ", when={"subject": "cat"}), "XK_XDR_SFZ.when", "cat"),
    (of("XK_XDR_SFZ", when={"field": "XK_ZT"}), "XK_XDR_SFZ.when", "in"),
    (of("XK_BM", name="_source"), "_source", "begin with a letter"),
    (of("XK_BM", name="xk_wsh"), "xk_wsh", "twice"),
    (without("XK_BM", "default"), "XK_BM", "default"),
    (of("XK_WSH", example="很" * 129), "example", "XK_WSH"),
    (of("XK_XDR_SHXYM", example="91440300708461136A"), "example", "R-USCC-03"),
    (of("XK_WSH", group="xdr"), "XK_WSH.group", "required"),
]


@pytest.mark.parametrize(("change", "place", "words"), ONE, ids=[f"{number}-{place}" for number, (_, place, _) in enumerate(ONE)])
def test_one_fault_is_one_line_with_its_place(change: Callable[[Spec], None], place: str, words: str, tmp_path: Path) -> None:
    write(tmp_path, "xzxk", change)
    found = refused(tmp_path)
    mine = [problem for file, where, problem in found if (file, where) == ("xzxk.avsc", place) and words in problem]
    assert mine, found


def test_a_sound_file_has_none(tmp_path: Path) -> None:
    write(tmp_path, "xzxk")
    assert list(load(tmp_path)) == ["xzxk"]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "xzxk", about(category="许可", frequency="year", partitions=99), of("XK_WSH", lenght=1), of("XK_BM", pattern="("), of("XK_ZT", codes="no"), of("XK_XDR", rules=["x"]))
    write(tmp_path, "second", lambda spec: spec.update(name="second"), about(key=["NO"]))
    (tmp_path / "third.avsc").write_text('{"type": "record",', encoding="utf-8")
    (tmp_path / "fourth.avsc").write_bytes("许可".encode("gb18030"))
    (tmp_path / "fifth.avsc").write_text("[]", encoding="utf-8")
    found = refused(tmp_path)
    assert {(file, place) for file, place, _ in found} == {
        ("xzxk.avsc", "catalogue.category"), ("xzxk.avsc", "catalogue.frequency"), ("xzxk.avsc", "catalogue.partitions"), ("xzxk.avsc", "XK_WSH"), ("xzxk.avsc", "XK_BM.pattern"),
        ("xzxk.avsc", "XK_ZT.codes"), ("xzxk.avsc", "XK_XDR.rules"), ("second.avsc", "catalogue.key"), ("third.avsc", "line 1"), ("fourth.avsc", ""), ("fifth.avsc", ""),
    }  # fmt: skip


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    assert refused(tmp_path)[0][2] == "holds no item file (*.avsc)"
