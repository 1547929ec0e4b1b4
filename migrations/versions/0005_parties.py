"""Completeness for one party: the parties' salts, and their trees as checkpoints sign them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BYTES = sa.LargeBinary()


def upgrade() -> None:
    op.create_table(
        "party_salt",
        sa.Column("party", TEXT, nullable=False),
        sa.Column("salt", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("party"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "party_tree",
        sa.Column("size", INTEGER, nullable=False, autoincrement=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("entries", INTEGER, nullable=False, autoincrement=False),
        sa.Column("peaks", BYTES, nullable=False),
        sa.Column("seqs", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("size", "party"),
        sa.ForeignKeyConstraint(["party"], ["party_salt.party"]),
        sqlite_strict=True,
    )
    op.create_index("party_tree_by_party", "party_tree", ["party", "size"])


def downgrade() -> None:
    raise RuntimeError("the log only moves forward; restore a backup instead")
