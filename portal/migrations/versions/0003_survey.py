"""The survey's contacts, meetings and reply dates, append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SQLITE = [
    "CREATE TRIGGER survey_note_no_update BEFORE UPDATE ON survey_note BEGIN SELECT RAISE(ABORT, 'the survey is append-only'); END",
    "CREATE TRIGGER survey_note_no_delete BEFORE DELETE ON survey_note BEGIN SELECT RAISE(ABORT, 'the survey is append-only'); END",
]
POSTGRES = [
    """CREATE FUNCTION survey_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the survey is append-only'; END $$""",
    "CREATE TRIGGER survey_note_no_change BEFORE UPDATE OR DELETE ON survey_note FOR EACH ROW EXECUTE FUNCTION survey_append_only()",
    "CREATE TRIGGER survey_note_no_truncate BEFORE TRUNCATE ON survey_note FOR EACH STATEMENT EXECUTE FUNCTION survey_append_only()",
]


def upgrade() -> None:
    op.create_table(
        "survey_note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("kind", "subject", "version", name="uq_survey_note"),
    )
    for statement in POSTGRES if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """There is no way back: it would delete the survey's history."""
    raise NotImplementedError
