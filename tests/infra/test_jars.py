"""Java artefacts: what is damaged is found and fetched again; what cannot be had is said."""

import tarfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Event

import pytest
from jgo.env import LockedDependency

from infra import jars


def locked(content: bytes) -> LockedDependency:
    return LockedDependency("org.example", "thing", "1.0", "jar", None, sha256(content).hexdigest())


class Registry:
    """Stands where jgo stands: writes what it is told to, a truncated file first if wanted."""

    def __init__(self, path: Path, *answers: bytes) -> None:
        self.path, self.answers = path, list(answers)

    def project(self, *_name: str) -> "Registry":
        return self

    def at_version(self, _version: str) -> "Registry":
        return self

    def artifact(self, *_kind: str) -> "Registry":
        return self

    def resolve(self) -> Path:
        if not self.answers:
            raise OSError("no answer")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(self.answers.pop(0))
        return self.path


def test_a_truncated_file_is_not_sound(tmp_path: Path) -> None:
    dependency = locked(b"whole")
    path = jars._path(tmp_path, dependency)
    path.parent.mkdir(parents=True)
    assert not jars._sound(path, dependency)
    path.write_bytes(b"who")
    assert not jars._sound(path, dependency)
    path.write_bytes(b"whole")
    assert jars._sound(path, dependency)


def test_a_damaged_file_is_fetched_once_more(tmp_path: Path) -> None:
    dependency = locked(b"whole")
    path = jars._path(tmp_path, dependency)
    jars._fetch(Registry(path, b"who", b"whole"), tmp_path, dependency)
    assert path.read_bytes() == b"whole"


def test_what_cannot_be_fetched_whole_is_named_with_what_to_do(tmp_path: Path) -> None:
    dependency = locked(b"whole")
    path = jars._path(tmp_path, dependency)
    with pytest.raises(jars.FetchFault, match=r"thing-1.0.jar could not be fetched whole .*run the same command again"):
        jars._fetch(Registry(path, b"who", b"bad"), tmp_path, dependency)


def test_the_locks_name_a_digest_for_everything_and_no_address() -> None:
    for path in jars.LOCKS.glob("*.lock.toml"):
        assert "://" not in path.read_text()
    assert all(dependency.sha256 for group in jars._locked().values() for dependency in group)


def test_one_fetches_while_another_waits_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    told, first_out = Event(), Event()

    def second() -> bool:
        with jars._one_at_a_time(tmp_path, lambda line: (said.append(line), told.set())):
            return first_out.is_set()

    with ThreadPoolExecutor(1) as pool:
        with jars._one_at_a_time(tmp_path, said.append):
            waiting = pool.submit(second)
            assert told.wait(10)
            first_out.set()
        assert waiting.result(10)
    assert said == ["Waiting for another guiji that is fetching into the same cache ..."]


def test_a_link_that_leads_nowhere_is_made_anew(tmp_path: Path) -> None:
    jar, left_out = tmp_path / "converter-2.jar", tmp_path / "kafka-clients-4.jar"
    for path in (jar, left_out):
        path.write_bytes(b"jar")
    folder = tmp_path / "plugin"
    folder.mkdir()
    (folder / jar.name).symlink_to(tmp_path / "moved away")
    jars._converter(folder, [jar, left_out])
    assert (folder / jar.name).read_bytes() == b"jar"
    assert sorted(path.name for path in folder.iterdir()) == ["converter-2.jar", "converter-service.jar"]


def test_a_half_unpacked_archive_is_unpacked_again(tmp_path: Path) -> None:
    source = tmp_path / "inside.txt"
    source.write_text("inside")
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(source, "inside.txt")
    target = tmp_path / "target"
    target.mkdir()
    (target / "half").write_text("half")
    jars._unpack(archive, target, "digest")
    assert sorted(path.name for path in target.iterdir()) == [".unpacked", "inside.txt"]
