"""Alembic's entry: runs the migrations on the connection it is handed."""

from alembic import context

import mailer.models  # noqa: F401  # both imports fill the metadata
from contacts.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
