"""The web application of the serving process: the interface, the pages, health, and the loopback query interface."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session, sessionmaker

from infra.settings import Settings
from loaders import internal
from loaders.warehouse import Warehouse
from portal import site as sites
from portal import tokens
from portal.background import Background
from portal.declared import Declared
from portal.frame import access, errors, headers
from portal.government import api as government_api
from portal.health import Health
from portal.live.watch import Watch
from portal.nils import Ledger
from portal.outcomes import Told
from portal.own import Standing
from portal.pages import (
    analysis,
    applications,
    audit,
    boards,
    boards_records,
    circular,
    circular_one,
    circular_papers,
    circular_steps,
    company,
    documents,
    entry,
    entry_form,
    entry_records,
    entry_sheet,
    front,
    government,
    government_lists,
    government_log,
    interface,
    lists,
    live,
    login,
    notices,
    objections,
    oidc,
    password,
    people,
    probes,
    reminders,
    reports,
    sessions,
    static,
    status,
    status_outages,
    survey,
    survey_annexes,
    survey_items,
    survey_office,
    upload,
    upload_file,
    upload_headers,
    upload_undo,
    work,
    work_arrivals,
    work_echoes,
    work_nil,
    work_owed,
    work_quantities,
    work_records,
    work_rejects,
)
from portal.reminders.channels import INBOX
from portal.site import Site
from portal.trials import Trials
from producers import api_errors
from producers.api import api
from producers.door import Door
from producers.interface import Interface
from producers.principal import Principal
from producers.rate import Rate
from producers.soap.face import described, soap
from schemas import departments
from schemas.catalog import Catalog

# Every page has its module in portal/pages, its template in portal/templates and its test in tests/portal/pages, all of one name.
PAGES = (
    login, oidc, password, sessions, work, work_owed, work_nil, work_quantities, work_arrivals, work_rejects, work_echoes, work_records,
    upload, upload_headers, upload_undo, upload_file, entry, entry_records, entry_form, entry_sheet,
    survey_annexes, survey_items, survey_office, survey, status_outages, status, circular, circular_steps, circular_papers, circular_one, boards, boards_records, analysis,
    notices, reminders, live,
    people, interface, audit, documents, static, company, lists, reports, applications, objections,
    government_lists, government_log, government,
)  # fmt: skip
NAVIGATION = (
    ("/my-work", "我的工作"), (INBOX, notices.TITLE), (upload.PATH, "数据报送"), (entry.PATH, "数据录入"), (survey.PATH, "摸底"), (status.PATH, "报送情况"), (circular.PATH, "通报"),
    (boards.PATH, "看板"), (live.PATH, live.TITLE), (analysis.PATH, "分析台"), (reminders.PATH, reminders.TITLE), (interface.PATH, "数据接口"), (objections.PATH, "异议与修复"),
    (government.PATH, "政务查询"), (government_log.ABOUT, "谁在查询"),
    (people.PATH, "人员"), (audit.PATH, "操作记录"),
)  # fmt: skip
# What one address may ask for: on the long run each second, and at once.
LOG_INS, LOOK_UPS, APPLICATIONS = (0.5, 20), (1, 60), (1 / 600, 5)


@dataclass(frozen=True)
class Parts:
    """What the application stands on; all of it running, none of it owned."""

    settings: Settings
    catalog: Catalog
    door: Door
    warehouse: Warehouse
    database: sessionmaker[Session]
    sink: Callable[[], str | None]


def create(parts: Parts, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> FastAPI:
    """The application. Every error it answers is a Chinese page, or the interface's one Chinese form; nothing on its pages comes from elsewhere."""
    app = FastAPI(
        title="归集数据接口",
        version="1",
        description="各部门的业务系统由此报送公共信用信息，并查询每条记录的处理结果。",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.site = _site(parts, now)
    api_errors.install(app)
    errors.install(app)
    _routes(app, parts)
    app.state.navigation = _navigation(app)
    app.middleware("http")(_guarded)
    return app


def _site(parts: Parts, now: Callable[[], datetime]) -> Site:
    known = departments.load()
    log_ins, look_ups, applied = (Rate(per_second, burst, time.monotonic) for per_second, burst in (LOG_INS, LOOK_UPS, APPLICATIONS))
    owed, declared = departments.assignments(known, parts.catalog), Declared(parts.door, parts.warehouse)
    return Site(parts.settings, parts.catalog, known, owed, parts.database, now, log_ins, look_ups, applied, parts.door, parts.warehouse, declared, Background(), Watch(parts.settings))


def _routes(app: FastAPI, parts: Parts) -> None:
    health = Health(parts.settings, parts.door, parts.warehouse, parts.sink)
    outcomes, own = Told(parts.warehouse, parts.catalog), Standing(parts.warehouse, parts.catalog)
    systems = Interface(parts.door, parts.catalog, partial(_caller, parts.database), outcomes, own)
    app.include_router(api(systems, Ledger(lambda: app.state.site), Trials(lambda: app.state.site)), dependencies=[access.BY_TOKEN])
    app.include_router(soap(systems), dependencies=[access.BY_TOKEN])
    app.include_router(described(parts.settings.portal_url), dependencies=[access.OPEN])
    app.include_router(internal.router(parts.warehouse, parts.settings.serve_token), dependencies=[access.BY_MACHINE])
    app.include_router(probes.router(health))
    app.include_router(probes.metrics(parts.settings), dependencies=[access.BY_MACHINE])
    app.include_router(front.router(health, parts.warehouse))
    app.include_router(government_api.router)
    for page in PAGES:
        app.include_router(page.router)


def _navigation(app: FastAPI) -> list[tuple[str, str, frozenset[Any]]]:
    """Where each role can go, by what the routes themselves declare."""
    roles = {route.path: each.roles or frozenset() for route in access.routes(app) if route.method == "GET" for each in route.declared if isinstance(each, access.Page)}
    return [(path, title, roles[path]) for path, title in NAVIGATION]


def _caller(database: sessionmaker[Session], text: str) -> Principal | None:
    return tokens.authenticate(database, text, datetime.now(UTC))


async def _guarded(request: Request, call: Callable[[Request], Any]) -> Response:
    response: Response = await call(request)
    headers.secure(response, sites.of(request).settings, request.url.path)
    return response
