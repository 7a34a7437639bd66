"""A sheet that mends a rejected record bears that record's 回执行号, which may be longer than a sheet's own number."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("entry_sheet") as table:
        table.alter_column("ref", type_=sa.String(200), existing_type=sa.String(32), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("entry_sheet") as table:
        table.alter_column("ref", type_=sa.String(32), existing_type=sa.String(200), existing_nullable=False)
