"""政务查询: look-ups and the records they showed (append-only), authorisations, lists of companies, and what a token is for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KEPT = ("look_up", "look_up_record")
WORDS = "look-ups are append-only"
POSTGRES = f"CREATE FUNCTION look_up_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$"


def upgrade() -> None:
    _look_ups()
    _beside()
    op.add_column("token", sa.Column("scope", sa.String(16), nullable=False, server_default="submit"))
    postgres = op.get_bind().dialect.name == "postgresql"
    for statement in [POSTGRES] if postgres else []:
        op.execute(sa.text(statement))
    for table in KEPT:
        for statement in _postgres(table) if postgres else _sqlite(table):
            op.execute(sa.text(statement))


def _look_ups() -> None:
    op.create_table(
        "look_up",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("number", sa.String(24), nullable=False, unique=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("account_id", sa.Integer),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department", sa.String(32), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("list_id", sa.Integer),
        sa.Column("line", sa.Integer),
        sa.Column("matter", sa.String(400), nullable=False),
        sa.Column("case_number", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("asked", sa.String(400), nullable=False),
        sa.Column("authorised", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(400), nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.UniqueConstraint("list_id", "line", name="uq_look_up_line"),
    )
    for column in ("at", "account_id", "department"):
        op.create_index(f"ix_look_up_{column}", "look_up", [column])
    op.create_table(
        "look_up_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("look_up_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.ForeignKey("look_up.id"), nullable=False),
        sa.Column("department", sa.String(32), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("key", sa.String(4000), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    for column in ("look_up_id", "department"):
        op.create_index(f"ix_look_up_record_{column}", "look_up_record", [column])


def _beside() -> None:
    op.create_table(
        "authorisation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("look_up_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.ForeignKey("look_up.id"), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("stored", sa.String(64), nullable=False, unique=True),
    )
    op.create_index("ix_authorisation_look_up_id", "authorisation", ["look_up_id"])
    op.create_table(
        "company_list",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(24), nullable=False, unique=True),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("matter", sa.String(400), nullable=False),
        sa.Column("case_number", sa.String(128), nullable=False),
        sa.Column("companies", sa.Text, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("repeated", sa.Integer, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime),
    )
    op.create_index("ix_company_list_account_id", "company_list", ["account_id"])


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
        # REPLACE deletes without asking the trigger above.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
    ]


def _postgres(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION look_up_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION look_up_append_only()",
    ]


def downgrade() -> None:
    """There is no way back: it would delete who looked up what."""
    raise NotImplementedError
