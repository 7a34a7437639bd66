"""The drop folder: whole files are handed in once and answered, others are left alone and told of, and nothing leads out of the folder."""

import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest

from infra import slots
from producers.drop import process
from producers.drop.process import Drop
from producers.outcomes import Outcome, Outcomes
from producers.refusal import Refusal
from producers.submission import Receipt, Submission
from producers.tables.mapping import Kept
from schemas import catalog as catalogue

CATALOG = catalogue.load()
FIELDS = CATALOG["xzxk"].fields
REASON = {"rule": "R-USCC-03", "message": "校验位不符。", "remedy": "请核对。"}


class Door:
    """Takes in and remembers; ``refusal`` is raised instead."""

    def __init__(self) -> None:
        self.taken: dict[str, list[Submission]] = {}
        self.refusal: Refusal | None = None

    def submit(self, submission: Submission) -> Receipt:
        rows = list(submission.rows)
        if self.refusal:
            raise self.refusal
        number = "HZ" + hashlib.sha256(f"{submission.source}{submission.idempotency_key}".encode()).hexdigest()[:26].upper()
        self.taken.setdefault(number, []).append(submission)
        self.rows = len(rows)
        return Receipt(number, submission.source, submission.department, submission.item, len(rows), repeated=len(self.taken[number]) > 1)

    def find(self, number: str) -> Receipt | None:
        found = self.taken.get(number)
        return Receipt(number, found[0].source, found[0].department, found[0].item, self.rows) if found else None


class Judged:
    """What became of the rows, as far as it is known."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def __call__(self, batch: str, item: str, after: int, limit: int) -> Outcomes:
        page = [each for each in self.outcomes if each.line > after][:limit]
        return Outcomes({}, len(self.outcomes), page, page[-1].line if len(page) == limit else None)


class Ground:
    """A root with one department's folder, and what works through it."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.door, self.judged = root, root / "swj" / "xzxk", Door(), Judged()
        self.folder.mkdir(parents=True)
        door, departments = cast("Any", self.door), dict[str, object](swj=1, zjj=2)
        self.drop = Drop(root, door, CATALOG, departments, self.judged, b"secret")

    def put(self, name: str, content: bytes, rows: int = 1, digest: str = "") -> Path:
        (self.folder / name).write_bytes(content)
        (self.folder / f"{name}.ok").write_text(f"rows={rows}\nsha256={digest or hashlib.sha256(content).hexdigest()}\n")
        return self.folder / name

    def once(self, later: float = 0) -> None:
        self.drop.once(time.time() + later)

    def thrice(self) -> None:
        for _ in range(3):
            self.once()

    def there(self, *places: str) -> list[str]:
        return sorted(each.name for place in places or ("",) for each in (self.folder / place).iterdir() if each.is_file())

    def text(self, place: str, name: str) -> str:
        return (self.folder / place / name).read_text("utf-8-sig")


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path / "drop")


def table(*rows: Iterable[Any], encoding: str = "utf-8") -> bytes:
    lines = [[field.name for field in FIELDS], *([field.example or "" for field in FIELDS] for _ in rows or ((),))]
    return "\n".join(",".join(line) for line in lines).encode(encoding)


# Another header: another table of the same item.
REORDERED = "\n".join(",".join(reversed(line.split(","))) for line in table().decode().splitlines()).encode()


def test_a_title_that_the_department_has_confirmed_is_known(ground: Ground, tmp_path: Path) -> None:
    strange = table().replace(b"XK_WSH", "许可文书编号".encode())
    ground.put("a.csv", strange)
    ground.once()
    assert "不认识的列" in ground.text("refused", "a.csv.txt")
    ground.drop.mappings = Kept(tmp_path / "mappings.db")
    ground.drop.mappings.keep("swj", "xzxk", {"许可文书编号": "XK_WSH"})
    ground.put("a.csv", strange)
    ground.once()
    assert len(ground.door.taken) == 1


