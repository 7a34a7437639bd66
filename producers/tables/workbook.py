"""A workbook as its sheets and rows. The parsing happens in a spawned process, so a hostile or broken file costs bounded time and memory
here.
"""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from producers.refusal import Refusal
from producers.tables.worker import Done, Head, Heads, Limits, Marks, Rows, serve, too_big

Said = TypeVar("Said", Heads, Marks)


class Workbook:
    """`heads` are the worksheets in the workbook's order, hidden ones included; `notes` what else is in the file; `read` streams one sheet."""

    def __init__(self, connection: Connection, deadline: float) -> None:
        self._connection, self._deadline = connection, deadline
        said = self._expect(Heads)
        self.heads: list[Head] = said.sheets
        self.notes: list[str] = said.notes

    def read(self, number: int) -> tuple[Marks, Iterator[Rows]]:
        """Marks and row blocks of sheet `number`; raises Refusal when the file is too large, too slow or broken."""
        self._connection.send(number)
        return self._expect(Marks), self._rows()

    def _rows(self) -> Iterator[Rows]:
        while not isinstance(said := self._receive(), Done):
            assert isinstance(said, Rows)
            yield said

    def _expect(self, kind: type[Said]) -> Said:
        said = self._receive()
        assert isinstance(said, kind)
        return said

    def _receive(self) -> object:
        if not self._connection.poll(max(0.0, self._deadline - time.monotonic())):
            raise Refusal("too_slow", "读取工作簿超过了时间上限。", "请删除多余的格式、公式和图片，或分成几个文件报送。")
        try:
            said = self._connection.recv()
        except EOFError as gone:
            raise too_big() from gone
        if isinstance(said, Refusal):
            raise said
        return said


@contextmanager
def opened(path: Path, limits: Limits | None = None) -> Iterator[Workbook]:
    """The workbook at `path` (.xlsx .xls .et .xlsb .ods, told by content, not by name). The reading process ends with the block."""
    limits = limits or Limits()
    if path.stat().st_size > limits.file_bytes:
        raise Refusal("too_big", f"文件有 {path.stat().st_size >> 20} MB，一次最多 {limits.file_bytes >> 20} MB。", "请删除图片等附件，或分成几个文件报送。")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=serve, args=(theirs, str(path), limits), daemon=True)
    worker.start()
    theirs.close()
    try:
        yield Workbook(ours, time.monotonic() + limits.seconds)
    finally:
        ours.close()
        worker.kill()
        worker.join()
        worker.close()


__all__ = ["Head", "Limits", "Marks", "Rows", "Workbook", "opened"]
