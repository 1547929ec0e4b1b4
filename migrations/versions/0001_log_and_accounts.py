"""The log and the accounts: entries, disclosures, erasures, postings, line events, tiles, checkpoints."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BYTES = sa.LargeBinary()
STRICT = {"sqlite_strict": True}
KEYED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def _integers(*names: str) -> list[Any]:
    return [sa.Column(name, INTEGER, nullable=False, autoincrement=False) for name in names]


def _texts(*names: str) -> list[Any]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _bytes(*names: str) -> list[Any]:
    return [sa.Column(name, BYTES, nullable=False) for name in names]


def upgrade() -> None:
    _create_log()
    _create_accounts()
    _create_proofs()


def _create_log() -> None:
    op.create_table(
        "entry",
        *_integers("seq"),
        *_texts("source", "source_id"),
        sa.Column("agreement", TEXT, nullable=True),
        *_texts("kind", "occurred_at"),
        *_integers("occurred_us", "recorded_us"),
        *_texts("asserter"),
        *_bytes("leaf", "leaf_hash"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "source_id", name="entry_key"),
        **STRICT,
    )
    op.create_index("entry_by_kind", "entry", ["kind", "seq"])
    op.create_index("entry_by_agreement", "entry", ["agreement", "seq"])
    op.create_table(
        "disclosure",
        *_integers("seq", "position"),
        *_texts("name", "readers"),
        *_bytes("salt", "opened"),
        sa.PrimaryKeyConstraint("seq", "position"),
        sa.ForeignKeyConstraint(["seq"], ["entry.seq"]),
        **KEYED,
    )
    op.create_table(
        "erasure",
        *_integers("seq", "position"),
        *_texts("name"),
        *_integers("by_seq"),
        *_texts("reason"),
        sa.PrimaryKeyConstraint("seq", "position"),
        sa.ForeignKeyConstraint(["seq"], ["entry.seq"]),
        sa.ForeignKeyConstraint(["by_seq"], ["entry.seq"]),
        **KEYED,
    )


def _create_accounts() -> None:
    op.create_table(
        "account",
        *_integers("id"),
        *_texts("owner", "agreement", "purpose", "currency"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "agreement", "purpose", "currency", name="account_key"),
        **STRICT,
    )
    op.create_table(
        "posting",
        *_integers("seq", "n", "account", "amount_minor"),
        *_texts("clause", "kind"),
        sa.PrimaryKeyConstraint("seq", "n"),
        sa.ForeignKeyConstraint(["seq"], ["entry.seq"]),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        **KEYED,
    )
    op.create_index("posting_by_account", "posting", ["account", "seq"])
    op.create_table(
        "line_event",
        *_integers("seq", "position"),
        *_texts("agreement", "order_id", "line_id", "event", "revision"),
        *_integers("occurred_us", "recorded_us"),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["seq"], ["entry.seq"]),
        **STRICT,
    )
    op.create_index("line_event_by_line", "line_event", ["agreement", "order_id", "line_id"])
    op.create_index("line_event_by_agreement", "line_event", ["agreement", "seq"])


def _create_proofs() -> None:
    op.create_table(
        "tile",
        *_integers("level", "idx"),
        *_bytes("hashes", "root"),
        sa.PrimaryKeyConstraint("level", "idx"),
        **KEYED,
    )
    op.create_table(
        "checkpoint",
        *_integers("size"),
        *_bytes("root"),
        *_texts("note"),
        sa.PrimaryKeyConstraint("size"),
        **STRICT,
    )
    op.create_table(
        "anchor",
        *_integers("size"),
        *_texts("chain_kind"),
        *_integers("chain_id"),
        *_texts("contract", "tx"),
        *_integers("block"),
        *_bytes("root"),
        *_integers("recorded_us"),
        sa.PrimaryKeyConstraint("size", "chain_kind", "chain_id", "contract"),
        **KEYED,
    )


def downgrade() -> None:
    raise RuntimeError("the log only moves forward; restore a backup instead")
