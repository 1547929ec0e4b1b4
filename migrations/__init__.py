"""Alembic migrations, for SQLite and PostgreSQL alike, the append-only triggers included."""
