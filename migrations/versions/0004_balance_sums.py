"""Sums of accounts by block of the log, filled for the blocks that are full already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.database import session_of
from ledger.reading import tip
from ledger.sums import add_sums

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEYED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, INTEGER, nullable=False, autoincrement=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "balance_block",
        *_integers("account", "block", "first_us", "last_us", "total_minor"),
        sa.PrimaryKeyConstraint("account", "block"),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        **KEYED,
    )
    op.create_table(
        "balance_part",
        *_integers("account", "block", "from_us"),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", "block", "from_us"),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        **KEYED,
    )
    session = session_of(op.get_bind())
    add_sums(session, 0, tip(session)[0])


def downgrade() -> None:
    raise RuntimeError("the log only moves forward; restore a backup instead")
