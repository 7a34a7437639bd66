"""One sheet's rows as the lines of the tables on it, one below the other or side by side. Pure: rows in, lines out, in one pass."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from producers.refusal import Refusal
from producers.tables import header as headers
from producers.tables.header import Header
from producers.tables.lines import Line, Reader, Tally
from producers.tables.titles import Titles, letter

Rows = Iterable[tuple[int, Sequence[object]]]
AHEAD = 3  # rows looked at for another table's header
NOTHING: Mapping[str, str] = {}
Marks = Callable[[int, int], str | None]  # row and column from 0 → what could not be seen there


@dataclass(frozen=True)
class Source:
    """Where rows come from: `way` is excel or file, `sheet` the worksheet's name ("" for a text file), `known` the items looked for, `marks` what cannot be seen in cells, `hidden` rows (from 0)."""

    way: str
    sheet: str
    known: Sequence[Titles]
    marks: Marks | None = None
    hidden: frozenset[int] = frozenset()

    @property
    def place(self) -> str:
        return f"工作表“{self.sheet}”" if self.sheet else "文件"


@dataclass
class Table:
    """A table found. Its tally is complete when its lines have been read."""

    source: Source
    header: Header
    tally: Tally = field(default_factory=Tally)

    @property
    def item(self) -> str:
        return self.header.titles.item

    @property
    def way(self) -> str:
        return self.source.way

    @property
    def place(self) -> str:
        return self.source.place


def tables(source: Source, first: Sequence[Header], rows: Rows) -> Iterator[tuple[Table, Line]]:
    """Every line of data with its table. ``first``: the headers found at the top; ``rows``: numbered from 1, blank ones may be left out."""
    open_ = [_Open(source, found) for found in first]
    begins = max(found.first for found in first)
    ahead: deque[tuple[int, Sequence[object]]] = deque()
    rows = iter(rows)
    while True:
        ahead.extend(islice(rows, AHEAD - len(ahead)))
        if not ahead:
            break
        number, cells = ahead.popleft()
        if number <= begins:
            continue
        another = _another(source, open_, [(number, cells), *ahead]) if headers.looks_like_one(cells, source.known) else None
        if another is None:
            for each in open_:
                yield from each.feed(number, cells)
        elif another:
            for each in open_:
                yield from each.end(another_follows=True)
            open_, begins = [_Open(source, found) for found in another], max(found.first for found in another)
    for each in open_:
        yield from each.end()


def _another(source: Source, open_: Sequence["_Open"], ahead: Rows) -> list[Header] | None:
    """The headers that begin here; an empty list where the present one is repeated, None where it is data after all."""
    numbered = list(ahead)
    number, cells = numbered[0]
    repeated = [each for each in open_ if headers.repeats(cells, each.table.header)]
    if repeated:
        for each in repeated:
            each.table.tally.repeated.append(number)
        return []
    found = headers.tables([cells for _, cells in numbered], [], source.known, source.sheet)
    # Counted among the rows looked at; blank ones between them may have been left out.
    return [_at(each, [number for number, _ in numbered]) for each in found if each.row == 0] or None


def _at(found: Header, numbers: Sequence[int]) -> Header:
    return Header(numbers[0] - 1, numbers[found.first - 1], found.places, found.width, found.titles, found.left, found.end)


class _Open:
    """A table whose end has not come."""

    def __init__(self, source: Source, found: Header) -> None:
        self.table = Table(source, found)
        self._reader = Reader(found)
        self._reader.tally = self.table.tally
        self._columns = [(place, code) for place, code in found.places.items()]

    def feed(self, number: int, cells: Sequence[object]) -> Iterator[tuple[Table, Line]]:
        for line in self._reader.feed(number, cells, self._marks(number - 1)):
            yield self._checked(line)

    def end(self, *, another_follows: bool = False) -> Iterator[tuple[Table, Line]]:
        for line in self._reader.end(another_follows=another_follows):
            yield self._checked(line)

    def _marks(self, row: int) -> Mapping[str, str]:
        marks = self.table.source.marks
        return {code: mark for place, code in self._columns if (mark := marks(row, place)) is not None} if marks else NOTHING

    def _checked(self, line: Line) -> tuple[Table, Line]:
        """A workbook's cells beyond the last title are a mistake of the whole sheet."""
        table = self.table
        if line.beyond and table.way == "excel":
            where = f"{table.place}第 {line.number} 行在最后一个标题（{letter(table.header.width - 1)} 列）的右边有内容“{line.beyond[0][:20]}”。"
            raise Refusal("untitled_column", where, "请补上标题，或删除表格以外的内容后重新报送。")
        if line.number - 1 in table.source.hidden:
            table.tally.hidden.append(line.number)
        return table, line
