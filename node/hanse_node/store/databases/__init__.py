"""The databases themselves: SQLite, PostgreSQL, their schema."""
