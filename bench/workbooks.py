"""A workbook of 20,000 licences (2,000 in small), one in a hundred wrong: read, every row judged, and written back with its marks, as a department's upload is. Beside it what openpyxl takes to load
and save the same file.

The wait for map, judge and loader is not in it: the rows are judged by the preview, which runs the same rules.
"""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import openpyxl

from bench.ground import Ground
from bench.lanes import ITEM
from producers import file, preview
from producers.file import Sender, Terms
from producers.preview import WRONG, Said
from producers.returned import book
from producers.returned.book import Judged
from producers.standing import Empty
from schemas.catalog import Item, load

DEPARTMENT, SECRET = "zjj", b"bench"
WRONG_EVERY = 100


def measure(ground: Ground) -> None:
    """Per run: openpyxl alone, then ours."""
    item = load(ground.settings.catalogue)[ITEM]
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / "sent.xlsx"
        _filled_in(item, sent, ground.profile.few)
        for run in range(1, ground.profile.runs + 1):
            ground.teller.doing(f"a workbook there and back {run}")
            begin = time.monotonic()
            openpyxl.load_workbook(sent).save(Path(folder) / "saved.xlsx")
            between = time.monotonic()
            _there_and_back(item, sent, Path(folder) / "back.xlsx")
            ground.book.figure("workbook_s", time.monotonic() - between)
            ground.book.figure("workbook_by_openpyxl_s", between - begin)
            ground.teller.step()


def _filled_in(item: Item, path: Path, rows: int) -> None:
    sheets = openpyxl.Workbook(write_only=True)
    sheet = sheets.create_sheet(item.title)
    sheet.append([field.title for field in item.fields])
    for number in range(rows):
        said = item.example | {"XK_WSH": f"济建许〔2017〕{number}号"} | ({"XK_JDRQ": "2017-13-40"} if number % WRONG_EVERY == 0 else {})
        sheet.append([said.get(field.name) for field in item.fields])
    sheets.save(path)


def _there_and_back(item: Item, path: Path, target: Path) -> None:
    sender, now = Sender(DEPARTMENT, "bench"), datetime.now(UTC)
    with file.opened(path, Terms([item], SECRET), sender) as sent:
        (table,) = sent.tables
        said = Said(item, sender.of_way(table.way), DEPARTMENT, table.way, SECRET, now.date(), round(now.timestamp() * 1000))
        wrong = {each.row.line: [reason.record() for reason in each.reasons] for each in preview.verdicts(said, table.rows(), Empty()) if each.what == WRONG}
        book.write(sent, [Judged(table, "HZ" + "A" * 26, wrong)], target)
