"""The routes of reminders, for the test over every route, and a reminder that was given up."""

from sqlalchemy import select

from portal.accounts.roles import Role
from portal.reminders.tables import DUE, EMAIL, FAILED, Delivery, Reminder
from tests.portal.desk import Desk

DEPARTMENT, SEEING = {Role.OFFICER, Role.REVIEWER}, {Role.OFFICE, Role.CENTRE, Role.OPERATOR}
ROUTES: dict[tuple[str, str], set[Role] | str] = {
    **{("GET", f"/notices{path}"): DEPARTMENT for path in ("", "/export", "/settings")}, ("POST", "/notices/read"): DEPARTMENT, ("POST", "/notices/settings"): DEPARTMENT,
    ("GET", "/reminders"): SEEING, ("GET", "/reminders/export"): SEEING, ("POST", "/reminders/{delivery}/again"): SEEING,
}  # fmt: skip
FORMS = {"/notices/read": {"up_to": "1"}, "/notices/settings": {"email": "1"}}


def failed(desk: Desk, account_id: int) -> int:
    """Its number."""
    with desk.database.begin() as database:
        reminder = database.scalar(select(Reminder))
        if reminder is None:
            reminder = Reminder(kind=DUE, department="zjj", item="xzxk", way="", of="x", stage="1", words="催", due="", made_at=desk.clock())
            database.add(reminder)
            database.flush()
        delivery = Delivery(reminder_id=reminder.id, channel=EMAIL, account_id=account_id, state=FAILED, attempts=6, next_at=desk.clock(), trouble="550")
        database.add(delivery)
        database.flush()
        return delivery.id
