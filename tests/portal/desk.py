"""What tests of pages work with: the application, a clock that can be set, and browsers that keep their cookies and send the forms of the pages they saw."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any, Self, cast

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from infra.settings import Settings
from loaders.answer import Answer
from loaders.errors import Unavailable
from portal.accounts import passwords, sessions
from portal.accounts.roles import DEPARTMENTAL, Role
from portal.accounts.sessions import Origin
from portal.accounts.tables import Account
from portal.app import Parts, create
from portal.audit.journal import Entry
from portal.declared import Declared
from portal.frame import cookies
from portal.live.watch import Watch
from producers.declarations import Declaration
from producers.rate import Rate
from schemas import catalog as catalogue

BOTH = pytest.mark.parametrize("url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)], indirect=True)
PASSWORD = "correct horse battery"
PAGE = {"accept": "text/html"}
CATALOG = cache(catalogue.load)
KEPT = cache(lambda: passwords.hashed(PASSWORD))
_TOKEN = re.compile(r'name="_form" value="([0-9a-f]{64})"')


@dataclass
class Clock:
    """The application's time."""

    time: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.time


class Lobby:
    """What is declared, as the door has it before it is published and as the warehouse has it after."""

    def __init__(self) -> None:
        self.waiting: list[Declaration] = []
        self.loaded: list[Declaration] = []
        self.away = False

    def declare(self, said: Sequence[Declaration]) -> None:
        self.waiting += said

    def declared(self) -> list[Declaration]:
        return list(self.waiting)

    def load(self) -> None:
        """Everything that waits is published and loaded."""
        self.loaded, self.waiting = self.loaded + self.waiting, []

    def query(self, _sql: str, parameters: Mapping[str, Any]) -> Answer:
        if self.away:
            raise Unavailable("away")
        found = [each for each in self.loaded if each.kind in parameters["kinds"] and parameters["department"] in ("", each.department)]
        names = tuple(field.name for field in fields(Declaration))
        rows = [vars(each) | {"about": json.dumps(each.about), "item": each.item or ""} for each in found]
        return Answer(names, tuple([row[name] for row in rows] for name in names))


class Away:
    """A warehouse and a door that are not there."""

    trouble = None

    def query(self, *_: object, **__: object) -> None:
        raise Unavailable("away")

    def bounded(self, *_: object) -> None:
        raise Unavailable("away")

    def waiting(self) -> int:
        return 0


class Browser:
    """One person's browser. `page` is what it shows, as text a person reads."""

    def __init__(self, client: TestClient) -> None:
        self.client, self.page, self.token = client, "", ""

    def get(self, path: str) -> Any:
        return self._seen(self.client.get(path, headers=PAGE))

    def post(self, path: str, **fields: Any) -> Any:
        """Send a form, with the token of the last page that had one."""
        return self.send(path, {"_form": self.token, **fields})

    def upload(self, path: str, content: bytes, **fields: Any) -> Any:
        """Send a form with a file."""
        return self._seen(self.client.post(path, data={"_form": self.token, **fields}, files={"file": ("表.xlsx", content)}, headers=PAGE))

    def send(self, path: str, fields: Mapping[str, Any], **headers: str) -> Any:
        """Send exactly these fields."""
        return self._seen(self.client.post(path, data=fields, headers={**PAGE, **headers}))

    def follow(self, answer: Any) -> Any:
        """Where the answer leads."""
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"])

    def log_in(self, username: str, password: str = PASSWORD) -> Any:
        self.get("/login")
        return self.post("/login", username=username, password=password)

    def attach(self, path: str, files: Sequence[tuple[str, bytes]], **fields: Any) -> Any:
        """Send a form with files, with the token of the last page that had one."""
        sent = [("files", (name, content)) for name, content in files]
        return self._seen(self.client.post(path, data={"_form": self.token, **fields}, files=sent, headers=PAGE))

    def _seen(self, answer: Any) -> Any:
        self.page = html.unescape(answer.text) if "html" in answer.headers.get("content-type", "") else ""
        found = _TOKEN.search(answer.text) if self.page else None
        self.token = found[1] if found else self.token
        return answer


class Desk:
    """The application and its database. Log-ins are not slowed down, unless a test says so."""

    def __init__(self, settings: Settings, database: sessionmaker[Session]) -> None:
        settings.home.mkdir(parents=True, exist_ok=True)
        self.settings, self.database, self.clock, self._names = settings, database, Clock(), count()
        away: Any = Away()
        self.app = create(Parts(settings, CATALOG(), away, away, database, lambda: None), self.clock)
        self.lobby = Lobby()
        quick, warehouse = Rate(1e6, 1e6, lambda: 0.0), cast("Any", self.lobby)
        self.change(log_ins=quick, look_ups=quick, applications=quick, declared=Declared(self.lobby, warehouse), live=Watch(settings, life=0.0))
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def change(self, **what: Any) -> None:
        """Replace parts of the site."""
        self.app.state.site = replace(self.app.state.site, **what)

    def nobody(self) -> Browser:
        """A browser of somebody who is not logged in."""
        client = TestClient(self.app, base_url="http://127.0.0.1:8000", follow_redirects=False, raise_server_exceptions=False, client=("10.1.2.3", 5000))
        return Browser(self._open.enter_context(client))

    def account(self, role: Role, department: str = "", **more: Any) -> Account:
        """A new account with the password PASSWORD, in 住建委 where the role needs a department."""
        name = f"user{next(self._names)}"
        department = department or ("zjj" if role in DEPARTMENTAL else "")
        values = {"username": name, "name": f"张{name}", "must_change": False, "email": None, "disabled_at": None, "last_login_at": None, **more}
        made = Account(role=role, department=department, password=KEPT(), created_at=self.clock(), last_login_from="", **values)
        with self.database.begin() as database:
            database.add(made)
        return made

    def enter(self, account: Account) -> Browser:
        """A browser in which this account is logged in."""
        browser = self.nobody()
        with self.database.begin() as database:
            secret = sessions.start(database, database.get_one(Account, account.id), Origin("password", "10.1.2.3", "Test"), self.clock())
        browser.client.cookies.set(cookies.SESSION, secret, domain="127.0.0.1")
        browser.get("/account/password")
        return browser

    def person(self, role: Role, department: str = "") -> Browser:
        """A browser in which somebody of this role is logged in."""
        return self.enter(self.account(role, department))

    def audit(self) -> list[Entry]:
        """All lines of the audit, oldest first."""
        with self.database() as database:
            return list(database.scalars(select(Entry).order_by(Entry.id)))

    def audited(self) -> int:
        with self.database() as database:
            return database.scalar(select(func.count()).select_from(Entry)) or 0
