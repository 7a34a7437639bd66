"""The portal's database on both servers, the application over it, without Kafka; a warehouse for those who ask for one; a browser."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session, sessionmaker

from infra import jars
from infra import stack as local
from infra.settings import Settings
from loaders import embedded
from loaders.sink import prepare
from portal import database as portal_database
from portal.accounts import passwords
from tests.loaders.records import Records
from tests.portal.desk import CATALOG, Desk

NUMBERS = count()
CHROMIUM = shutil.which("chromium")


@pytest.fixture(autouse=True, scope="session")
def _quick_hashes() -> Iterator[None]:
    """Hundreds of log-ins need not be slow; what is really used is looked at in accounts/test_passwords.py."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(passwords, "HASHER", quick)
        patch.setattr(passwords, "NOBODYS", quick.hash("x"))
        yield


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection]:
    """A PostgreSQL of its own, for databases to be made in."""
    settings = Settings(home=tmp_path_factory.mktemp("portal") / "home", free_disk_mb=1)
    try:
        local.up(settings, ("postgres",), lambda _line: None)
        word = settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
        port = local.port(settings, "postgres")
        with psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=word, dbname="postgres", autocommit=True) as connection:
            yield connection
    finally:
        local.down(settings, lambda _line: None)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database's address; SQLite unless the test asks for PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/portal.db"
    connection = request.getfixturevalue("postgres")
    name = f"portal_{next(NUMBERS)}"
    connection.execute(f"CREATE DATABASE {name}")
    about = connection.info
    return f"postgresql+psycopg://{about.user}:{about.password}@{about.host}:{about.port}/{name}"


@pytest.fixture
def portal(url: str) -> Iterator[sessionmaker[Session]]:
    """The database, migrated."""
    made = portal_database.connect(url)
    yield made
    made.kw["bind"].dispose()


@pytest.fixture
def desk(portal: sessionmaker[Session], tmp_path: Path) -> Iterator[Desk]:
    """The application over it."""
    with Desk(Settings(home=tmp_path / "home"), portal) as made:
        yield made


@pytest.fixture(scope="module")
def _house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    folder = tmp_path_factory.mktemp("house") / "clickhouse"
    warehouse = embedded.own(folder)
    prepare(warehouse, CATALOG())
    yield Records(warehouse, CATALOG())
    embedded.release(folder)


@pytest.fixture
def records(_house: Records, desk: Desk) -> Iterator[Records]:
    """The desk's warehouse, empty; records can be put into it."""
    desk.change(warehouse=_house.warehouse)
    yield _house
    _house.clear()


@pytest.fixture(scope="session")
def _scripts() -> None:
    """htmx and ECharts, which come with the servers' jars."""
    jars.fetch(Settings().cache, lambda _line: None)


@pytest.fixture(scope="module")
def chromium(_scripts: None) -> Iterator[Browser]:
    """A real browser, for one file of tests: while Playwright is there this thread has a running event loop, and who calls `asyncio.run` in it fails."""
    if CHROMIUM is None:
        reason = "chromium is not installed (Debian: apt-get install chromium fonts-noto-cjk)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(desk: Desk) -> Iterator[str]:
    """The application on a port; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        server = uvicorn.Server(uvicorn.Config(desk.app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()
