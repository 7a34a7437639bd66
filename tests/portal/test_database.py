"""The portal's database: migrations make what the models say, on SQLite and PostgreSQL, also when two processes start at once."""

from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.orm import Session, sessionmaker

from portal import database
from portal.accounts import tables as accounts
from portal.analysis import saved
from portal.audit import journal
from portal.circular import tables as circulars
from portal.entry import sheets
from portal.government import tables as government
from portal.public import tables as public
from portal.reminders import tables as reminders
from portal.survey import tables as survey
from portal.upload import uploads
from tests.portal.desk import BOTH

MODELS = {
    database.Token, accounts.Account, accounts.LoginSession, accounts.FailedLogin, journal.Entry, survey.Note, sheets.Sheet, sheets.Reviewed,
    public.Application, public.Attachment, public.Report, government.LookUp, government.ShownRecord, government.Authorisation, government.CompanyList,
    uploads.Upload, reminders.Reminder, reminders.Delivery, reminders.Wish, circulars.Circular, circulars.Block, circulars.Step, circulars.Issue, saved.Saved,
}  # fmt: skip


@BOTH
def test_the_migrations_make_what_the_models_say(portal: sessionmaker[Session]) -> None:
    with portal.kw["bind"].connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, database.Table.metadata) == []
        tables = set(inspect(connection).get_table_names())
    assert tables == {model.__tablename__ for model in MODELS} | {"alembic_version"}


@BOTH
def test_two_that_start_at_once_migrate_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: database.connect(url), range(4)))
    for each in made:
        with each() as session:
            assert session.query(accounts.Account).count() == 0
        each.kw["bind"].dispose()
