"""信用报告: what is published of a company today, to be printed, with a number and a QR code; and the page on which a number is verified."""

import hashlib
import json
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Response

from portal.frame import listing
from portal.frame.access import anyone, entrance
from portal.frame.visit import Visit
from portal.public import applications, query
from portal.public.tables import Report

PATH = "/public/reports"

router = APIRouter(include_in_schema=False)


@router.post(PATH)
def make(visit: Annotated[Visit, entrance("出具公开信用报告")]) -> Response:
    """The report is the answer, and kept nowhere: only its number, its counts and a digest of what it showed."""
    companies, sections = query.of(visit).company(visit.form.get("id", "")[:400], visit.form.get("said", "")[:300])
    now = visit.site.now()
    counts = {title: len(found) for title, found in sections.items()}
    shown = [[each.facts for each in companies], [[title, [(each.number, each.facts, each.disputed) for each in found]] for title, found in sections.items()]]
    digest = hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()
    report = Report(
        number=applications.number("BG", visit.site.today), company=companies[0].name[:256], code=companies[0].code[:64], made_at=now,
        counts=json.dumps(counts, ensure_ascii=False), digest=digest,
    )  # fmt: skip
    visit.db.add(report)
    visit.about(f"{report.number} {report.company}")
    address = f"{visit.site.settings.portal_url or str(visit.request.base_url).rstrip('/')}{PATH}/{report.number}"
    code = segno.make(address, error="m").svg_data_uri(scale=3, border=2)
    told: dict[str, Any] = {"report": report, "companies": companies, "sections": sections, "address": address, "code": code}
    return visit.page("report.html", title="公共信用信息报告", **told)


@router.get(PATH)
def ask(visit: Annotated[Visit, anyone()]) -> Response:
    """Where a number is typed in."""
    number = listing.asked(visit, ["number"]).get("number", "")
    if number.replace("-", "").isalnum() and number.isascii():
        return visit.go(f"{PATH}/{number}")
    return visit.page("verify.html", title="报告核验", crumbs=[("/public", "公共信用信息查询")], number="", report=None, counts={})


@router.get(PATH + "/{number}")
def verify(number: str, visit: Annotated[Visit, anyone()]) -> Response:
    query.of(visit)  # counted like any look-up
    report = visit.db.get(Report, number.strip().upper()[:24])
    counts = json.loads(report.counts) if report else {}
    return visit.page("verify.html", 200 if report else 404, title="报告核验", crumbs=[("/public", "公共信用信息查询")], number=number[:24], report=report, counts=counts)
