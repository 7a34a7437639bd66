"""Real servers for the tests that need them: one stack a session, in a folder of its own, gone afterwards whatever happened."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from infra import stack as local
from infra.servers import SERVERS
from infra.settings import Settings

ALONE = "`make failures` runs it: it goes by the clock, or takes long, and wants the machine to itself"

# On a busy machine an example may take its time.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
# By itself structlog draws every local variable of a fault: minutes, where one of them is a catalogue.
structlog.configure(processors=[structlog.processors.add_log_level, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Beside other tests only what holds on a busy machine, too."""
    for item in items:
        if item.get_closest_marker("alone") and not os.environ.get("FAILURES"):
            item.add_marker(pytest.mark.skip(reason=ALONE))


class Stack:
    """The session's servers. The broker and the registry run from the first use on; `need` starts the others."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._running: set[str] = set()
        self.need("kafka", "registry")

    @property
    def settings(self) -> Settings:
        return Settings(_env_file=self.home / "env", home=self.home)

    def need(self, *names: str) -> Settings:
        """Have these servers running; skips the test, saying why, where one is not installed (fails in CI, which installs all)."""
        for name in names:
            absent = SERVERS[name].absent()
            if absent and os.environ.get("CI"):
                pytest.fail(absent)
            elif absent:
                pytest.skip(absent)
        if not set(names) <= self._running or "connect" in names:  # starts again when its secrets have changed
            local.up(Settings(home=self.home), tuple(names), report=lambda _line: None)
            self._running |= set(names)
        return self.settings

    def password(self, name: str) -> str:
        return self.settings.secrets()[name]

    def port(self, server: str) -> int:
        """The port of a database server."""
        line = next(line for line in (self.home / "env").read_text().splitlines() if line.startswith(f"GUIJI_{server.upper()}_PORT="))
        return int(line.split("=")[1])


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("guiji")
    try:
        yield Stack(home)
    finally:
        local.down(Settings(home=home), report=lambda _line: None)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test never touches the developer's own stack."""
    for name in [name for name in os.environ if name.startswith("GUIJI_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _logs_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command under test does not send the log of all that follow to its own standard error, which is closed then."""
    monkeypatch.setattr("infra.log.configure", lambda *_told, **_more: None)
