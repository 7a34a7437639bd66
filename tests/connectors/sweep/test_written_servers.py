"""Whether somebody's transaction that writes into a table is open: asked by the tapping role, of a real PostgreSQL."""

import psycopg
import pytest

from connectors import access
from connectors.ask_postgres import asking
from tests.connectors.conftest import Tapped, insert

pytestmark = pytest.mark.servers


def test_an_open_transaction_that_writes_is_seen_and_one_that_reads_is_not(postgres: Tapped) -> None:
    database, settings = postgres.source.database, postgres.settings
    where = access.of(database, settings.secrets())
    word = settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
    with psycopg.connect(host="127.0.0.1", port=int(database.port), user="postgres", password=word, dbname=database.name) as owner, asking(where) as asked:
        owner.execute("SELECT count(*) FROM permit")
        assert not asked.written("public.permit")
        owner.execute(insert(1))
        assert asked.written("permit")
        owner.rollback()
        assert not asked.written("permit")
        owner.execute("TRUNCATE permit")
        assert asked.written("permit")
        owner.rollback()
