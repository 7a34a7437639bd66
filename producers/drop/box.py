"""One item's drop folder of one department on disk. Whoever drops files there may put anything in: every name is taken relative to an open folder, links are never followed, sizes are bounded."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from producers.drop.marker import ENDING, fit

TAKEN, DONE, REFUSED, OUT = "taken", "done", "refused", "out"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
LARGEST_MARKER = 4096
PIECE = 1 << 20


class Unfit(Exception):
    """What lies there is no plain file, or too large; says so in Chinese."""


@dataclass(frozen=True)
class Seen:
    """A file and its marker as they were last seen: another value when either changed."""

    size: int
    changed: int
    marker_changed: int

    def quiet(self, now: float) -> float:
        """Seconds since either changed."""
        return now - max(self.changed, self.marker_changed) / 1e9


class Box:
    """The folder `<root>/<department>/<item>`, open; `places` are its own four subfolders."""

    def __init__(self, department: str, item: str, here: int, places: dict[str, int]) -> None:
        self.department, self.item, self._here, self._places = department, item, here, places

    def names(self) -> list[str]:
        """Of files that have a name that is taken, oldest first; markers are not among them."""
        found = [(entry.stat(follow_symlinks=False).st_mtime_ns, entry.name) for entry in os.scandir(self._here) if fit(entry.name)]
        return [name for _, name in sorted(found)]

    def seen(self, name: str) -> Seen | None:
        """None where its marker is missing, or it is gone."""
        try:
            file = os.stat(name, dir_fd=self._here, follow_symlinks=False)
            marker = os.stat(name + ENDING, dir_fd=self._here, follow_symlinks=False)
        except FileNotFoundError:
            return None
        return Seen(file.st_size, file.st_mtime_ns, marker.st_mtime_ns)

    def changed(self, name: str) -> float:
        """When the file was last written to, in epoch seconds. Raises FileNotFoundError."""
        return os.stat(name, dir_fd=self._here, follow_symlinks=False).st_mtime

    def marker(self, name: str) -> bytes:
        """The marker's first bytes. Raises Unfit, FileNotFoundError."""
        with _plain(name + ENDING, self._here) as file:
            return os.read(file, LARGEST_MARKER)

    def copy(self, name: str, to: Path, largest: int) -> str:
        """Copy the file to a place of ours; the SHA-256 of what was copied. Raises Unfit, FileNotFoundError."""
        digest, size = hashlib.sha256(), 0
        with _plain(name, self._here) as file, to.open("wb") as copy:
            while piece := os.read(file, PIECE):
                size += len(piece)
                if size > largest:
                    raise Unfit(f"文件超过 {largest >> 20} MB，请分成几个文件报送。")
                digest.update(piece)
                copy.write(piece)
        return digest.hexdigest()

    def move(self, name: str, place: str, new: str) -> None:
        """Out of the folder into one of its subfolders, then its marker goes: a death in between leaves a marker without a file, which nothing is made of."""
        os.replace(name, new, src_dir_fd=self._here, dst_dir_fd=self._places[place])
        self._unlink(name + ENDING)

    def kept(self, place: str) -> list[str]:
        return sorted(os.listdir(self._places[place]))

    def hand_on(self, place: str, to: str, name: str) -> None:
        """From one subfolder into another."""
        os.replace(name, name, src_dir_fd=self._places[place], dst_dir_fd=self._places[to])

    def write(self, place: str, name: str, content: bytes) -> None:
        """A whole file, or none."""
        draft, folder = f".{uuid4().hex}", self._places[place]
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
        with os.fdopen(file, "wb") as handle:
            handle.write(content)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)

    def untold(self, place: str, name: str) -> None:
        """Take back what was written there."""
        try:
            os.unlink(name, dir_fd=self._places[place])
        except FileNotFoundError:
            return

    def _unlink(self, name: str) -> None:
        try:
            os.unlink(name, dir_fd=self._here)
        except FileNotFoundError:
            return


@contextmanager
def _plain(name: str, folder: int) -> Iterator[int]:
    try:
        file = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as fault:  # a link, or what may not be read
        raise Unfit("不是普通文件，或无权读取（链接一律不接收）。") from fault
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise Unfit("不是普通文件，不接收。")
        yield file
    finally:
        os.close(file)


@contextmanager
def opened(root: Path, department: str, item: str) -> Iterator[Box]:
    """Its subfolders are made where they are missing. Raises OSError where one of them is a link or no folder."""
    descriptors: list[int] = []
    try:
        for parent, name in ((None, str(root)), (0, department), (1, item)):
            descriptors.append(os.open(name, _FOLDER if parent is not None else _FOLDER & ~os.O_NOFOLLOW, dir_fd=None if parent is None else descriptors[parent]))
        here = descriptors[-1]
        for place in (TAKEN, DONE, REFUSED, OUT):
            if place not in os.listdir(here):
                os.mkdir(place, 0o755, dir_fd=here)
            descriptors.append(os.open(place, _FOLDER, dir_fd=here))
        yield Box(department, item, here, dict(zip((TAKEN, DONE, REFUSED, OUT), descriptors[3:], strict=True)))
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def folders(root: Path) -> list[tuple[str, str]]:
    """(department, item) as the folders are named, whatever they are."""
    with os.scandir(root) as departments:
        found = [entry.name for entry in departments if entry.is_dir(follow_symlinks=False)]
    return [(department, entry.name) for department in sorted(found) for entry in os.scandir(root / department) if entry.is_dir(follow_symlinks=False)]
