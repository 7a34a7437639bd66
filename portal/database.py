"""The portal's own small database: tokens, accounts, sessions, the audit. No published figure comes from it.

SQLite at `settings.portal_db`, or PostgreSQL (`postgresql+psycopg://…` in GUIJI_PORTAL_DATABASE); its tables
are made and changed by the Alembic migrations beside this module, which run at every start.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Engine, String, TypeDecorator, create_engine, event, func, select
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from producers.principal import SUBMIT

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 7_201_742  # PostgreSQL's advisory lock of those who migrate
CONNECTIONS = 50  # more than the server has threads, so that none waits for another's


class Moment(TypeDecorator[datetime]):
    """A point in time: UTC in the database, aware in Python."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    pass


class Token(Table):
    """A client's right to submit, or to look up, for one department (`scope`). Only the hash of the secret is kept; `items` is a comma
    list, empty for all of the department's.
    """

    __tablename__ = "token"

    prefix: Mapped[str] = mapped_column(String(12), primary_key=True)
    department: Mapped[str] = mapped_column(String(32), index=True)
    client: Mapped[str] = mapped_column(String(64))
    items: Mapped[str] = mapped_column(String(4000), default="")
    scope: Mapped[str] = mapped_column(String(16), default=SUBMIT)
    hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


def connect(url: str) -> sessionmaker[Session]:
    """Sessions on the database at `url` (SQLAlchemy's form), made and migrated to the newest form first."""
    engine = create_engine(url, hide_parameters=True, pool_size=5, max_overflow=CONNECTIONS - 5, pool_pre_ping=True)
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        Path(engine.url.database).touch(mode=0o600)
        event.listen(engine, "connect", _pragmas)
    migrate(engine)
    return sessionmaker(engine, expire_on_commit=False)


def migrate(engine: Engine) -> None:
    """Bring the tables up to the newest migration; a no-op when they are. One process at a time: SQLite's write lock, or PostgreSQL's advisory lock, is held throughout."""
    from alembic import command  # takes long to import, and most commands migrate nothing
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _pragmas(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}").close()
