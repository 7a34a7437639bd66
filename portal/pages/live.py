"""实时归集: what came in the last minute, hour and day, from which source, and what became of it; it moves by itself. Figures people are judged by stand at 报送情况."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal import assets
from portal.accounts import sessions
from portal.accounts.roles import DEPARTMENTAL, Role
from portal.accounts.sessions import Person
from portal.entry.showing import WAYS
from portal.frame import listing, templates
from portal.frame.access import only
from portal.frame.visit import Visit
from portal.live import figures, stream

PATH, TITLE = "/live", "实时归集"
SEEING = (*sorted(DEPARTMENTAL), Role.OFFICE, Role.CENTRE, Role.OPERATOR)
SPANS = {"hour": "近 60 分钟，每分钟一格", "day": "近 24 小时，每小时一格", "month": "近 31 天，每天一格"}
ROUNDS, ROUND_SECONDS = 240, 15  # without scripts the page comes anew so often: an hour, then nobody is looking

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*SEEING, action="查看实时归集")]) -> Response:
    query, told = _query(visit), _told(visit, visit.who)
    text = visit.request.query_params.get("round", "0")
    seen = int(text) if text.isdecimal() and len(text) < 5 else 0
    address = "&".join(f"{name}={value}" for name, value in query.items())
    again = f"{PATH}?{address}&round={seen + 1}" if seen < ROUNDS else ""
    departments = [] if visit.who.department else [(code, each.name) for code, each in visit.site.departments.items()]
    more: dict[str, Any] = {"spans": list(SPANS.items()), "departments": departments, "query": query, "again": again, "seconds": ROUND_SECONDS, "stream": f"{PATH}/stream?{address}"}
    more["script"] = assets.address(visit.site.settings.cache, assets.LIVE)
    return visit.page("live.html", title=TITLE, shown=templates.fragment(visit, "live_figures.html", told), **more)


@router.get(PATH + "/stream")
def streamed(visit: Annotated[Visit, only(*SEEING, action="打开实时归集")]) -> Response:
    site, who = visit.site, visit.who
    site.live.room(who.account_id)

    def look() -> str | None:
        with site.database() as database:
            person = sessions.going_on(database, who.session_id, site.limits, site.now())
        if person is None or person.role not in SEEING or person.must_change:
            return None
        return templates.fragment(visit, "live_figures.html", _told(visit, person))

    return visit.stream(stream.events(site.live, who.account_id, look, visit.request.headers.get("last-event-id", "")))


def _query(visit: Visit) -> dict[str, str]:
    """What the address asks for, only as far as there is such a thing."""
    asked = listing.asked(visit, ("span", "department"))
    span = asked.get("span", "hour")
    found = {"span": span if span in SPANS else "hour"}
    if asked.get("department") in visit.site.departments and not visit.who.department:
        found["department"] = asked["department"]
    return found


def _told(visit: Visit, person: Person) -> dict[str, Any]:
    """What this person sees: a department its own sources only."""
    site, query = visit.site, _query(visit)
    mine = person.department or query.get("department", "")
    said, now = site.live.said(), site.now().astimezone(site.zone)
    found = figures.lines(said["sources"] if said else (), now, query["span"], lambda department: mine in ("", department))
    totals: Mapping[str, Mapping[str, int]] = {
        "上一分钟": figures.total(each.minute for each in found), "近 60 分钟": figures.total(each.hour for each in found), "近 24 小时": figures.total(each.day for each in found),
    }  # fmt: skip
    titles = {code: item.title for code, item in site.catalog.items()}
    return {"lines": found, "totals": totals, "answers": said is not None, "span": SPANS[query["span"]], "ways": WAYS, "titles": titles, "one": bool(person.department), "size": size}


def size(number: int) -> str:
    """Bytes as people read them."""
    for power, unit in ((3, "GB"), (2, "MB"), (1, "KB")):
        if number >= 1024**power:
            return f"{number / 1024**power:.1f} {unit}"
    return f"{number} B"
