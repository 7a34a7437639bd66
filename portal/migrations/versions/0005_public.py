"""Applications for objection and repair, their attachments, and the reports handed out."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(24), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("key", sa.String(4000), nullable=False),
        sa.Column("record", sa.String(100), nullable=False),
        sa.Column("department", sa.String(32), nullable=False),
        sa.Column("company", sa.String(256), nullable=False),
        sa.Column("title", sa.String(400), nullable=False),
        sa.Column("applicant", sa.String(64), nullable=False),
        sa.Column("capacity", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("statement", sa.String(2000), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("filed_at", sa.DateTime, nullable=False),
        sa.Column("accepted_at", sa.DateTime),
        sa.Column("opinion", sa.String(2000), nullable=False),
        sa.Column("opinion_by", sa.String(64), nullable=False),
        sa.Column("opinion_at", sa.DateTime),
        sa.Column("granted", sa.Boolean),
        sa.Column("decision", sa.String(2000), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=False),
        sa.Column("decided_at", sa.DateTime),
    )
    for column in ("item", "department", "state"):
        op.create_index(f"ix_application_{column}", "application", [column])
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("application_id", sa.Integer, sa.ForeignKey("application.id"), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("stored", sa.String(64), nullable=False, unique=True),
    )
    op.create_index("ix_attachment_application_id", "attachment", ["application_id"])
    op.create_table(
        "report",
        sa.Column("number", sa.String(24), primary_key=True),
        sa.Column("company", sa.String(256), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("counts", sa.String(2000), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    for table in ("report", "attachment", "application"):
        op.drop_table(table)
