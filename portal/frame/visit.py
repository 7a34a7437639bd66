"""One request of a page: who asks, what was sent, and the ways to answer: a page, the next page, a file, a fragment, or a stream of events.

Each of them writes the audit line and commits what the page did, in one transaction, before anything is answered. A page that raises has done nothing; the refusal is written to the audit.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, StreamingResponse
from sqlalchemy.orm import Session

from portal.accounts import sessions
from portal.accounts.sessions import Person
from portal.audit import journal
from portal.audit.journal import Deed
from portal.declared import Saying
from portal.frame import cookies, templates
from portal.frame.receiving import Received
from portal.site import Site
from producers.refusal import Refusal


class Visit:
    """`person` is None for whoever is not logged in. `action` is what the audit calls this, empty for what it does not note."""

    def __init__(self, site: Site, request: Request, action: str, person: Person | None, secret: str) -> None:
        self.site, self.request, self.action, self.person = site, request, action, person
        self.form: Mapping[str, str] = {}
        self.chosen: Mapping[str, Sequence[str]] = {}
        self.files: Sequence[tuple[str, bytes]] = ()
        self.received: Sequence[Received] = ()
        self.secret = secret or cookies.new_secret()
        self._new_visitor, self._has_form = not secret, False
        self._subject, self._about = "", ""
        self._declared: list[Saying] = []
        self._after: list[Callable[[Response], None]] = []

    @cached_property
    def db(self) -> Session:
        """The page's one transaction."""
        return self.site.database()

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def who(self) -> Person:
        """The person, where the route is for people who are logged in."""
        if self.person is None:
            raise RuntimeError(f"{self.request.url.path} is open to all and asks who it is")
        return self.person

    def form_token(self) -> str:
        """What a form on the page must carry; a visitor without a cookie gets one with the answer."""
        self._has_form = True
        return sessions.form_token(self.secret)

    def about(self, subject: str, department: str = "") -> None:
        """For the audit: what this is done to, and whose business that is."""
        self._subject, self._about = subject, department

    def declare(self, *said: Saying) -> None:
        """To be declared when the page answers: after its audit line is accepted, before the transaction ends."""
        self._declared += said

    def belongs(self, department: str, what: str) -> None:
        """For people of a department: raises Refusal `not_found` unless it is their own."""
        if self.who.department and self.who.department != department:
            raise Refusal("not_found", f"没有{what}。", "请从列表中打开；只能查看本部门的。")

    def page(self, template: str, status: int = 200, **told: Any) -> Response:
        """A page. A status from 400 on undoes what the page did, and the audit says that it came to nothing."""
        text = templates.render(self, template, told)
        if self.person is not None and self.person.flash:
            sessions.say(self.db, self.person.session_id, "")
        return self._answer(HTMLResponse(text, status))

    def fragment(self, template: str, **told: Any) -> Response:
        """A part of a page, for htmx."""
        return self._answer(HTMLResponse(templates.fragment(self, template, told)))

    def go(self, path: str, said: str = "") -> Response:
        """On to another page of ours, which tells `said` once."""
        if said:
            sessions.say(self.db, self.who.session_id, said)
        return self._answer(RedirectResponse(path, 303))

    def file(self, content: bytes, media: str, name: str) -> Response:
        """A file to save; `name` is ASCII."""
        return self._answer(Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}))

    def stored(self, path: Path, media: str, name: str) -> Response:
        """A file on the disk to save, of any size; `name` is what people call it."""
        return self._answer(FileResponse(path, media_type=media, filename=name))

    def stream(self, events: AsyncIterator[str]) -> Response:
        """Server-sent events, for as long as they last. Nothing of this visit's transaction is open meanwhile."""
        return self._answer(StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}))

    def entered(self, person: Person, secret: str) -> None:
        """Somebody logged in (again): the answer carries the new session's cookie and drops the visitor's."""
        self.person, self.secret, self._new_visitor = person, secret, False
        self._after += [
            lambda response: cookies.put(response, self.site.settings, cookies.SESSION, secret),
            lambda response: cookies.drop(response, self.site.settings, cookies.VISITOR),
        ]

    def left(self) -> None:
        """Logged out: the answer drops the cookie."""
        self._after.append(lambda response: cookies.drop(response, self.site.settings, cookies.SESSION))

    def release(self) -> None:
        """Undo what was begun: the connection goes back, files that arrived and were not kept go away. May be called from the event loop."""
        if "db" in self.__dict__:
            self.db.close()
        for each in self.received:
            each.discard()

    def record(self, outcome: str) -> None:
        """An audit line of its own for what came to nothing."""
        if self.action:
            with self.site.database.begin() as database:
                journal.record(database, self._deed(outcome), self.person, self.site.now())

    def _answer(self, response: Response) -> Response:
        if response.status_code < 400:
            if self.action:
                journal.record(self.db, self._deed(journal.DONE), self.person, self.site.now())
            if self._declared:
                self.db.flush()
                self.site.declared.declare(self._declared, self.who.username, self.site.now())
            if "db" in self.__dict__:
                self.db.commit()
        self.release()
        if response.status_code >= 400:
            self.record(journal.FAILED)
        if self._new_visitor and self._has_form:
            cookies.put(response, self.site.settings, cookies.VISITOR, self.secret)
        for change in self._after:
            change(response)
        return response

    def _deed(self, outcome: str) -> Deed:
        return Deed(self.action, self._subject, self._about, self.address, outcome)
