"""Which sources of entries a member may write, and in the name of which party."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "written_source",
        sa.Column("member_id", sa.String(64), sa.ForeignKey("member.id"), primary_key=True),
        sa.Column("party_id", sa.String(128), primary_key=True),
        sa.Column("source", sa.String(128), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("written_source")