def test_a_whole_file_is_handed_in_answered_and_put_away(ground: Ground) -> None:
    ground.put("八月.csv", table(encoding="gb18030"))
    ground.once()
    ((number, (submission,)),) = ground.door.taken.items()
    assert (submission.source, submission.department, submission.way, submission.item, submission.name) == ("swj/folder", "swj", "file", "xzxk", "八月.csv")
    assert ground.there() == []
    assert ground.there("taken") == [f"{number}.八月.csv"]
    ground.judged.outcomes = [Outcome(2, None, "rejected", [REASON])]
    ground.once()
    assert (ground.there("taken"), ground.there("done"), ground.there("out")) == ([], [f"{number}.八月.csv"], ["八月.csv.hz.csv"])
    assert ground.text("out", "八月.csv.hz.csv").splitlines() == ["行号,回执号,结果,规则,原因和办法", f"2,{number}#2,退回,R-USCC-03,校验位不符。请核对。"]


def test_every_page_of_a_large_answer_is_written(ground: Ground) -> None:
    rows = process.PAGE * 2 + 3
    ground.put("a.csv", table(*[()] * rows), rows)
    ground.judged.outcomes = [Outcome(line, None, "accepted") for line in range(2, rows + 2)]
    ground.once()
    assert len(ground.text("out", "a.csv.hz.csv").splitlines()) == rows + 1


def test_the_same_file_again_has_the_same_receipt_and_is_answered_again(ground: Ground) -> None:
    ground.judged.outcomes = [Outcome(2, None, "accepted")]
    for name in ("a.csv", "b.csv"):
        ground.put(name, table())
        ground.once()
    (submissions,) = ground.door.taken.values()
    assert len(submissions) == 2
    assert ground.there("out") == ["a.csv.hz.csv", "b.csv.hz.csv"]


def test_a_half_copied_file_is_left_alone_told_of_after_a_time_and_taken_when_it_is_whole(ground: Ground) -> None:
    whole = table()
    (ground.folder / "a.csv").write_bytes(whole[:100])
    (ground.folder / "b.csv").write_bytes(whole)
    (ground.folder / "a.csv.ok").write_text(f"rows=1\nsha256={hashlib.sha256(whole).hexdigest()}")
    for later in (0, process.PATIENCE - 5):
        ground.once(later)
        assert (ground.there(), ground.there("out")) == (["a.csv", "a.csv.ok", "b.csv"], [])
    ground.once(process.PATIENCE + 5)
    assert ground.there("out") == ["a.csv.txt", "b.csv.txt"]
    assert "摘要与结束标志不符" in ground.text("out", "a.csv.txt")
    assert "还没有结束标志" in ground.text("out", "b.csv.txt")
    ground.put("a.csv", whole)
    ground.once()
    assert (ground.there(), ground.there("out"), len(ground.door.taken)) == (["b.csv"], ["b.csv.txt"], 1)


@pytest.mark.parametrize(
    ("name", "content", "rows", "words"),
    [
        ("a.csv", table(), 7, "应有 7 行数据，文件里有 1 行"),
        ("a.csv", b"x,y\n1,2\n", 1, "没有接收"),
        ("a.xml", b"<r><a><b><c/></b></a></r>", 1, "里还有元素"),
        ("a.csv", table() + b"\xff\xfe\xff", 1, "编码"),
        ("a.csv", table() + b"\n\n" + REORDERED, 2, "有 2 张表"),
    ],
)
def test_a_file_that_cannot_be_taken_is_put_away_with_the_reason(ground: Ground, name: str, content: bytes, rows: int, words: str) -> None:
    ground.put(name, content, rows)
    ground.once()
    assert (ground.there(), ground.there("refused"), ground.door.taken) == ([], [name, f"{name}.txt"], {})
    assert words in ground.text("refused", f"{name}.txt")


