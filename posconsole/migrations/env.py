"""Run the migrations inside the transaction that the caller opened."""

from alembic import context

from posconsole.models import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
