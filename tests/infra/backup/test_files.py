"""Which files of a home go into a backup, whole and readable by their owner only."""

import sqlite3
from contextlib import closing
from pathlib import Path

from infra.backup import files
from infra.settings import Settings


def home(folder: Path) -> Settings:
    settings = Settings(home=folder / "home")
    for name in ("spool/1-b-1.avro", "spool/locks/order", "spool/half.tmp", "spool/declared/2-c-1.avro", "attachments/ab", "state/map.json", "state/xzxk-0/CURRENT", "state/xzxk-0/1.sst",
                 "secrets.env", "serve.token", "logs/serve.log", "clickhouse/x"):  # fmt: skip
        (settings.home / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.home / name).write_text(name)
    assert settings.key_secret
    for name in ("portal.db", "mappings.db", "spool/journal.db"):
        with closing(sqlite3.connect(settings.home / name)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE t (x)")
            database.execute("INSERT INTO t VALUES (1)")
            database.commit()
    return settings


def test_what_cannot_be_made_again_is_in_it_and_passwords_are_not(tmp_path: Path) -> None:
    saved = files.save(home(tmp_path), tmp_path / "backup")
    assert sorted(saved) == ["attachments/ab", "mappings.db", "portal.db", "secret", "spool/1-b-1.avro", "spool/declared/2-c-1.avro", "state/map.json"]
    everything = {str(path.relative_to(tmp_path / "backup" / "home")) for path in (tmp_path / "backup").rglob("*") if path.is_file()}
    assert everything == set(saved)


def test_a_database_that_is_being_written_is_copied_whole(tmp_path: Path) -> None:
    settings = home(tmp_path)
    with closing(sqlite3.connect(settings.home / "portal.db")) as writer:
        writer.execute("INSERT INTO t VALUES (2)")
        writer.commit()  # in the write-ahead log only
        writer.execute("INSERT INTO t VALUES (3)")  # not committed
        files.save(settings, tmp_path / "backup")
    files.restore(tmp_path / "backup", tmp_path / "new")
    with closing(sqlite3.connect(tmp_path / "new" / "portal.db")) as database:
        assert database.execute("SELECT x FROM t").fetchall() == [(1,), (2,)]


def test_nobody_else_can_read_the_key_of_personal_parts(tmp_path: Path) -> None:
    settings = home(tmp_path)
    files.save(settings, tmp_path / "backup")
    files.restore(tmp_path / "backup", tmp_path / "new")
    for folder in (tmp_path / "backup" / "home", tmp_path / "new"):
        assert (folder / "secret").read_bytes() == settings.key_secret
        assert (folder / "secret").stat().st_mode & 0o077 == 0
