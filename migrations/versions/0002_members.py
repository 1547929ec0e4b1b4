"""Members of parties, their roles, and their sign-ins in the browser."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("lookup", sa.String(16), nullable=False, unique=True),
        sa.Column("code_sha256", sa.String(64), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_us", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "membership",
        sa.Column("member_id", sa.String(64), sa.ForeignKey("member.id"), primary_key=True),
        sa.Column("party_id", sa.String(128), primary_key=True),
        sa.Column("role", sa.String(16), primary_key=True),
    )
    op.create_table(
        "member_session",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("member_id", sa.String(64), sa.ForeignKey("member.id"), nullable=False, index=True),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("member_session")
    op.drop_table("membership")
    op.drop_table("member")
