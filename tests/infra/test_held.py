"""What map waits for, as people are told."""

from pathlib import Path

from infra import held
from infra.held import Notes
from infra.settings import Settings


def test_what_was_noted_is_read_again_and_told_line_by_line(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert held.read(settings) == Notes()
    assert held.read(settings).lines() == []
    notes = Notes({"cdc.a.b": "why"}, {"cdc.a.b": {"department": "zjj", "table": "b", "message": "缺列"}}, {"cdc.a.c": "new columns x"}, "file: place: problem")
    held.write(settings, notes)
    assert held.read(settings) == notes
    assert notes.lines() == ["map holds cdc.a.b: why", "map noted cdc.a.c: new columns x", "map goes on with the sources as they were: file: place: problem"]


def test_what_the_watcher_noted_stands_beside_what_map_noted(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    held.write(settings, Notes({"cdc.a.b": "why"}, {"cdc.a.b": {"department": "zjj", "table": "b", "message": "缺列"}}))
    held.write(settings, Notes(kept={"cdc.a.b": "few rows"}, told={"cdc.a.b": {"department": "zjj", "table": "b", "message": "少行"}}), "watch")
    assert held.lines(settings) == ["map holds cdc.a.b: why", "nothing is withdrawn of cdc.a.b: few rows"]
    assert [each["message"] for each in held.messages(settings)] == ["缺列", "少行"]
    assert held.read(settings).kept == {}, "each writer has its own"


def test_what_map_and_every_polled_source_wait_for_is_told_together(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert (held.lines(settings), held.messages(settings)) == ([], [])
    for who, topic in ((held.MAP, "cdc.a.b"), (held.poll("b"), "cdc.b.c"), (held.poll("d"), "cdc.d.e")):
        held.write(settings, Notes({topic: "why"}, {topic: {"department": "zjj", "table": topic, "message": "缺列"}}), who)
    held.write(settings, Notes(), held.poll("d"))
    assert held.lines(settings) == ["map holds cdc.a.b: why", "poll holds cdc.b.c: why"]
    assert [each["table"] for each in held.messages(settings)] == ["cdc.a.b", "cdc.b.c"]


def test_a_torn_file_is_none(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.state.mkdir()
    (settings.state / "map.json").write_text('{"held": {"a"')
    assert held.read(settings) == Notes()
