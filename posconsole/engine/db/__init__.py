"""The one place where transactions start, on SQLite and on PostgreSQL."""
