"""Holds: what entries say of them. A log from before this revision has none, so there is nothing to fill."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, INTEGER, nullable=False, autoincrement=False) for name in names]


def upgrade() -> None:
    texts = ("hold", "event", "owner", "agreement", "purpose", "currency")
    op.create_table(
        "hold_event",
        *_integers("seq"),
        *(sa.Column(name, TEXT, nullable=False) for name in texts),
        *_integers("amount_minor", "expires_us", "occurred_us", "recorded_us"),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["seq"], ["entry.seq"]),
        sqlite_strict=True,
    )
    op.create_index("hold_event_by_hold", "hold_event", ["hold", "event"])
    op.create_index("hold_event_by_account", "hold_event", ["owner", "agreement", "purpose", "currency"])


def downgrade() -> None:
    raise RuntimeError("the log only moves forward; restore a backup instead")
