"""What postings reverse. A log from before this revision names nothing, so there is nothing to fill."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reversal",
        *(
            sa.Column(name, INTEGER, nullable=False, autoincrement=False)
            for name in ("seq", "n", "of_seq", "of_n")
        ),
        sa.PrimaryKeyConstraint("seq", "n"),
        sa.ForeignKeyConstraint(["seq", "n"], ["posting.seq", "posting.n"]),
        sa.ForeignKeyConstraint(["of_seq", "of_n"], ["posting.seq", "posting.n"]),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("reversal_by_reversed", "reversal", ["of_seq", "of_n"])


def downgrade() -> None:
    raise RuntimeError("the log only moves forward; restore a backup instead")
