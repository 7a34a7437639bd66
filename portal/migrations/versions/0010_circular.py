"""Circulars (通报): what was frozen with the rows behind it, the steps of the procedure, what was issued. All of it append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

WORDS = "circulars are append-only"
POSTGRES = f"CREATE FUNCTION circular_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$"
KEYS = {  # by table what a row is known by: each of these alone
    "circular": ["id", "month kind turn"], "circular_block": ["circular_id department item of"], "circular_step": ["id", "circular_id number"],
    "circular_issue": ["circular_id", "year number"],
}  # fmt: skip


def upgrade() -> None:
    _tables()
    postgres = op.get_bind().dialect.name == "postgresql"
    for statement in [POSTGRES] if postgres else []:
        op.execute(sa.text(statement))
    for table, keys in KEYS.items():
        for statement in _postgres(table) if postgres else _sqlite(table, keys):
            op.execute(sa.text(statement))


def _tables() -> None:
    op.create_table(
        "circular",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("corrects_id", sa.Integer, sa.ForeignKey("circular.id")),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("frozen", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("month", "kind", "turn", name="uq_circular_turn"),
    )
    op.create_index("ix_circular_corrects_id", "circular", ["corrects_id"])
    op.create_table(
        "circular_block",
        sa.Column("circular_id", sa.Integer, sa.ForeignKey("circular.id"), primary_key=True),
        sa.Column("department", sa.String(32), primary_key=True),
        sa.Column("item", sa.String(64), primary_key=True),
        sa.Column("of", sa.String(16), primary_key=True),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "circular_step",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("circular_id", sa.Integer, sa.ForeignKey("circular.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("department", sa.String(32), nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("username", sa.String(32), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("circular_id", "number", name="uq_circular_step"),
    )
    op.create_index("ix_circular_step_circular_id", "circular_step", ["circular_id"])
    op.create_table(
        "circular_issue",
        sa.Column("circular_id", sa.Integer, sa.ForeignKey("circular.id"), primary_key=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("document", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("signer", sa.String(64), nullable=False),
        sa.Column("username", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("year", "number", name="uq_circular_number"),
    )


def _sqlite(table: str, keys: list[str]) -> list[str]:
    same = " OR ".join("(" + " AND ".join(f'"{name}" = NEW."{name}"' for name in key.split()) + ")" for key in keys)
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
        # REPLACE deletes without asking the trigger above.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
    ]


def _postgres(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION circular_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION circular_append_only()",
    ]


def downgrade() -> None:
    """There is no way back: it would delete what was issued."""
    raise NotImplementedError
