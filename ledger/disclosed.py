"""Entries as some readers may see them: found by who may open a part of them, each with all its groups.

For lists that people page through. Which readers somebody is, and what else they may open, is the caller's
to say; nothing here decides it. Groups come whole: the caller withholds those that are not the reader's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.database import Session, reading
from ledger.log import READ_LIMIT, Log
from ledger.reading import Entry, StoredGroup

_ENTRY_COLUMNS = (
    "e.seq, e.source, e.source_id, e.agreement, e.kind, e.occurred_at, e.occurred_us, e.recorded_us,"
    " e.asserter, e.leaf, e.leaf_hash"
)

DISPUTES = "tallystick.disputes"
"""Source of the entries about disputes; their ids begin with the dispute's, up to a slash."""

PERSONAL_GROUPS = frozenset({"buyer", "account_details", "personal"})
"""Groups with personal data: open to those whom they name, and to nobody else."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may open: groups that name one of `readers`, and of some `cases` groups of some `names`.

    `cases` are ids of disputes: of the entries about one of them, groups are open whomever they name.
    """

    readers: frozenset[str]
    names: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()

    def opens(self, group: StoredGroup, case: str | None = None) -> bool:
        """Say whether a group is open to them; `case` is the dispute that its entry is about."""
        return (case in self.cases and group.name in self.names) or not self.readers.isdisjoint(group.readers)


@dataclass(frozen=True, slots=True)
class Disclosed:
    """An entry and all its groups by position, erased ones as erased."""

    entry: Entry
    groups: tuple[StoredGroup, ...]


def disclosed_entries(  # noqa: PLR0913 -- one filter each
    log: Log,
    sight: Sight | None,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 40,
    kinds: Sequence[str] | None = None,
    agreement: str | None = None,
) -> list[Disclosed]:
    """Return up to `limit` entries with a group open to `sight` (None: every entry), newest first.

    `before` is the seq to stop short of, `after` the one that all are beyond; `agreement` an id (every
    version) or an id@version.
    """
    conditions = ["e.seq < ?", "e.seq > ?"]
    parameters = [2**62 if before is None else before, -1 if after is None else after]
    more: list[Any] = []
    with reading(log.engine) as session:
        if kinds is not None:
            conditions.append(session.members("e.kind"))
            more.append(session.listed(kinds))
        if agreement is not None and "@" in agreement:
            conditions.append("e.agreement = ?")
            more.append(agreement)
        elif agreement is not None:
            conditions.append("e.agreement > ? AND e.agreement < ?")  # every version: '@' is followed by 'A'
            more += [f"{agreement}@", f"{agreement}A"]
        if sight is not None:
            condition, values = open_to(session, sight)
            conditions.append(f"EXISTS (SELECT 1 FROM disclosure d WHERE d.seq = e.seq AND {condition})")  # noqa: S608
            more += values
        sql = (
            f"SELECT {_ENTRY_COLUMNS} FROM entry e WHERE {' AND '.join(conditions)}"  # noqa: S608 -- own text
            " ORDER BY e.seq DESC LIMIT ?"
        )
        rows = session.rows(sql, [*parameters, *more, min(limit, READ_LIMIT)])
        return _with_groups(session, [Entry(*row) for row in rows])


def disclosed_entry(log: Log, seq: int, sight: Sight | None) -> Disclosed | None:
    """Return one entry, or None where there is none or nothing of it is open to `sight`."""
    with reading(log.engine) as session:
        sql = f"SELECT {_ENTRY_COLUMNS} FROM entry e WHERE e.seq = ?"  # noqa: S608 -- own text
        found = _with_groups(session, [Entry(*row) for row in session.rows(sql, (seq,))])
    if not found:
        return None
    (one,) = found
    case = case_of(one.entry)
    return one if sight is None or any(sight.opens(group, case) for group in one.groups) else None


def case_of(entry: Entry) -> str | None:
    """Return the dispute that an entry is about, by its id; None for most."""
    return entry.id.partition("/")[0] if entry.source == DISPUTES else None


def disclosed_at(session: Session, seqs: Sequence[int]) -> list[Disclosed]:
    """Return the entries at some seqs, in order of seq."""
    sql = f"SELECT {_ENTRY_COLUMNS} FROM entry e WHERE {session.members('e.seq')} ORDER BY e.seq"  # noqa: S608
    return _with_groups(session, [Entry(*row) for row in session.rows(sql, (session.listed(seqs),))])


def open_to(session: Session, sight: Sight) -> tuple[str, list[Any]]:
    """Return the condition that a row `d` of disclosure is open, and its parameters.

    Readers are kept as a JSON list of plain names, so that a name in quotes stands there or does not;
    taking it out and comparing works alike in both databases and knows no wildcards.
    """
    named = [json.dumps(reader) for reader in sorted(sight.readers)]
    tests = ["replace(d.readers, ?, '') <> d.readers"] * len(named)
    values: list[Any] = list(named)
    if sight.names and sight.cases:
        about = " OR ".join(["(c.source_id > ? AND c.source_id < ?)"] * len(sight.cases))
        entries = f"SELECT c.seq FROM entry c WHERE c.source = ? AND ({about})"  # noqa: S608 -- own text
        tests.append(f"({session.members('d.name')} AND d.seq IN ({entries}))")
        bounds = [bound for case in sorted(sight.cases) for bound in (f"{case}/", f"{case}0")]
        values += [session.listed(sorted(sight.names)), DISPUTES, *bounds]
    return f"({' OR '.join(tests) or '1 = 0'})", values


def _with_groups(session: Session, entries: Collection[Entry]) -> list[Disclosed]:
    groups: dict[int, list[StoredGroup]] = {entry.seq: [] for entry in entries}
    wanted = session.listed(list(groups))
    sql = f"SELECT seq, position, name, readers, salt, opened FROM disclosure WHERE {session.members('seq')}"  # noqa: S608
    for seq, position, name, readers, salt, opened in session.rows(sql, (wanted,)):
        held = StoredGroup(seq, position, name, tuple(json.loads(readers)), bytes(salt), bytes(opened))
        groups[seq].append(held)
    sql = f"SELECT seq, position, name, by_seq FROM erasure WHERE {session.members('seq')}"  # noqa: S608
    for seq, position, name, by_seq in session.rows(sql, (wanted,)):
        groups[seq].append(StoredGroup(seq, position, name, (), None, None, by_seq))
    return [
        Disclosed(entry, tuple(sorted(groups[entry.seq], key=lambda group: group.position)))
        for entry in entries
    ]
