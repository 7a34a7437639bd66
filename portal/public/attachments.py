"""Files that come with an application or a look-up: few, small, of three kinds told by their first bytes, kept under <home>/attachments by names of our own, and never shown in a page."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from portal.frame import receiving
from portal.frame.access import Files

BOUND = Files(most=5, bytes_each=4 << 20)
SIGNS = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
FOLDER = "attachments"


def faults(files: Sequence[tuple[str, bytes]]) -> list[str]:
    """Everything that is wrong with what was sent; empty when it may be kept."""
    if not files:
        return ["请至少附一份证明材料。"]
    found = [f"附件最多 {BOUND.most} 份。"] if len(files) > BOUND.most else []
    for name, content in files:
        if len(content) > BOUND.bytes_each:
            found.append(f"“{_short(name)}”超过 {BOUND.bytes_each >> 20} MB。")
        elif not kind(content):
            found.append(f"“{_short(name)}”不是 PDF、JPG 或 PNG 文件。")
    return found


def kind(content: bytes) -> str:
    """`pdf`, `jpg` or `png` by the first bytes; blank for anything else."""
    return next((each for each, sign in SIGNS.items() if content.startswith(sign)), "")


def named(name: str) -> str:
    """What people call it: the last part of its name, printable, at most 120 characters."""
    return receiving.named(name, "附件")


@contextmanager
def kept(home: Path, files: Sequence[tuple[str, bytes]]) -> Iterator[list[str]]:
    """Writes them, readable by the owner only, and gives the names they are stored by. They are removed when the block, in which their rows are made, comes to nothing."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stored = list[str]()
    try:
        for _, content in files:
            stored.append(secrets.token_hex(16))
            path = folder / stored[-1]
            path.touch(mode=0o600)
            path.write_bytes(content)
        yield stored
    except BaseException:  # whatever it was, files of nothing must not stay
        for name in stored:
            (folder / name).unlink(missing_ok=True)
        raise


def read(home: Path, stored: str) -> bytes | None:
    """Its content; None when the file is gone."""
    path = home / FOLDER / stored
    return path.read_bytes() if path.is_file() else None


def _short(name: str) -> str:
    return named(name)[:40]
