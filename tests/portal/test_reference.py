"""The catalogue's site: a page an item with every field, every link leads somewhere, odd text is shown and not run, an empty catalogue says so."""

import copy
import html
import re
from pathlib import Path

import pytest

from loaders import table
from portal import reference
from portal.column_words import COLUMNS, TABLES
from schemas import departments
from schemas.catalog import Catalog, load, read

CATALOG = load()
DEPARTMENTS = departments.load()
ASSIGNMENTS = departments.assignments(DEPARTMENTS, CATALOG)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert reference.write(folder, CATALOG, DEPARTMENTS, ASSIGNMENTS) == len(CATALOG) + 4
    return folder


def test_every_item_has_a_page_with_every_field(site: Path) -> None:
    for item in CATALOG.values():
        page = html.unescape((site / "items" / f"{item.code}.html").read_text(encoding="utf-8"))
        assert all(text in page for field in item.fields for text in (field.name, field.title, field.help, field.example or ""))
        assert "not run" in page
        assert f"/api/v1/items/{item.code}/records" in page


def test_every_link_leads_somewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        for link in re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8")):
            if link != "data:,":
                path, _, place = link.partition("#")
                target = (page.parent / path).resolve() if path else page
                assert target.is_file(), f"{page.name}: {link}"
                assert not place or f'id="{place}"' in target.read_text(encoding="utf-8"), f"{page.name}: {link}"


def test_every_department_and_what_it_owes_is_there(site: Path) -> None:
    text = (site / "departments.html").read_text(encoding="utf-8")
    assert all(each.name in text for each in DEPARTMENTS.values())
    assert text.count("没有任务") == 0


def test_every_column_and_table_of_the_warehouse_is_explained(site: Path) -> None:
    page = html.unescape((site / "warehouse.html").read_text(encoding="utf-8"))
    own = {field.name for item in CATALOG.values() for field in item.fields}
    declared = {column.name for each in table.of(CATALOG) for column in each.columns} - own
    assert declared == set(COLUMNS), "every column has its words, and no word is left over"
    assert all(about in page for about in (*COLUMNS.values(), *TABLES.values()))
    assert {each.name for each in table.FIXED} <= set(TABLES)


def test_text_of_an_item_is_shown_and_never_run(tmp_path: Path) -> None:
    spec = copy.deepcopy(dict(CATALOG["xzxk"].spec))
    spec["catalogue"]["title"] = "<script>alert(1)</script>"
    reference.write(tmp_path, Catalog([read(spec)]), DEPARTMENTS, [])
    page = (tmp_path / "items" / "xzxk.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "暂无" in page


def test_an_empty_catalogue_says_so(tmp_path: Path) -> None:
    reference.write(tmp_path, Catalog([]), {}, [])
    assert "目录中还没有信息项" in (tmp_path / "index.html").read_text(encoding="utf-8")
