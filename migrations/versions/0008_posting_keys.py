"""Postings on PostgreSQL: their trigger checks entries and accounts by the statement, not by foreign keys."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in ("posting_seq_fkey", "posting_account_fkey"):
            op.execute(f"ALTER TABLE posting DROP CONSTRAINT IF EXISTS {name}")


def downgrade() -> None:
    raise RuntimeError("the log only moves forward; restore a backup instead")
