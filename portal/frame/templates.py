"""The templates and what all of them may use: moments and numbers as people read them, the navigation, the form's token."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal import assets
from portal.accounts.roles import Role
from portal.frame import forgery

if TYPE_CHECKING:  # a visit renders itself
    from portal.frame.visit import Visit

FOLDER = Path(__file__).parents[1] / "templates"
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # what a browser's date input can show
PAGES = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
PAGES.tests["iso_day"] = lambda text: bool(ISO_DAY.fullmatch(text))
PAGES.globals |= {"FORM_FIELD": forgery.FIELD, "Role": Role}


def render(visit: "Visit", template: str, told: Mapping[str, Any]) -> str:
    """The whole page. `told` may have `title`, `crumbs` (address and title of the pages above)."""
    return PAGES.get_template(template).render({**_known(visit), **told})


def fragment(visit: "Visit", template: str, told: Mapping[str, Any]) -> str:
    """The template without the frame."""
    return PAGES.get_template(template).render({**_known(visit), **told})


def _known(visit: "Visit") -> dict[str, Any]:
    site = visit.site

    def moment(value: datetime | None) -> str:
        return value.astimezone(site.zone).strftime("%Y-%m-%d %H:%M") if value else "—"

    def day(value: datetime | None) -> str:
        return value.astimezone(site.zone).strftime("%Y-%m-%d") if value else "—"

    def department(code: str) -> str:
        found = site.departments.get(code)
        return found.name if found else code

    return {
        "person": visit.person, "path": visit.request.url.path, "form_token": visit.form_token, "navigation": _navigation(visit),
        "flash": visit.person.flash if visit.person else "", "moment": moment, "day": day, "department": department, "crumbs": (),
        "styles": assets.address(site.settings.cache, assets.STYLES), "htmx": assets.address(site.settings.cache, assets.HTMX),
    }  # fmt: skip


def _navigation(visit: "Visit") -> Sequence[tuple[str, str]]:
    entries = visit.request.app.state.navigation
    return [(path, title) for path, title, roles in entries if visit.person and not visit.person.must_change and visit.person.role in roles]
