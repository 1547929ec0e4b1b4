"""What a commit has to know of the log before it can sort its requests, asked in one question.

Each question is a wait for the database while other writers stand in line, and for one entry the waits are
most of what a commit takes. So all that can be foreseen is asked together; what turns out to be needed beyond
it (entries that get another key, postings on further accounts) is asked for then. Valid within the writing
transaction alone: nothing is kept from one to the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from ledger.database import Session
from ledger.derive import AccountKey, Accounts

Key = tuple[str, str]
"""Source and id of an entry."""

Line = tuple[str, str, str]
"""Agreement id, order and line."""

_Query = tuple[str, list[Any]]

_TIP, _ENTRY, _SOLD, _ACCOUNT, _HIGHEST = range(5)
_NEWEST = "SELECT seq, recorded_us FROM entry ORDER BY seq DESC LIMIT 1"


class Known:
    """What the log holds, as far as some entries are concerned."""

    def __init__(
        self, session: Session, keys: Iterable[Key], lines: Iterable[Line], owners: Collection[str]
    ) -> None:
        """Ask for entries under keys, sales of lines, accounts of owners, and where the log ends."""
        self.session = session
        self.size, self.recorded_us = 0, 0
        """The next seq, and when the last entry was recorded (0 if there is none)."""
        self._keys: set[Key] = set()
        self._entries: dict[Key, tuple[int, str | None]] = {}
        self._sold: set[Line] = set()
        self._owners: set[str] = set()
        self._accounts: dict[AccountKey, int] = {}
        self._highest = 0
        tip: _Query = (f"SELECT {_TIP}, '', '', '', '', seq, recorded_us FROM ({_NEWEST}) AS tip", [])  # noqa: S608 -- own columns
        highest: _Query = (f"SELECT {_HIGHEST}, '', '', '', '', coalesce(max(id), 0), 0 FROM account", [])  # noqa: S608 -- own columns
        self._ask([tip, *self._of_keys(keys), *self._of_lines(lines), *self._of_owners(owners), highest])

    def seqs(self, keys: Collection[Key]) -> dict[Key, int]:
        """Return the seq of each entry that is held under one of some keys."""
        self._ask(self._of_keys(keys))
        return {key: self._entries[key][0] for key in keys if key in self._entries}

    def agreements(self, source: str, ids: Collection[str]) -> dict[str, str | None]:
        """Return, by id, the agreement (id@version) of each of a source's entries that is held."""
        self._ask(self._of_keys([(source, one) for one in ids]))
        return {one: self._entries[source, one][1] for one in ids if (source, one) in self._entries}

    def is_sold(self, line: Line) -> bool:
        """Say whether the log tells of a sale of a line that was asked about, voided or not."""
        return line in self._sold

    def accounts(self, owners: Collection[str]) -> Accounts:
        """Return the numbers of the accounts that postings to some owners can need."""
        self._ask(self._of_owners(owners))
        return Accounts(self._accounts, self._highest)

    def _of_keys(self, keys: Iterable[Key]) -> list[_Query]:
        ids: dict[str, list[str]] = defaultdict(list)
        for source, one in set(keys) - self._keys:
            ids[source].append(one)
            self._keys.add((source, one))
        sql = f"SELECT {_ENTRY}, source, source_id, agreement, '', seq, 0 FROM entry WHERE source = ?"  # noqa: S608 -- own columns
        return [
            (f"{sql} AND {self.session.members('source_id')}", [source, self.session.listed(sorted(of))])
            for source, of in ids.items()
        ]

    def _of_lines(self, lines: Iterable[Line]) -> list[_Query]:
        orders: dict[str, set[str]] = defaultdict(set)
        for agreement, order, _ in lines:
            orders[agreement].add(order)
        sql = (
            f"SELECT {_SOLD}, agreement, order_id, line_id, '', seq, 0 FROM line_event"  # noqa: S608 -- own columns
            " WHERE agreement = ? AND event = 'sale'"
        )
        return [
            self.session.of_each(sql, [agreement], "order_id", sorted(wanted))
            for agreement, wanted in orders.items()
        ]

    def _of_owners(self, owners: Iterable[str]) -> list[_Query]:
        asked = sorted(set(owners) - self._owners)
        self._owners.update(asked)
        sql = f"SELECT {_ACCOUNT}, owner, agreement, purpose, currency, id, 0 FROM account"  # noqa: S608 -- own columns
        return (
            [(f"{sql} WHERE {self.session.members('owner')}", [self.session.listed(asked)])] if asked else []
        )

    def _ask(self, queries: list[_Query]) -> None:
        if not queries:
            return
        parameters = [value for _, given in queries for value in given]
        for row in self.session.rows(" UNION ALL ".join(sql for sql, _ in queries), parameters):
            part, one, two, three, four, number, more = row
            if part == _TIP:
                self.size, self.recorded_us = number + 1, more
            elif part == _ENTRY:
                self._entries[one, two] = (number, three)
            elif part == _SOLD:
                self._sold.add((one, two, three))
            elif part == _ACCOUNT:
                self._accounts[one, two, three, four] = number
            else:
                self._highest = number
