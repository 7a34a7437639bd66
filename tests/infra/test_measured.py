"""Each process writes its metrics to a file of its own; together they are one page that Prometheus reads."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from infra import measured, metrics
from infra.settings import Settings
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def _from_the_beginning() -> None:
    metrics.forget()


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    return {(sample.name, *sorted(sample.labels.values())): sample.value for family in text_string_to_metric_families(text.decode()) for sample in family.samples}


def test_what_several_processes_wrote_is_one_page_with_every_name_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    folder = measured.folder(settings)
    folder.mkdir()
    metrics.TRANSACTIONS.add(3, "judge", "committed")
    measured.write(folder / "judge-0.prom")
    metrics.TRANSACTIONS.add(2, "judge", "committed")
    metrics.DISK_FREE.set(7)
    measured.write(folder / "judge-1.prom")
    text = measured.joined(settings)
    found = samples(text)
    assert found["guiji_transactions_total", "committed", "judge", "judge-0"] == 3
    assert found["guiji_transactions_total", "committed", "judge", "judge-1"] == 5
    assert found["guiji_disk_free_bytes", "judge-1"] == 7
    assert text.count(b"# TYPE guiji_transactions_total counter") == 1


def test_nothing_written_is_an_empty_page(tmp_path: Path) -> None:
    assert measured.joined(Settings(home=tmp_path)) == b""


def test_a_process_writes_while_it_lives_and_what_it_wrote_last_stays(tmp_path: Path) -> None:
    settings, asked = Settings(home=tmp_path), list[int]()
    path = measured.folder(settings) / "judge-0.prom"
    with measured.written(settings, "judge", [lambda: asked.append(1)]), measured.written(settings, "judge"):
        eventually(path.exists, 20)
        eventually((path.parent / "judge-1.prom").exists, 20)
        metrics.TRANSACTIONS.add(1, "judge", "committed")
    assert asked
    assert samples(measured.joined(settings))["guiji_transactions_total", "committed", "judge", "judge-0"] == 1
    assert sorted(each.name for each in path.parent.iterdir()) == ["judge-0.prom", "judge-1.prom"]


def test_what_cannot_be_asked_leaves_the_rest_as_it_is_and_says_so(tmp_path: Path) -> None:
    def away() -> None:
        raise OSError("away")

    with measured.written(Settings(home=tmp_path), "serve", [away, lambda: metrics.DISK_FREE.set(4)]):
        eventually((measured.folder(Settings(home=tmp_path)) / "serve-0.prom").exists, 20)
    found = samples(measured.joined(Settings(home=tmp_path)))
    assert (found["guiji_look_failed", "serve-0"], found["guiji_disk_free_bytes", "serve-0"]) == (1, 4)


def test_what_takes_long_is_asked_seldom() -> None:
    time, asked = [100.0], list[float]()

    def slow() -> None:
        asked.append(time[0])
        time[0] += 3

    look = measured.seldom(slow, lambda: time[0])
    look()
    for _ in range(70):
        time[0] += 1
        look()
    assert asked == [100.0, 160.0]