def test_a_file_too_large_is_refused_without_being_read_to_its_end(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MAX_BYTES", 1 << 20)
    ground.put("a.csv", b"x" * ((1 << 20) + 1))
    ground.once()
    assert "超过 1 MB" in ground.text("refused", "a.csv.txt")


def test_a_busy_door_is_tried_again(ground: Ground) -> None:
    ground.put("a.csv", table())
    ground.door.refusal = Refusal("busy", "平台正忙")
    ground.once()
    assert ground.there() == ["a.csv", "a.csv.ok"]
    ground.door.refusal = None
    ground.once()
    assert ground.there() == []


def test_links_are_never_followed(ground: Ground, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(table())
    digest = hashlib.sha256(table()).hexdigest()
    (ground.folder / "a.csv").symlink_to(secret)
    (ground.folder / "a.csv.ok").write_text(f"rows=1\nsha256={digest}")
    (ground.folder / "b.csv").mkdir()
    (ground.folder / "b.csv.ok").write_text(f"rows=1\nsha256={digest}")
    ground.put("c.csv", table()).rename(ground.folder / "c2")
    (ground.folder / "c.csv.ok").unlink()
    os.mkfifo(ground.folder / "d.csv")
    (ground.folder / "d.csv.ok").write_text(f"rows=1\nsha256={digest}")
    ground.once()
    assert ground.door.taken == {}
    assert secret.read_bytes() == table()
    assert all("不接收" in ground.text("refused", f"{name}.csv.txt") for name in "abd")


def test_a_subfolder_that_is_a_link_stops_its_folder_and_no_other(ground: Ground, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (ground.folder / "out").symlink_to(elsewhere)
    ground.put("a.csv", b"x,y\n1,2\n")
    other = Ground.__new__(Ground)
    other.__dict__ |= ground.__dict__ | {"folder": ground.root / "zjj" / "xzxk"}
    other.folder.mkdir(parents=True)
    (ground.root / "swj" / "link").symlink_to(other.folder)
    other.put("b.csv", table())
    ground.once()
    assert list(elsewhere.iterdir()) == []
    assert ground.there() == ["a.csv", "a.csv.ok"]
    assert [each.source for (each,) in ground.door.taken.values()] == ["zjj/folder"]


def test_folders_of_no_department_or_item_are_left_alone(ground: Ground) -> None:
    (ground.root / "nobody" / "xzxk").mkdir(parents=True)
    (ground.root / "swj" / "nothing").mkdir()
    ground.once()
    assert list((ground.root / "nobody" / "xzxk").iterdir()) == []


def test_two_processes_do_not_share_a_folder(ground: Ground) -> None:
    with slots.alone(ground.root / ".guiji.lock", "another"), pytest.raises(slots.Occupied, match="guiji drop"):
        process.run(ground.drop, Event())


@pytest.mark.parametrize("step", range(1, 12))
def test_whatever_dies_at_any_step_the_file_is_handed_in_and_answered_once(ground: Ground, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    ground.judged.outcomes = [Outcome(2, None, "accepted")]
    ground.put("a.csv", table())
    left = [step]

    def dying(call: Any) -> Any:
        def called(*arguments: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            return call(*arguments, **named)

        return called

    with monkeypatch.context() as patch:
        for name in ("replace", "unlink", "open", "mkdir"):
            patch.setattr(f"producers.drop.box.os.{name}", dying(getattr(os, name)))
        with pytest.raises(KeyboardInterrupt):
            ground.thrice()
    ground.once()
    ground.once()
    assert len(ground.door.taken) == 1
    assert (ground.there(), ground.there("taken"), len(ground.there("done"))) in (([], [], 1), (["a.csv.ok"], [], 1))
    assert "a.csv.hz.csv" in ground.there("out")


@pytest.mark.servers
def test_files_reach_kafka_through_the_real_door_once(house: Any, tmp_path: Path) -> None:
    root = tmp_path / "drop"
    folder = root / "zjj" / house.item.code
    folder.mkdir(parents=True)
    content, judged = table(), Judged()
    with house.door() as door:
        drop = Drop(root, door, house.catalog, {"zjj": 1}, judged, house.settings.key_secret)
        for name in ("a.csv", "b.csv"):
            (folder / name).write_bytes(content)
            (folder / f"{name}.ok").write_text(f"rows=1\nsha256={hashlib.sha256(content).hexdigest()}")
            drop.once(time.time())
        (kept, again) = sorted(each.name for each in (folder / "taken").iterdir())
        number = kept.partition(".")[0]
        assert again == f"{number}.b.csv"
        assert door.settle(number, 30)
        judged.outcomes = [Outcome(2, None, "accepted")]
        drop.once(time.time())
    assert [(row["_source"], row["_way"], row["_line"]) for row in house.said()] == [("zjj/folder", "file", 2)]
    assert sorted(each.name for each in (folder / "out").iterdir()) == ["a.csv.hz.csv", "b.csv.hz.csv"]
