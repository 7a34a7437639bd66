"""A running map follows its source files: what changed is taken, what is broken is refused, what stood stays."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas import catalog
from schemas.sources import SourceFault
from streams import map_sources
from streams.map_sources import Followed

CATALOG = catalog.load()
REQUIRED = [field.name for field in CATALOG["xzxk"].fields if field.required]


def _write(folder: Path, name: str, **said: Any) -> None:
    table = {"item": "xzxk", "columns": {"XK_WSH": "no"}, "constants": {code: "甲" for code in REQUIRED if code != "XK_WSH"}} | said
    database = {"kind": "postgres", "host": "h", "port": "1", "name": "d", "user": "u", "password": "${env:P}"}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump({"source": name, "department": "zjj", "database": database, "tables": {"public.permit": table}}))


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    monkeypatch.setattr(map_sources, "EVERY", 0.0)
    for name in ("one_pg", "two_pg"):
        _write(tmp_path, name)
    return Followed(tmp_path, CATALOG)


def test_only_the_tables_of_a_changed_file_are_told(followed: Followed, tmp_path: Path) -> None:
    assert followed.look() is None
    _write(tmp_path, "one_pg", columns={"XK_WSH": "number"})
    assert followed.look() == ["cdc.one_pg.permit"]
    assert followed.feeds["cdc.one_pg.permit"].table.columns == {"XK_WSH": "number"}
    assert followed.look() is None


def test_a_comment_is_a_change(followed: Followed, tmp_path: Path) -> None:
    with (tmp_path / "two_pg.yaml").open("a") as file:
        file.write("# 2017-09-01: shorter numbers are all right, says the department\n")
    assert followed.look() == ["cdc.two_pg.permit"]


def test_a_broken_file_is_told_with_all_its_faults_and_the_old_mapping_stays(followed: Followed, tmp_path: Path) -> None:
    before = dict(followed.feeds)
    _write(tmp_path, "one_pg", columns={"XK_WSH": "no", "NOTHING": "x"}, delete="perhaps")
    (tmp_path / "three_pg.yaml").write_text("{")
    assert followed.look() == []
    assert [word for word in ("NOTHING", "perhaps", "three_pg.yaml") if word not in followed.broken] == []
    assert followed.feeds == before
    (tmp_path / "three_pg.yaml").unlink()
    _write(tmp_path, "one_pg", columns={"XK_WSH": "number"})
    assert (followed.look(), followed.broken) == (["cdc.one_pg.permit"], "")


def test_a_file_that_comes_or_goes_is_a_change_of_its_tables(followed: Followed, tmp_path: Path) -> None:
    _write(tmp_path, "three_pg")
    (tmp_path / "two_pg.yaml").unlink()
    assert sorted(followed.look() or ()) == ["cdc.three_pg.permit", "cdc.two_pg.permit"]
    assert set(followed.feeds) == {"cdc.one_pg.permit", "cdc.three_pg.permit"}


def test_broken_at_the_start_it_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("{")
    with pytest.raises(SourceFault):
        Followed(tmp_path, CATALOG)
