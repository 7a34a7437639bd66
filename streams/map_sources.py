"""The source files as a running map follows them: read at the start, looked at every few seconds, taken anew when one has changed, left as they were when one is broken."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from schemas import sources
from schemas.catalog import Catalog
from streams import map_feed
from streams.map_feed import Feed

EVERY = 3.0  # seconds


class Followed:
    """``feeds`` by topic, of the files as they were last found sound; ``broken`` says what is wrong with those that were not. Raises SourceFault where they are broken at the start."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self._folder, self._catalog = folder, catalog
        self.broken = ""
        self._seen = _contents(folder)
        self.feeds = self._read()
        self._looked = time.monotonic()

    def look(self) -> list[str] | None:
        """None while nothing is to be said; else the topics whose file changed (none of them where a file is broken)."""
        if time.monotonic() - self._looked < EVERY:
            return None
        self._looked = time.monotonic()
        found = _contents(self._folder)
        if found == self._seen:
            return None
        self._seen = found
        return self.take()

    def take(self) -> list[str]:
        """Read the files now; the topics whose mapping, or any word of whose file, is another one than before."""
        try:
            feeds = self._read()
        except sources.SourceFault as fault:
            self.broken = str(fault)
            return []
        before, self.feeds, self.broken = self.feeds, feeds, ""
        return [topic for topic in {**before, **feeds} if topic not in feeds or topic not in before or feeds[topic].digest != before[topic].digest]

    def _read(self) -> dict[str, Feed]:
        digests = dict(_digests(_contents(self._folder)))
        feeds = map_feed.captured(sources.load(self._folder, self._catalog), self._catalog)
        return {topic: replace(feed, digest=digests.get(feed.source.partition(".")[0], "")) for topic, feed in feeds.items()}


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: _bytes(path) for path in sorted(folder.glob("*.yaml"))}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # gone, or not readable: reading it as a source says so
        return b""


def _digests(contents: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """12 hex digits of each source's file, by the source's name. By its bytes: a comment that says why a change of the table is all right is a change, too."""
    for content in contents.values():
        try:
            name = yaml.safe_load(content)["source"]
        except (yaml.YAMLError, TypeError, KeyError, UnicodeDecodeError):
            continue  # told by `sources.load`
        yield str(name), hashlib.sha256(content).hexdigest()[:12]
