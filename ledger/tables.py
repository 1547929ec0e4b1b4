"""The tables of the log and the accounts, the same for SQLite and PostgreSQL.

They serve migrations, schema checks and typed reads. Rows are written by bulk statements (database.py), and
a table model never leaves `ledger/`. Which of them are append-only is said in triggers.py.

Integers are 64 bits (money too), times are microseconds since 1970 UTC, text sorts by code point.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

_STRICT = {"sqlite_strict": True}
SQLITE_ONLY = {"only": "sqlite"}
"""Info of a foreign key that PostgreSQL has no constraint for: there a trigger checks whole statements."""

_KEYED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def _integer(*constraints: Any, key: bool = False, nullable: bool = False) -> Any:
    kind = BigInteger().with_variant(Integer(), "sqlite")
    return Field(
        sa_column=Column(kind, *constraints, primary_key=key, nullable=nullable, autoincrement=False)
    )


def _text(*constraints: Any, key: bool = False, nullable: bool = False) -> Any:
    kind = Text().with_variant(Text(collation="C"), "postgresql")
    return Field(sa_column=Column(kind, *constraints, primary_key=key, nullable=nullable))


def _bytes(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=nullable))


class EntryRow(SQLModel, table=True):
    """An entry: its leaf bytes, which are the truth, and columns of them to search by."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("source", "source_id", name="entry_key"),
        Index("entry_by_kind", "kind", "seq"),
        Index("entry_by_agreement", "agreement", "seq"),
        _STRICT,
    )

    seq: int = _integer(key=True)
    source: str = _text()
    source_id: str = _text()
    agreement: str | None = _text(nullable=True)
    kind: str = _text()
    occurred_at: str = _text()
    occurred_us: int = _integer()
    recorded_us: int = _integer()
    asserter: str = _text()
    leaf: bytes = _bytes()
    leaf_hash: bytes = _bytes()


class DisclosureRow(SQLModel, table=True):
    """The opened bytes and salt of one group of an entry; gone when erased."""

    __tablename__ = "disclosure"
    __table_args__ = (_KEYED,)

    seq: int = _integer(ForeignKey("entry.seq"), key=True)
    position: int = _integer(key=True)
    name: str = _text()
    readers: str = _text()
    salt: bytes = _bytes()
    opened: bytes = _bytes()


class ErasureRow(SQLModel, table=True):
    """The record that a group was erased, by the entry `by_seq`; it permits deleting the disclosure."""

    __tablename__ = "erasure"
    __table_args__ = (_KEYED,)

    seq: int = _integer(ForeignKey("entry.seq"), key=True)
    position: int = _integer(key=True)
    name: str = _text()
    by_seq: int = _integer(ForeignKey("entry.seq"))
    reason: str = _text()


class AccountRow(SQLModel, table=True):
    """An account, numbered from 1 in the order of its first posting. Derived."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("owner", "agreement", "purpose", "currency", name="account_key"),
        _STRICT,
    )

    id: int = _integer(key=True)
    owner: str = _text()
    agreement: str = _text()
    purpose: str = _text()
    currency: str = _text()


class PostingRow(SQLModel, table=True):
    """Posting `n` (from 0, over all groups) of an entry. Derived from its opened groups."""

    __tablename__ = "posting"
    __table_args__ = (Index("posting_by_account", "account", "seq"), _KEYED)

    seq: int = _integer(ForeignKey("entry.seq", info=SQLITE_ONLY), key=True)
    n: int = _integer(key=True)
    account: int = _integer(ForeignKey("account.id", info=SQLITE_ONLY))
    amount_minor: int = _integer()
    clause: str = _text()
    kind: str = _text()


class ReversalRow(SQLModel, table=True):
    """That posting (seq, n) takes back posting (of_seq, of_n), or a part of it. Derived."""

    __tablename__ = "reversal"
    __table_args__ = (
        ForeignKeyConstraint(["seq", "n"], ["posting.seq", "posting.n"]),
        ForeignKeyConstraint(["of_seq", "of_n"], ["posting.seq", "posting.n"]),
        Index("reversal_by_reversed", "of_seq", "of_n"),
        _KEYED,
    )

    seq: int = _integer(key=True)
    n: int = _integer(key=True)
    of_seq: int = _integer()
    of_n: int = _integer()


class LineEventRow(SQLModel, table=True):
    """One event of one order line, found by agreement and line. Derived from the group `order`."""

    __tablename__ = "line_event"
    __table_args__ = (
        Index("line_event_by_line", "agreement", "order_id", "line_id", "event"),
        Index("line_event_by_agreement", "agreement", "seq"),
        _STRICT,
    )

    seq: int = _integer(ForeignKey("entry.seq"), key=True)
    position: int = _integer()
    agreement: str = _text()
    order_id: str = _text()
    line_id: str = _text()
    event: str = _text()
    revision: str = _text()
    occurred_us: int = _integer()
    recorded_us: int = _integer()


class BalanceBlockRow(SQLModel, table=True):
    """What a busy account's postings in one full block of the log come to. Derived."""

    __tablename__ = "balance_block"
    __table_args__ = (_KEYED,)

    account: int = _integer(ForeignKey("account.id"), key=True)
    block: int = _integer(key=True)
    first_us: int = _integer()
    last_us: int = _integer()
    total_minor: int = _integer()


