"""A template that LibreOffice has opened and saved is still the template: lists, text format, notes, hidden column, stamp; and what is filled in there is read as it was filled in."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from producers import file, template
from producers.file import Sender, Terms
from schemas.catalog import Item, load

CATALOG = load()
OFFICE = shutil.which("soffice")
SPARE = 1_000  # rows below the last filled one for which LibreOffice keeps a list

if OFFICE is None and not os.environ.get("CI"):
    pytest.skip("LibreOffice (soffice) is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every item's template with its example filled in, opened and saved by LibreOffice in one go."""
    assert OFFICE, "LibreOffice (soffice) is installed in CI"
    home = tmp_path_factory.mktemp("office")
    filled = [str(_filled(home, item)) for item in CATALOG.values()]
    command = [OFFICE, f"-env:UserInstallation=file://{home}/profile", "--headless", "--norestore", "--convert-to", "xlsx", "--outdir", str(home / "out"), *filled]
    done = subprocess.run(command, capture_output=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    yield home / "out"
    shutil.rmtree(home / "profile", ignore_errors=True)


def _filled(home: Path, item: Item) -> Path:
    path = home / f"{item.code}.xlsx"
    path.write_bytes(template.workbook(item, CATALOG.version))
    book = openpyxl.load_workbook(path)
    sheet: Any = book["填报"]
    for column, field in enumerate(item.fields, 1):
        if field.example is not None:
            sheet.cell(3, column, field.example).number_format = "@"
    book.save(path)
    return path


def _lists(book: Any) -> dict[str, tuple[int, str]]:
    """Column → the last row its list holds for, and where its values are."""
    found = {}
    for rule in book["填报"].data_validations.dataValidation:
        for area in rule.sqref.ranges:
            found[area.coord.split(":")[0].rstrip("0123456789")] = (area.max_row, rule.formula1.replace("'", ""))
    return found


@pytest.mark.parametrize("item", CATALOG.values(), ids=lambda item: item.code)
def test_a_template_survives_libreoffice(item: Item, saved: Path) -> None:
    path = saved / f"{item.code}.xlsx"
    before, after = openpyxl.load_workbook(saved.parent / f"{item.code}.xlsx"), openpyxl.load_workbook(path)
    assert after.sheetnames == before.sheetnames
    assert after["代码"].sheet_state == "hidden"
    assert {column: values for column, (_, values) in _lists(after).items()} == {column: values for column, (_, values) in _lists(before).items()}
    assert all(last >= 3 + SPARE - 1 for last, _ in _lists(after).values())
    assert [[cell.value for cell in row] for row in after["代码"].iter_rows()] == [[cell.value for cell in row] for row in before["代码"].iter_rows()]
    assert after.custom_doc_props["guiji"].value == f"{item.code}/{CATALOG.version}"
    sheet = after["填报"]
    assert sheet.column_dimensions["A"].number_format == "@"
    assert item.fields[0].name in sheet["A2"].comment.text
    place = next(cell for cell in sheet[2] if cell.value == "回执行号")
    assert sheet.column_dimensions[place.column_letter].hidden
    with file.opened(path, Terms([item], b"s"), Sender("swj")) as found:
        (row,) = found.tables[0].rows()
    assert (row.fields, list(row.faults)) == (item.example, [])
