"""The answering process follows its source files: who is new is answered, who changed anew, who went no more; a database that is away holds nobody else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from connectors.access import Unasked
from connectors.answers import process
from connectors.front import source_file
from connectors.front.place import Front
from infra import slots
from infra.settings import Settings
from schemas import catalog
from schemas.sources import Source
from tests.waiting import eventually

ITEM = catalog.load()["xzxk"]


class Followed:
    """Stands for the work on one source: runs until it is told to stop, or fails as often as it is told to."""

    def __init__(self) -> None:
        self.working: dict[str, Source] = {}
        self.failing: dict[str, int] = {}
        self.begun: list[str] = []
        self.looks = 0

    def __call__(self, _settings: Settings, source: Source, stop: Event) -> None:
        self.begun.append(source.name)
        if self.failing.get(source.name, 0) > 0:
            self.failing[source.name] -= 1
            raise (Unasked if self.failing[source.name] else ValueError)("is away")
        self.working[source.name] = source
        stop.wait()
        del self.working[source.name]


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> Followed:
    found = Followed()
    look = process.answered

    def counted(settings: Settings) -> dict[str, Source]:
        found.looks += 1
        return look(settings)

    monkeypatch.setattr(process, "follow", found)
    monkeypatch.setattr(process, "answered", counted)
    monkeypatch.setattr(process, "LOOK", 0.01)
    monkeypatch.setattr(process, "FIRST_PAUSE", 0.01)
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", sources=tmp_path)


def declare(settings: Settings, department: str, change: Callable[[str], str] = lambda text: text) -> None:
    text = source_file.written(Front(department, "postgres", [ITEM]), "某局", None)
    (settings.sources / f"{department}_front.yaml").write_text(change(text), "utf-8")


def test_sources_are_followed_as_their_files_say(settings: Settings, followed: Followed) -> None:
    declare(settings, "zjj")
    declare(settings, "swj", lambda text: "".join(line for line in text.splitlines(keepends=True) if not line.startswith("receipts:")))
    followed.failing["hbj_front"] = 3
    stop = Event()
    thread = Thread(target=process.run, args=(settings, stop))
    thread.start()
    try:
        eventually(lambda: set(followed.working) == {"zjj_front"})
        declare(settings, "hbj")
        eventually(lambda: set(followed.working) == {"zjj_front", "hbj_front"})
        assert followed.begun.count("hbj_front") == 4
        assert followed.begun.count("zjj_front") == 1
        before = followed.working["zjj_front"]
        declare(settings, "zjj", lambda text: text + "generation: 2\n")
        eventually(lambda: followed.working.get("zjj_front", before) != before)
        assert followed.working["zjj_front"] == replace(before, generation=2)
        (settings.sources / "hbj_front.yaml").unlink()
        eventually(lambda: set(followed.working) == {"zjj_front"})
        (settings.sources / "broken.yaml").write_text("source: [", "utf-8")
        declare(settings, "hbj")
        looks = followed.looks
        eventually(lambda: followed.looks > looks + 2)
        assert set(followed.working) == {"zjj_front"}
    finally:
        stop.set()
        thread.join()
    assert followed.working == {}


def test_there_is_one_answering_process_a_home(settings: Settings) -> None:
    with slots.alone(settings.slots / "answer", "another"), pytest.raises(slots.Occupied, match="connectors answer"):
        process.run(settings, Event())
