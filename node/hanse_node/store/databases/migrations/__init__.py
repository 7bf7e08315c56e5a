"""The database's shape, step by step. Alembic runs them from inside the package; see `migrate`."""
