"""Alembic's entry: runs the versions over the connection that store/migrate.py hands it."""

from alembic import context

from hongyan.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
