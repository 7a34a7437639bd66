"""The returned workbook: the file a department sent, with what is wrong written into it, ready to be corrected and sent again as it is."""

import multiprocessing
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from producers.file import File, Filled
from producers.refusal import Refusal
from producers.returned import package, plain
from producers.returned.notes import Block, Reasons
from producers.returned.sheet_part import Unpatchable
from producers.tables.titles import EXPLANATION, NO_FIELD, OPERATION, REFERENCE
from producers.tables.worker import ZIP, Limits, confine

WHOLE_ROWS, WHOLE_BYTES = 50_000, 30 << 20  # beyond these only the bad rows are returned
LIMITS = Limits(seconds=120)


@dataclass(frozen=True)
class Judged:
    """One table of the file, its receipt, and the reasons of its bad rows by line."""

    table: Filled
    receipt: str
    reasons: Mapping[int, Reasons] = field(repr=False)


def write(file: File, judged: Sequence[Judged], target: Path) -> bool:
    """Write the workbook to return; True when it is the whole file, False when it holds the bad rows only (a large file).

    An .xlsx keeps its own looks, formulas and everything else in it; of other files, and of one whose parts cannot be changed in place, a plain .xlsx is made. Raises Refusal `nothing_wrong` when a
    large file has no bad rows.
    """
    whole = sum(each.table.count for each in judged) <= WHOLE_ROWS and file.path.stat().st_size <= WHOLE_BYTES
    if not whole and not any(each.reasons for each in judged):
        raise Refusal("nothing_wrong", "没有错误的行，文件又较大，不再退回。", "")
    with file.path.open("rb") as source:
        in_place = whole and source.read(4) == ZIP and all(each.table.table.header.end > WHOLE_ROWS for each in judged)
    if in_place and _annotated(file.path, target, _blocks(judged)):
        return True
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "plain.xlsx"
        sheets, tables = _copied(judged, whole=whole)
        plain.write(copy, sheets)
        if not _annotated(copy, target, tables):
            raise Refusal("not_returned", "退回的工作簿没有生成。", "请按错误清单在原文件上改正后重新报送。")
    return whole


def _annotated(path: Path, target: Path, tables: Mapping[str, Sequence[Block]]) -> bool:
    """In a process of its own, bounded in time and memory: the file is a stranger's."""
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(path, target, tables), daemon=True)
    worker.start()
    worker.join(LIMITS.seconds)
    done = worker.exitcode == 0
    worker.kill()
    worker.join()
    return done


def _work(path: Path, target: Path, tables: Mapping[str, Sequence[Block]]) -> None:
    confine(LIMITS)
    try:
        package.annotate(path, target, tables)
    except (Unpatchable, MemoryError, zipfile.BadZipFile, OSError) as fault:
        raise SystemExit(1) from fault


def _blocks(judged: Sequence[Judged]) -> dict[str, list[Block]]:
    """Where the file's own tables stand."""
    found: dict[str, list[Block]] = {}
    for each in judged:
        header = each.table.table.header
        places = {meaning: column for column, meaning in header.places.items()}
        reference = places.get(REFERENCE, header.width)
        explained = places.get(EXPLANATION, header.width + (reference == header.width))
        columns = {code: column for code, column in places.items() if code not in NO_FIELD or code == OPERATION}
        rows = {line: (f"{each.receipt}#{line}", each.reasons.get(line, ())) for line in each.table.lines}
        block = Block(each.table.item, header.row + 1, header.first + 1, columns, reference, explained, rows)
        found.setdefault(each.table.table.source.sheet, []).append(block)
    return found


def _copied(judged: Sequence[Judged], *, whole: bool) -> tuple[list[plain.Plain], dict[str, list[Block]]]:
    """Plain sheets of the tables, and where what stands in them."""
    sheets, tables = list[plain.Plain](), dict[str, list[Block]]()
    for number, each in enumerate(judged, 1):
        item, lines = each.table.item, [line for line in each.table.lines if whole or line in each.reasons]
        name = f"{item.title[:20]}{number}" if len(judged) > 1 else item.title[:25]
        names = list(item.by_name)
        titles = [*(field.title for field in item.fields), "操作"]
        rows = {place: (f"{each.receipt}#{line}", each.reasons.get(line, ())) for place, line in enumerate(lines, 2)}
        columns = {code: column for column, code in enumerate([*names, OPERATION])}
        tables[name] = [Block(item, 1, 2, columns, len(titles), len(titles) + 1, rows)]
        sheets.append(plain.Plain(name, titles, _texts(each, names, lines)))
    return sheets, tables


def _texts(judged: Judged, names: Sequence[str], lines: Sequence[int]) -> Iterator[list[str | None]]:
    words = {"retract": "撤销", "assert": "以本次为准"}
    wanted = set(lines)
    for row in judged.table.rows():
        if row.line in wanted:
            yield [*(row.fields.get(name) for name in names), words.get(row.operation)]
