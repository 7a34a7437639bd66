"""Large files that come with a form: written to a private folder as they arrive, never whole in memory, and gone with the request unless a page keeps them.

How much comes is known and bounded before the first byte is read; whose form it is, before the first byte of a file is written.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from producers.refusal import Refusal

if TYPE_CHECKING:  # it has no such name when it runs
    from python_multipart.multipart import MultipartCallbacks

FOLDER, ARRIVING = "uploads", "arriving-"
AT_ONCE = 1 << 20  # bytes parsed and written in one go
LONGEST_NAME, MOST_FIELDS, LARGEST_HEADER = 120, 100, 8 << 10
Fields = Mapping[str, str]


@dataclass(frozen=True)
class Large:
    """Large files a form may bring: how many, and how many bytes all of them together."""

    most: int = 0
    bytes_all: int = 0


NONE = Large()


@dataclass
class Received:
    """A file as it arrived: what its sender calls it (never a path), where it lies for now, its bytes."""

    name: str
    path: Path
    size: int = 0

    def keep(self, target: Path) -> None:
        """Give it a place of its own; it is there for good when this returns."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        self.path.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Bound:
    """What one request may bring and where it goes. `free`: bytes that must be left on the disk; `form_bytes`: of all that is no file."""

    large: Large
    folder: Path
    free: int
    form_bytes: int


def folder(home: Path) -> Path:
    """Where uploaded files lie; nobody but its owner can look into it."""
    path = home / FOLDER
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def named(name: str, blank: str) -> str:
    """What people call a file: the last part of its name, printable, at most 120 characters; `blank` where nothing is left."""
    return "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable())[-LONGEST_NAME:] or blank


async def receive(request: Request, bound: Bound, admit: Callable[[Fields], None]) -> tuple[dict[str, list[str]], list[Received]]:
    """The form's fields and files. `admit` is given the fields before the first file and raises what it does not like.

    Raises Refusal `too_big` before anything is read, `unavailable` when the disk has no room, `malformed`, and what `admit` raises; then nothing is left of it on the disk.
    """
    length = request.headers.get("content-length", "")
    size = int(length) if length.isdigit() and len(length) < 20 else -1
    _check(size, bound)
    parts = _Parts(bound, admit)
    try:
        _, options = parse_options_header(request.headers.get("content-type", ""))
        parser = MultipartParser(options[b"boundary"], parts.callbacks())
        await _feed(request, parser, size)
        parser.finalize()
        parts.admitted()
        parts.complete()
    except (KeyError, FormParserError) as fault:
        parts.discard()
        raise _malformed() from fault
    except BaseException:  # also when the sender hangs up in the middle of it
        parts.discard()
        raise
    return parts.fields, parts.files


def _check(size: int, bound: Bound) -> None:
    limit = bound.large.bytes_all
    if size < 0 or size > limit + bound.form_bytes:
        told = f"一次上传了 {size / (1 << 20):,.0f} MB" if size >= 0 else "没有说明上传的大小"
        raise Refusal("too_big", f"{told}，最多 {limit >> 20} MB（几个文件合计）。没有接收任何内容。", "请分几次上传；一个文件太大的，请删除其中的图片等附件，或分成几个文件。")
    if shutil.disk_usage(bound.folder).free < size + bound.free:
        raise Refusal("unavailable", "平台的磁盘空间不足，现在不能接收文件。", "请稍后再试；如果一再出现，请告诉归集中心。")


async def _feed(request: Request, parser: MultipartParser, size: int) -> None:
    """In a thread, by the megabyte: neither parsing nor the disk holds up other people's pages."""
    block, seen = bytearray(), 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > size:
            raise _malformed()
        block += chunk
        if len(block) >= AT_ONCE:
            await run_in_threadpool(parser.write, bytes(block))
            block.clear()
    await run_in_threadpool(parser.write, bytes(block))


def _malformed() -> Refusal:
    return Refusal("malformed", "上传的内容读不出来，没有接收任何文件。", "请刷新页面后重新上传；一次最多 20 个文件。")


@dataclass
class _Parts:
    """What the parser has met so far. Fields and headers are small; a file's bytes go to the disk as they come."""

    bound: Bound
    admit: Callable[[Fields], None]
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[Received] = field(default_factory=list)
    _is_admitted: bool = False
    _complete: bool = False
    _header: bytearray = field(default_factory=bytearray)
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _name: bytearray = field(default_factory=bytearray)
    _text: bytearray | None = None
    _texts: int = 0
    _field: str = ""
    _open: BinaryIO | None = None

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin, "on_header_field": self._header_name, "on_header_value": self._header_value, "on_header_end": self._header_end,
            "on_headers_finished": self._begun, "on_part_data": self._data, "on_part_end": self._end, "on_end": self._finished,
        }  # fmt: skip

    def admitted(self) -> None:
        if not self._is_admitted:
            self.admit({name: values[-1] for name, values in self.fields.items()})
            self._is_admitted = True

    def complete(self) -> None:
        """Raises Refusal `malformed` where the request ends before its form does."""
        if not self._complete:
            raise _malformed()

    def discard(self) -> None:
        if self._open:
            self._open.close()
        for each in self.files:
            each.discard()

    def _begin(self) -> None:
        self._headers, self._text, self._open = {}, None, None

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._small(self._name, data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._small(self._header, data[start:end])

    def _header_end(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._header)
        if len(self._headers) > 20:
            raise _malformed()
        self._name.clear()
        self._header.clear()

    def _begun(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._field = options[b"name"].decode("utf-8", "replace")
        said = options.get(b"filename")
        if said is None:
            self._text = bytearray()
        elif said:  # a browser sends a file without a name where none was chosen
            self.admitted()
            if len(self.files) == self.bound.large.most:
                raise _malformed()
            self._new_file(named(said.decode("utf-8", "replace"), "文件"))

    def _new_file(self, name: str) -> None:
        path = self.bound.folder / f"{ARRIVING}{secrets.token_hex(16)}"
        self._open = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        self.files.append(Received(name, path))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._open:
            self._open.write(memoryview(data)[start:end])
            self.files[-1].size += end - start
        elif self._text is not None:
            self._texts += end - start
            if self._texts > self.bound.form_bytes:
                raise _malformed()
            self._text += data[start:end]

    def _end(self) -> None:
        if self._open:
            self._open.close()
            self._open = None
        elif self._text is not None:
            self.fields.setdefault(self._field, []).append(self._text.decode("utf-8", "replace"))
            if sum(map(len, self.fields.values())) > MOST_FIELDS:
                raise _malformed()

    def _finished(self) -> None:
        self._complete = True

    def _small(self, kept: bytearray, more: bytes) -> None:
        kept += more
        if len(kept) > LARGEST_HEADER:
            raise _malformed()
