"""Sheets of 数据录入, and which departments have them reviewed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "entry_sheet",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String(32), nullable=False, unique=True),
        sa.Column("ref", sa.String(32), nullable=False),
        sa.Column("department", sa.String(32), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("operation", sa.String(16), nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("fixed", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("on_behalf", sa.Boolean, nullable=False),
        sa.Column("maker_id", sa.Integer, nullable=False),
        sa.Column("maker", sa.String(64), nullable=False),
        sa.Column("username", sa.String(32), nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("decider", sa.String(64), nullable=False),
        sa.Column("decided_at", sa.DateTime),
        sa.Column("why", sa.String(400), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("receipt", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_index("ix_entry_sheet_department", "entry_sheet", ["department"])
    op.create_index("ix_entry_sheet_receipt", "entry_sheet", ["receipt"])
    op.create_table(
        "entry_review",
        sa.Column("department", sa.String(32), primary_key=True),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("entry_review")
    op.drop_table("entry_sheet")
