"""Every family of derived tables, and what makes its rows from the log read in order.

The one list that rebuilding, the doctor and the backup go by: a new derived table is a family here. A family
writes by `Session.insert` alone and reads only what it wrote itself, or entries and open groups; so the
doctor can hand it a session that compares instead of writing (see `Comparing`). How rows follow from one
entry is said in derive.py and tiles.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Protocol

from ledger.database import Row, Session
from ledger.derive import Accounts
from ledger.hold_events import hold_rows
from ledger.party_trees import PartyRows
from ledger.replay import Chunk, derive_chunk, derive_sums
from ledger.tables import TABLES
from ledger.tiles import add_tiles


class Family(Protocol):
    """Tables that are derived together, in an order in which they can be filled."""

    tables: ClassVar[tuple[str, ...]]

    def add(self, session: Session, chunk: Chunk) -> None:
        """Write the rows that the next chunk of the log gives; chunks come in order, each once."""


class Books:
    """Accounts, postings, what they reverse, their sums by block, and the events of order lines."""

    tables: ClassVar[tuple[str, ...]] = (
        "account",
        "posting",
        "line_event",
        "reversal",
        "balance_block",
        "balance_part",
    )

    def __init__(self) -> None:
        self._accounts = Accounts({}, 0)

    def add(self, session: Session, chunk: Chunk) -> None:
        """See Family."""
        derived = derive_chunk(chunk, self._accounts)
        sums = derive_sums(chunk, derived)
        session.insert_all(derived.tables())
        for table, rows in zip(("balance_block", "balance_part"), sums, strict=True):
            if rows:
                session.insert(table, rows)


class Tiles:
    """The full tiles of the tree."""

    tables: ClassVar[tuple[str, ...]] = ("tile",)

    def add(self, session: Session, chunk: Chunk) -> None:
        """See Family."""
        add_tiles(session, chunk.start, chunk.end)


class Holds:
    """What entries say of holds."""

    tables: ClassVar[tuple[str, ...]] = ("hold_event",)

    def add(self, session: Session, chunk: Chunk) -> None:
        """See Family."""
        rows = hold_rows(chunk)
        if rows:
            session.insert("hold_event", rows)


FAMILIES: tuple[type[Family], ...] = (Books, Holds, Tiles, PartyRows)
"""Every family, in an order in which they can be filled."""

DERIVED = tuple(table for family in FAMILIES for table in family.tables)
"""Every derived table, in an order in which they can be filled."""


def rows_in_order(table: str) -> str:
    """Return the query that gives every row of a table in the order of its key."""
    columns = ", ".join(column.name for column in TABLES[table].columns)
    keys = ", ".join(column.name for column in TABLES[table].primary_key)
    return f"SELECT {columns} FROM {table} ORDER BY {keys}"  # noqa: S608 -- names of our own


class Comparing:
    """A session that holds what a family would insert against what is stored, and writes nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.dialect = session.dialect
        self.rows, self.stream = session.rows, session.stream
        self.members, self.listed = session.members, session.listed
        self.of_each = session.of_each
        self.counts: Counter[str] = Counter()
        """How many rows each table should have, as far as the log has been read."""
        self._differing: list[tuple[str, Row, bool]] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Refuse: a family only inserts."""
        raise AssertionError(f"a family of derived rows only inserts: {sql:.60} {len(parameters)}")

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Compare rows with those stored under the same first key column, and the same block of sums."""
        expected = {tuple(row) for row in rows}
        if not expected:
            return
        self.counts[table] += len(expected)
        names = [column.name for column in TABLES[table].columns]
        keyed = [column.name for column in TABLES[table].primary_key]
        within = [names.index(name) for name in keyed if name in {keyed[0], "block"}]
        sql = f"SELECT {', '.join(names)} FROM {table} WHERE " + " AND ".join(  # noqa: S608 -- own names
            self.members(names[at]) for at in within
        )
        keys = [self.listed(sorted({row[at] for row in expected})) for at in within]
        stored = {tuple(row) for row in self._session.rows(sql, keys)}
        for row in sorted(stored ^ expected, key=repr):
            self._differing.append((table, row, row in expected))

    def insert_all(self, tables: Iterable[tuple[str, Iterable[Row]]]) -> None:
        """Compare the rows of several tables."""
        for table, rows in tables:
            self.insert(table, rows)

    def differing(self) -> Iterator[tuple[str, Row, bool]]:
        """Yield table, row, and whether the row is missing (else it is one too many); each once."""
        found, self._differing = self._differing, []
        yield from found
