"""Who may use a route: declared beside the route, checked here and nowhere else. A route without a declaration fails a test.

    @router.get("/people")
    def index(visit: Annotated[Visit, only(Role.OFFICE, Role.CENTRE, action="查看人员")]) -> Response: ...
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from portal import site as sites
from portal.accounts import sessions
from portal.accounts.roles import Role
from portal.frame import cookies, forgery, receiving
from portal.frame.receiving import Bound, Large
from portal.frame.visit import Visit
from producers.refusal import Refusal

EVERYBODY = frozenset(Role)
FORM_BYTES = 64 << 10
SAFE = {"GET", "HEAD"}
PASSWORD_PAGE = "/account/password"


class LogIn(Exception):
    """Nobody is logged in; the page is shown after the log-in."""


@dataclass(frozen=True)
class Declared:
    """A route that is no page of somebody's: `who` is `anyone` (nothing in it is anybody's), `token` or `machine` (the route checks that itself)."""

    who: str

    def __call__(self) -> None:
        """Nothing to check here."""


@dataclass(frozen=True)
class Files:
    """Files a form may bring: how many, and how many bytes each."""

    most: int = 0
    bytes_each: int = 0


@dataclass(frozen=True)
class Page:
    """A page. `roles`: who may use it, None for everybody, logged in or not. `action` is what the audit calls it. `while_forced`: open although the password must be changed first.
    `form_bytes`: how large its form may be; `files`: what it may bring besides text; `large`: files that are written to the disk as they arrive.
    """

    roles: frozenset[Role] | None
    action: str = ""
    while_forced: bool = False
    form_bytes: int = FORM_BYTES
    files: Files = Files()
    large: Large = receiving.NONE

    async def __call__(self, request: Request) -> Visit:
        """The visit. Raises LogIn, or Refusal `forbidden` or `too_big`."""
        visit = await run_in_threadpool(self._begin, request)
        request.state.visit = visit
        self._admit(visit)
        if request.method not in SAFE:
            large = self.large.most and visit.request.headers.get("content-type", "").startswith("multipart/")
            await (_large_form(visit, self.form_bytes, self.large) if large else _form(visit, self.form_bytes, self.files))
        return visit

    def _begin(self, request: Request) -> Visit:
        site = sites.of(request)
        secret = cookies.secret(request, site.settings, cookies.SESSION)
        person = None
        if secret:
            with site.database.begin() as database:
                person = sessions.person(database, secret, site.limits, site.now())
        if person is None:
            secret = cookies.secret(request, site.settings, cookies.VISITOR)
        return Visit(site, request, self.action, person, secret)

    def _admit(self, visit: Visit) -> None:
        if self.roles is None:
            return
        if visit.person is None:
            raise LogIn
        if visit.person.must_change and not self.while_forced:
            raise Refusal("change_password", "请先修改密码。")
        if visit.person.role not in self.roles:
            raise Refusal("forbidden", f"“{visit.person.role.label}”不能使用这个页面。", "如果工作需要，请与市信用办或归集中心联系，调整角色。")


async def _form(visit: Visit, form_bytes: int, files: Files) -> None:
    """Read the form (as many bytes and files as the page takes) and check that it is ours."""
    length = visit.request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > form_bytes + files.most * files.bytes_each:
        raise Refusal("too_big", "提交的内容过大。", "请减少内容后再提交。")
    try:
        form = await visit.request.form(max_files=files.most)
    except HTTPException as fault:
        raise Refusal("malformed", "提交的内容读不出来，或者文件太多。", "请减少文件后再提交。") from fault
    visit.form = {name: value for name, value in form.items() if isinstance(value, str)}
    visit.chosen = {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}
    # A browser sends a file without a name where none was chosen.
    visit.files = [(value.filename, await value.read()) for _, value in form.multi_items() if not isinstance(value, str) and value.filename]
    await form.close()
    _is_ours(visit, visit.form)


async def _large_form(visit: Visit, form_bytes: int, large: Large) -> None:
    """The same with files on the disk. The token stands before the files, so that a form of somebody else's leaves nothing."""
    settings = visit.site.settings
    bound = Bound(large, receiving.folder(settings.home), settings.free_disk_mb << 20, form_bytes)
    visit.chosen, visit.received = await receiving.receive(visit.request, bound, lambda fields: _is_ours(visit, fields))
    visit.form = {name: values[-1] for name, values in visit.chosen.items()}


def _is_ours(visit: Visit, form: Mapping[str, str]) -> None:
    token = visit.request.headers.get(forgery.HEADER) or form.get(forgery.FIELD, "")
    forgery.check(visit.request, visit.site.settings.portal_url, visit.secret, token)


def anyone() -> Any:
    """A page open to all; whoever is logged in is known."""
    return Depends(Page(None))


def entrance(action: str, files: Files = Files()) -> Any:
    """A page open to all that the audit notes: the log-in, an application."""
    return Depends(Page(None, action, files=files))


def signed_in(action: str = "", *, while_forced: bool = False) -> Any:
    """A page for everybody who is logged in."""
    return Depends(Page(EVERYBODY, action, while_forced))


def only(*roles: Role, action: str = "", form_bytes: int = FORM_BYTES, files: Files = Files(), large: Large = receiving.NONE) -> Any:
    """A page for people of these roles; files come along where it says how many and how large: few small ones in memory (`files`), or any on the disk (`large`)."""
    return Depends(Page(frozenset(roles), action, form_bytes=form_bytes, files=files, large=large))


OPEN, BY_TOKEN, BY_MACHINE = Depends(Declared("anyone")), Depends(Declared("token")), Depends(Declared("machine"))


@dataclass(frozen=True)
class Route:
    """A route as the application has it, with its declarations: exactly one, or it fails the test."""

    method: str
    path: str
    declared: Sequence[Page | Declared]


def routes(app: FastAPI) -> Iterator[Route]:
    """Every route of the application, however it was included; one for each method."""
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        found = [each.call for each in dependant.dependencies if isinstance(each.call, Page | Declared)] if dependant else []
        for method in sorted(getattr(context, "methods", None) or {"?"}):
            yield Route(method, str(context.path), found)
