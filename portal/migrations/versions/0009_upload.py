"""Uploaded files of 数据报送, from the upload to what became of their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String(32), nullable=False, unique=True),
        sa.Column("department", sa.String(32), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("trial", sa.Boolean, nullable=False),
        sa.Column("asserted", sa.Boolean, nullable=False),
        sa.Column("on_behalf", sa.Boolean, nullable=False),
        sa.Column("handed_at", sa.DateTime),
        sa.Column("maker", sa.String(64), nullable=False),
        sa.Column("username", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("decider", sa.String(64), nullable=False),
        sa.Column("decider_username", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("has_file", sa.Boolean, nullable=False),
        sa.Column("back", sa.String(8), nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("trouble", sa.String(400), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("ask_at", sa.DateTime, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_index("ix_upload_department", "upload", ["department"])
    op.create_index("ix_upload_work", "upload", ["state", "ask_at"])


def downgrade() -> None:
    op.drop_table("upload")