class BalancePartRow(SQLModel, table=True):
    """The running sum within such a block at occurred times from `from_us` on. Derived."""

    __tablename__ = "balance_part"
    __table_args__ = (_KEYED,)

    account: int = _integer(ForeignKey("account.id"), key=True)
    block: int = _integer(key=True)
    from_us: int = _integer(key=True)
    sums: bytes = _bytes()


class HoldEventRow(SQLModel, table=True):
    """What became of a hold: placed, released or expired, and of how much. Derived from the group `hold`.

    `expires_us` is hold_events.NEVER_US where none is said.
    """

    __tablename__ = "hold_event"
    __table_args__ = (
        Index("hold_event_by_hold", "hold", "event"),
        Index("hold_event_by_account", "owner", "agreement", "purpose", "currency"),
        _STRICT,
    )

    seq: int = _integer(ForeignKey("entry.seq"), key=True)
    hold: str = _text()
    event: str = _text()
    owner: str = _text()
    agreement: str = _text()
    purpose: str = _text()
    currency: str = _text()
    amount_minor: int = _integer()
    expires_us: int = _integer()
    occurred_us: int = _integer()
    recorded_us: int = _integer()


class TileRow(SQLModel, table=True):
    """A full tile of the tree: 256 hashes of 32 bytes, and the root over them. Derived."""

    __tablename__ = "tile"
    __table_args__ = (_KEYED,)

    level: int = _integer(key=True)
    idx: int = _integer(key=True)
    hashes: bytes = _bytes()
    root: bytes = _bytes()


class CheckpointRow(SQLModel, table=True):
    """A signed checkpoint, at most one per size."""

    __tablename__ = "checkpoint"
    __table_args__ = (_STRICT,)

    size: int = _integer(key=True)
    root: bytes = _bytes()
    note: str = _text()


class CosignatureRow(SQLModel, table=True):
    """A witness's signature of a checkpoint, as its line in the note. One at each time it was given."""

    __tablename__ = "cosignature"
    __table_args__ = (_KEYED,)

    size: int = _integer(key=True)
    name: str = _text(key=True)
    key_hash: str = _text(key=True)
    signed_s: int = _integer(key=True)
    line: str = _text()
    recorded_us: int = _integer()


class AnchorRow(SQLModel, table=True):
    """Where a checkpoint's root stands on a chain. What the chain says is for others to check."""

    __tablename__ = "anchor"
    __table_args__ = (_KEYED,)

    size: int = _integer(key=True)
    chain_kind: str = _text(key=True)
    chain_id: int = _integer(key=True)
    contract: str = _text(key=True)
    tx: str = _text()
    block: int = _integer()
    root: bytes = _bytes()
    recorded_us: int = _integer()


class PartySaltRow(SQLModel, table=True):
    """A party's secret salt, drawn once, given to it alone; under the empty name, the fillers' secret."""

    __tablename__ = "party_salt"
    __table_args__ = (_KEYED,)

    party: str = _text(key=True)
    salt: bytes = _bytes()


class PartyTreeRow(SQLModel, table=True):
    """What a checkpoint of `size` entries added to a party's tree. Derived from `concerns` at checkpoints."""

    __tablename__ = "party_tree"
    __table_args__ = (Index("party_tree_by_party", "party", "size"), _STRICT)

    size: int = _integer(key=True)
    party: str = _text(ForeignKey("party_salt.party"), key=True)
    entries: int = _integer()
    peaks: bytes = _bytes()
    seqs: bytes = _bytes()


TABLES = {
    name: SQLModel.metadata.tables[name]
    for name in (
        "entry",
        "disclosure",
        "erasure",
        "account",
        "posting",
        "line_event",
        "hold_event",
        "reversal",
        "balance_block",
        "balance_part",
        "tile",
        "checkpoint",
        "cosignature",
        "anchor",
        "party_salt",
        "party_tree",
    )
}
"""Every table by name, in an order in which they can be created."""
