"""A session that writes: the administrator's of the provided server, and the one that writes receipts. Of both kinds of database, rows as tuples, values as %s."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha1
from typing import Any

import psycopg
import pymysql
from pymysql.constants import ER

from connectors.access import PATIENCE, SECONDS, Access, Refused, Unasked

FAULTS = (psycopg.Error, pymysql.Error)


class Session:
    """Statements one by one, or several as one transaction (MariaDB ends it at each statement that makes or changes an object)."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def run(self, statement: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """One statement; its rows."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    def each(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """The same statement for many rows."""
        with self._connection.cursor() as cursor:
            cursor.executemany(statement, rows)

    def sealed(self, account: str, password: str) -> str:
        """The password as the server keeps it (SCRAM; MariaDB's native form): statements may stand in its log."""
        if isinstance(self._connection, psycopg.Connection):
            return self._connection.pgconn.encrypt_password(password.encode(), account.encode(), b"scram-sha-256").decode()
        return "*" + sha1(sha1(password.encode()).digest()).hexdigest().upper()

    @contextmanager
    def together(self) -> Iterator[None]:
        """All or nothing."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:  # Ctrl-C, too, leaves no half of it
            self._connection.rollback()
            raise
        self._connection.commit()


@contextmanager
def opened(access: Access, database: str | None = None) -> Iterator[Session]:
    """A session in ``database``, else in the one of ``access``; on MariaDB "" is none. Raises Refused and Unasked, also for what is asked inside."""
    name = access.name if database is None else database
    try:
        with _postgres(access, name) if access.kind == "postgres" else _mariadb(access, name) as connection:
            yield Session(connection)
    except psycopg.Error as fault:
        said = fault.diag.message_primary or " ".join(str(fault).split()) or type(fault).__name__
        raise (Refused if "authentication failed" in str(fault) else Unasked)(f"{access}: {said}") from fault
    except pymysql.Error as fault:
        refused = fault.args and fault.args[0] in (ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, ER.BAD_DB_ERROR)
        raise (Refused if refused else Unasked)(f"{access}: {fault.args[-1] if fault.args else fault}") from fault


def _postgres(access: Access, name: str) -> Any:
    options = f"-c statement_timeout={SECONDS}s -c lock_timeout=5s"
    return psycopg.connect(
        host=access.host, port=access.port, dbname=name, user=access.user, password=access.password,
        connect_timeout=PATIENCE, options=options, application_name="guiji", autocommit=True,
    )  # fmt: skip


def _mariadb(access: Access, name: str) -> Any:
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE  # encrypted, certificate not checked: as the connector does
    return pymysql.connect(
        host=access.host, port=access.port, database=name or None, user=access.user, password=access.password, charset="utf8mb4",
        connect_timeout=PATIENCE, read_timeout=2 * SECONDS, write_timeout=2 * SECONDS, autocommit=True, ssl=None if access.near else unchecked,
    )  # fmt: skip
