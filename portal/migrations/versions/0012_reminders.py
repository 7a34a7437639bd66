"""Reminders: what was said of an obligation at which stage, to whom and by which channel, and by what everybody wants to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("department", sa.String(32), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("of", sa.String(64), nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("words", sa.String(400), nullable=False),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("kind", "department", "item", "way", "of", "stage", name="uq_reminder"),
    )
    op.create_table(
        "reminder_delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reminder_id", sa.Integer, sa.ForeignKey("reminder.id"), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.DateTime, nullable=False),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("read_at", sa.DateTime),
        sa.Column("trouble", sa.String(400), nullable=False),
        sa.UniqueConstraint("reminder_id", "channel", "account_id", name="uq_reminder_delivery"),
    )
    op.create_index("ix_reminder_delivery_work", "reminder_delivery", ["channel", "state", "next_at"])
    op.create_index("ix_reminder_delivery_account", "reminder_delivery", ["account_id", "channel"])
    op.create_table(
        "reminder_wish",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("email", sa.Boolean, nullable=False),
        sa.Column("webhook", sa.Boolean, nullable=False),
        sa.Column("muted_until", sa.String(10), nullable=False),
    )


def downgrade() -> None:
    for name in ("reminder_wish", "reminder_delivery", "reminder"):
        op.drop_table(name)
