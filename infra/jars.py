"""Java artefacts without Maven: resolved once into lock files (`python -m infra.jars`), fetched by their locks, verified at every start.

The locks name artefacts and SHA-256 digests, no address.
jgo does not enforce digests and takes a truncated file as good, so each file is checked here, and one that is wrong is deleted and fetched again.
"""

import fcntl
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from jgo.env import LockedDependency, LockFile
from jgo.maven import MavenContext

LOCKS = Path(__file__).parent / "locks"
DEBEZIUM = "3.5.0.Final"
CLASS_PATHS = {
    # Every coordinate also acts as a BOM: without the "!" the binding would pull kafka-clients down to 3.9.
    "kafka": ["org.apache.kafka:kafka_2.13:4.3.1", "org.apache.kafka:connect-runtime:4.3.1", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4!"],
    "converter": ["io.apicurio:apicurio-registry-utils-converter:2.6.13.Final"],
}
FILES = [
    *[("io.debezium", f"debezium-connector-{kind}", DEBEZIUM, "plugin", "tar.gz") for kind in ("postgres", "mysql", "mariadb")],
    ("io.apicurio", "apicurio-registry-app", "3.3.3", "all", "tar.gz"),
    ("org.webjars", "swagger-ui", "5.34.1", "", "jar"),
    ("org.webjars.npm", "htmx.org", "2.0.8", "", "jar"),
    ("org.webjars", "echarts", "5.5.0", "", "jar"),
]
# Connect brings these itself; twice on the plugin's path they clash.
NOT_IN_CONVERTER = ("connect-api", "connect-json", "kafka-clients", "slf4j-api", "lz4", "snappy", "zstd")
CONVERTER_SERVICE = ("META-INF/services/org.apache.kafka.connect.storage.Converter", "io.apicurio.registry.utils.converter.AvroConverter\n")
THREADS = 8

Report = Callable[[str], None]


class FetchFault(Exception):
    """An artefact could not be fetched whole; says which and what to do."""


@dataclass(frozen=True)
class Jars:
    """Where the Java side lies on this machine."""

    kafka: str  # class path
    registry: Path  # folder with quarkus-run.jar
    plugins: Path  # Connect's plugin.path
    swagger: Path  # the WebJar


def _path(repository: Path, dependency: LockedDependency) -> Path:
    folder = repository.joinpath(*dependency.groupId.split("."), dependency.artifactId, dependency.version)
    tail = f"-{dependency.classifier}" if dependency.classifier else ""
    return folder / f"{dependency.artifactId}-{dependency.version}{tail}.{dependency.packaging}"


def _sound(path: Path, dependency: LockedDependency) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        return file_digest(handle, "sha256").hexdigest() == dependency.sha256


def _fetch(context: MavenContext, repository: Path, dependency: LockedDependency) -> None:
    path = _path(repository, dependency)
    problem = "its digest differs from the lock"
    for _ in range(2):
        path.unlink(missing_ok=True)
        try:
            project = context.project(dependency.groupId, dependency.artifactId).at_version(dependency.version)
            project.artifact(dependency.classifier or "", dependency.packaging).resolve()
        except (OSError, RuntimeError, ValueError) as fault:
            problem = str(fault)
            continue
        if _sound(path, dependency):
            return
    raise FetchFault(f"{path.name} could not be fetched whole ({problem}). Is the package registry reachable and the disk not full? Then run the same command again.")


def _locked() -> dict[str, list[LockedDependency]]:
    return {path.name.split(".")[0]: LockFile.load(path).dependencies for path in sorted(LOCKS.glob("*.lock.toml"))}


def _lock_digest() -> str:
    return sha256(b"".join(path.read_bytes() for path in sorted(LOCKS.glob("*.lock.toml")))).hexdigest()[:12]


def fetch(cache: Path, report: Report) -> Jars:
    """Everything in the locks, verified, archives unpacked. `report` gets progress lines. Several checkouts may ask at once. Raises FetchFault."""
    repository = cache / "jars"
    repository.mkdir(parents=True, exist_ok=True)
    locked = _locked()
    wanted = {_path(repository, dependency): dependency for group in locked.values() for dependency in group}
    with _one_at_a_time(cache, report), ThreadPoolExecutor(THREADS) as pool:
        sound = pool.map(lambda pair: _sound(*pair), wanted.items())
        missing = [dependency for dependency, good in zip(wanted.values(), sound, strict=True) if not good]
        if missing:
            _fetch_all(pool, repository, missing, report)
        return _laid_out(cache, repository, locked)


@contextmanager
def _one_at_a_time(cache: Path, report: Report) -> Iterator[None]:
    with (cache / "fetch.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("Waiting for another guiji that is fetching into the same cache ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fetch_all(pool: ThreadPoolExecutor, repository: Path, missing: list[LockedDependency], report: Report) -> None:
    context = MavenContext(repo_cache=repository, timeout=120)
    report(f"Fetching {len(missing)} Java artefacts (about 400 MB in all, once) ...")
    waiting = [pool.submit(_fetch, context, repository, dependency) for dependency in missing]
    for number, done in enumerate(as_completed(waiting), start=1):
        done.result()
        if number % 10 == 0 or number == len(missing):
            report(f"Fetched {number} of {len(missing)} artefacts")


def _laid_out(cache: Path, repository: Path, locked: dict[str, list[LockedDependency]]) -> Jars:
    # A folder for these very locks: what another version left behind would be loaded beside ours.
    plugins = cache / f"plugins-{_lock_digest()}"
    for dependency in locked["files"]:
        if dependency.artifactId.startswith("debezium"):
            _unpack(_path(repository, dependency), plugins / f"{dependency.artifactId}-{dependency.version}", str(dependency.sha256))
    registry = next(dependency for dependency in locked["files"] if dependency.artifactId == "apicurio-registry-app")
    home = cache / f"apicurio-{registry.version}"
    _unpack(_path(repository, registry), home, str(registry.sha256))
    _converter(plugins / "apicurio-converter", [_path(repository, dependency) for dependency in locked["converter"]])
    kafka = ":".join(str(_path(repository, dependency)) for dependency in locked["kafka"])
    swagger = next(dependency for dependency in locked["files"] if dependency.artifactId == "swagger-ui")
    runner = next(home.rglob("quarkus-run.jar"))
    return Jars(kafka, runner.parent, plugins, _path(repository, swagger))


def _unpack(archive: Path, target: Path, digest: str) -> None:
    """Unpack beside and rename, so that a half-unpacked folder is never taken for a whole one."""
    stamp = target / ".unpacked"
    if stamp.is_file() and stamp.read_text() == digest:
        return
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    with tarfile.open(archive) as tar:
        tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Python before 3.11.4 has none; what is unpacked was compared with the lock
        tar.extractall(draft)
    (draft / ".unpacked").write_text(digest)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)


def _converter(folder: Path, jars: Iterable[Path]) -> None:
    """The Avro converter's plugin folder: links to its jars, and the service entry it lacks (with it Connect starts in 3 s instead of 20)."""
    folder.mkdir(parents=True, exist_ok=True)
    for jar in jars:
        link = folder / jar.name
        if not jar.name.startswith(NOT_IN_CONVERTER) and not link.exists():
            link.unlink(missing_ok=True)  # one that leads nowhere since the cache was moved
            link.symlink_to(jar)
    service = folder / "converter-service.jar"
    if not service.exists():
        with zipfile.ZipFile(service, "w") as archive:
            archive.writestr(*CONVERTER_SERVICE)


def resolve(cache: Path, report: Report) -> None:
    """Write the lock files anew (for whoever raises a version)."""
    repository = cache / "jars"
    repository.mkdir(parents=True, exist_ok=True)
    context = MavenContext(repo_cache=repository, timeout=120)
    for name, coordinates in CLASS_PATHS.items():
        inputs, rest = context.resolver.resolve([context.create_dependency(coordinate) for coordinate in coordinates])
        _save(name, [LockedDependency.from_dependency(found) for found in inputs + rest if found.scope != "test"])
        report(f"locked {name}")
    archives = []
    for group, artefact, version, classifier, packaging in FILES:
        path = context.project(group, artefact).at_version(version).artifact(classifier, packaging).resolve()
        with path.open("rb") as handle:
            archives.append(LockedDependency(group, artefact, version, packaging, classifier or None, file_digest(handle, "sha256").hexdigest()))
    _save("files", archives)


def _save(name: str, locked: list[LockedDependency]) -> None:
    LockFile(locked, environment_name=name).save(LOCKS / f"{name}.lock.toml")


if __name__ == "__main__":
    from infra.settings import get

    resolve(get().cache, print)
