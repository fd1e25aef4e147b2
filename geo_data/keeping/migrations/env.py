"""Alembic's entry: runs the steps on the connection it is handed, in that connection's transaction."""

from alembic import context

from geo_data.keeping.migrations import VERSION_TABLE
from geo_data.keeping.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
