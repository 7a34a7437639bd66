"""Alembic's entry: runs the migrations on the connection handed over by portal.database.migrate."""

from alembic import context

from portal.database import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
