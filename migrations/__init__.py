"""Alembic migrations of the ledger's database, for SQLite and PostgreSQL alike."""
