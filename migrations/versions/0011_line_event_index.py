"""The index that leads to an order line holds the event: it alone says which sales were told twice."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("line_event_by_line", "line_event")
    op.create_index("line_event_by_line", "line_event", ["agreement", "order_id", "line_id", "event"])


def downgrade() -> None:
    raise RuntimeError("the log only moves forward; restore a backup instead")
