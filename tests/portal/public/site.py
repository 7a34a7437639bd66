"""An application as the office has taken it up."""

from sqlalchemy.orm import Session

from portal.public import applications, attachments
from portal.public.applications import Draft
from portal.public.record import Record
from portal.public.tables import Application
from tests.portal.desk import CATALOG, Desk


def application(desk: Desk, database: Session, name: str) -> Application:
    """For 住建委, of a company and an applicant of this name, with an attachment of the same number, as both tables are filled together here."""
    about = Record(CATALOG()["xzxk"], "k", "xzxk-0-1", "zjj", None, name, person=False, what="", facts=(), until=None)
    proof = ("a.pdf", b"%PDF-1")
    draft = Draft("repair", name, "受托人", "0531-66608888", "已经缴清罚款并整改完毕。", [proof])
    with attachments.kept(desk.settings.home, [proof]) as stored:
        made = applications.file(database, about, draft, stored, desk.clock(), desk.clock().date())
    applications.accept(made, "", "李娜", desk.clock(), yes=True)
    return made
