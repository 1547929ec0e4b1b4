"""Countersignatures of checkpoints by witnesses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "cosignature",
        sa.Column("size", INTEGER, nullable=False, autoincrement=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("key_hash", TEXT, nullable=False),
        sa.Column("signed_s", INTEGER, nullable=False, autoincrement=False),
        sa.Column("line", TEXT, nullable=False),
        sa.Column("recorded_us", INTEGER, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("size", "name", "key_hash", "signed_s"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise RuntimeError("the log only moves forward; restore a backup instead")
