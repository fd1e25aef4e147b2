"""Where the rows are kept: one SQL for SQLite and PostgreSQL."""
