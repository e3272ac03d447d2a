"""A connection comes in, from `database.engine`; Alembic's steps run on it."""

from __future__ import annotations

from alembic import context

from signage.office.database.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
