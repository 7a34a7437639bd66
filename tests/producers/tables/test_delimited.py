"""Text files as people and programs write them: encodings, delimiters, quotes, line numbers; anything at all is read or refused."""

import tempfile
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.refusal import Refusal
from producers.tables import delimited
from producers.tables.book import reading
from tests.producers.tables.small import HEADER, TITLES, read, refused


def csv(rows: Sequence[Sequence[str]], mark: str = ",") -> str:
    return "\r\n".join(mark.join(row) for row in rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "，"])
def test_text_files_of_every_usual_encoding_and_delimiter(tmp_path: Path, encoding: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv([HEADER, ["一号", "㐂䶮𠮷公司", "", "2017-9-1", ""]], mark).encode(encoding))
    lines, table = read(path)
    assert [(line.number, line.cells["XK_XDR"]) for line in lines] == [(2, "㐂䶮𠮷公司")]
    assert table.way == "file"


def test_a_text_lines_number_is_the_files_own_with_line_breaks_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        csv([HEADER, ["一号", '"两\n行"', "", "2017-9-1", ""], ["二号", "乙", "", "2017-9-1", ""]]), encoding="utf-8", newline=""
    )
    lines, _ = read(path)
    assert [(line.number, line.cells["XK_XDR"]) for line in lines] == [(2, "两\n行"), (4, "乙")]


def test_a_text_row_with_more_cells_than_titles_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv([HEADER, ["一号", "甲", "乙", "", "2017-9-1", "", "多"], ["二号", "甲", "", "2017-9-1"]]), encoding="utf-8")
    lines, _ = read(path)
    assert [list(line.beyond) for line in lines] == [["多"], []]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (csv([HEADER, ['"一号', "甲", "", "2017-9-1", ""], ["二号"]]).encode(), "broken_quotes"),
        (csv([HEADER]).encode() + b"\n\xff\xff\xff", "encoding"),
        (b"a,b\n1,2\n", "no_header"),
    ],
)
def test_a_broken_text_file_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert refused(path).code == code


@given(st.text())
def test_any_text_as_a_delimited_file_is_read_or_refused(content: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content.encode("utf-8", "surrogatepass"))
        file.flush()
        try:
            with delimited.opened(Path(file.name)) as text:
                list(text.rows(delimited.delimiter(text.head, [TITLES])))
        except Refusal:
            return


def test_a_large_text_file_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    row = ",".join(["济许〔2017〕1号", "某公司" * 60, "", "2017-09-01", "备注" * 40]) + "\n"
    with path.open("w", encoding="gb18030") as file:
        file.write(",".join(HEADER) + "\n")
        for _ in range(24_000):
            file.write(row)
    assert path.stat().st_size > 10 << 20
    tracemalloc.start()
    with reading(path, [TITLES]) as book:
        count = sum(1 for _ in book.lines)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 24_000
    assert peak < 4 << 20


def test_a_file_of_one_endless_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((",".join(HEADER) + "\n").encode() + b"x" * (3 << 20))
    assert refused(path).code == "not_a_table"
