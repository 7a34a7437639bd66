"""我的工作: the first page after the log-in."""

from typing import Annotated

from fastapi import APIRouter, Response

from portal.accounts.roles import DUTIES
from portal.accounts.tables import Account
from portal.frame.access import signed_in
from portal.frame.visit import Visit

router = APIRouter(include_in_schema=False)


@router.get("/work")
def work(visit: Annotated[Visit, signed_in()]) -> Response:
    who = visit.who
    account = visit.db.get_one(Account, who.account_id)
    return visit.page("work.html", title="我的工作", duty=DUTIES[who.role], items=visit.site.owed(who.department) if who.department else [], account=account)
