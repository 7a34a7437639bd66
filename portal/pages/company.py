"""公开查询: a company by its code or name, what is published of it, and one record in full."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from portal.frame import listing
from portal.frame.access import anyone
from portal.frame.visit import Visit
from portal.public import query
from portal.public.query import Company
from schemas import normalize, reason
from schemas.identity import holds_personal_number

PATH = "/public"
SEARCHED = "统一社会信用代码、组织机构代码、注册号（现用和曾用）和企业名称（现用和曾用，全称或其中一部分）"

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def search(visit: Annotated[Visit, anyone()]) -> Response:
    """The front of the public query, or what was found for `q`. Who types a personal number is told that nobody is looked for by it, and the number is not shown again."""
    said = listing.asked(visit, ["q"]).get("q", "")
    personal = bool(said) and holds_personal_number((normalize.code(said) or "").upper())
    found = query.of(visit).find(said) if said and not personal else []
    told: dict[str, Any] = {"said": reason.public(said, "none"), "asked": bool(said), "personal": personal, "found": found, "searched": SEARCHED, "address": address}
    return visit.page("company.html", title="公共信用信息查询", **told)


@router.get(PATH + "/company")
def company(visit: Annotated[Visit, anyone()]) -> Response:
    """One company: `id` names a subject of a register, `said` a code or name that no register knows."""
    asked = listing.asked(visit, ["id", "said"])
    companies, sections = query.of(visit).company(asked.get("id", ""), asked.get("said", ""))
    total = sum(len(each) for each in sections.values())
    return visit.page("company_one.html", title=companies[0].name, crumbs=[(PATH, "公共信用信息查询")], companies=companies, sections=sections, total=total, asked=asked)


@router.get(PATH + "/records/{number}")
def record(number: str, visit: Annotated[Visit, anyone()]) -> Response:
    found = query.of(visit).record(number)
    return visit.page("record.html", title=found.item.title, crumbs=[(PATH, "公共信用信息查询")], record=found)


def address(found: Company) -> str:
    """The page of a company."""
    return f"{PATH}/company?{urlencode(found.address)}"
