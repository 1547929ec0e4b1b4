"""Reversals: a posting that names the earlier posting which it takes back, in whole or in part.

What is reversed stands in the log already, on the same account, with the other sign, and all that reverses it
never comes to more than it. What a voided batch posted was taken back by its void, and is reversed no more;
what is reversed is not voided before its reversal is taken back. Not here: what a settlement reverses of an
order line (settlement/), which is a part of what a run posted as a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.database import Session
from ledger.entries import Posting
from ledger.errors import ReversalRefused
from ledger.prepare import Prepared
from ledger.voids import Voids, read_voids

Place = tuple[int, int]
"""Where a posting stands: the seq of its entry, and its number n within it."""

_Original = tuple[tuple[str, str, str, str], int]
"""The account of a posting, as owner, agreement, purpose and currency, and its amount."""


class Reversing:
    """What one commit takes back, request by request: two of them cannot take back the same amount."""

    def __init__(self, session: Session, first: int) -> None:
        """Check against the entries before seq `first`, and what was let through since."""
        self._session = session
        self._first = first
        self._taken: dict[Place, int] = {}

    def refusal(self, entries: Sequence[Prepared]) -> ReversalRefused | None:
        """Return why the new entries of a request are refused; None lets their reversals through."""
        asked = [(entry, n, posting) for entry in entries for n, posting in entry.reversals]
        if not asked:
            return None
        places = {posting.reverses for _, _, posting in asked if posting.reverses is not None}
        originals, taken = self._originals(places), self._reversed(places)
        voided = _voided(self._session, places)
        for entry, n, posting in asked:
            assert posting.reverses is not None, "only reversals are asked about"
            fault = voided.get(posting.reverses) or self._fault(posting, posting.reverses, originals, taken)
            if fault is not None:
                return ReversalRefused(fault, where=f"{entry.key[0]} {entry.key[1]}, posting {n}")
            taken[posting.reverses] = taken.get(posting.reverses, 0) + posting.amount_minor
        self._taken |= taken
        return None

    def _fault(
        self, posting: Posting, place: Place, originals: dict[Place, _Original], taken: dict[Place, int]
    ) -> str | None:
        if place[0] >= self._first:
            return f"entry {place[0]} is not in the log yet; what is reversed comes before its reversal"
        if place not in originals:
            return f"entry {place[0]} has no posting {place[1]}; postings are counted from 0 over its groups"
        account, amount = originals[place]
        if account != (posting.owner, posting.agreement, posting.purpose, posting.currency):
            return f"it reverses posting {place[1]} of entry {place[0]}, which is on another account"
        if (posting.amount_minor > 0) == (amount > 0):
            return f"{posting.amount_minor} does not take back {amount}: a reversal has the other sign"
        before = taken.get(place, 0)
        if abs(before + posting.amount_minor) > abs(amount):
            return (
                f"{posting.amount_minor} takes back more than is left of posting {place[1]} of entry"
                f" {place[0]}: of {amount}, {before} was taken back before"
            )
        return None

    def _originals(self, places: Iterable[Place]) -> dict[Place, _Original]:
        rows = self._session.rows(
            "SELECT p.seq, p.n, a.owner, a.agreement, a.purpose, a.currency, p.amount_minor"  # noqa: S608
            f" FROM posting p JOIN account a ON a.id = p.account WHERE {self._session.members('p.seq')}",
            (self._session.listed(sorted({seq for seq, _ in places})),),
        )
        return {(row[0], row[1]): ((row[2], row[3], row[4], row[5]), row[6]) for row in rows}

    def _reversed(self, places: Iterable[Place]) -> dict[Place, int]:
        rows = self._session.rows(
            "SELECT r.of_seq, r.of_n, sum(p.amount_minor) FROM reversal r"  # noqa: S608 -- own columns
            f" JOIN posting p ON p.seq = r.seq AND p.n = r.n WHERE {self._session.members('r.of_seq')}"
            " GROUP BY r.of_seq, r.of_n",
            (self._session.listed(sorted({seq for seq, _ in places})),),
        )
        return {(seq, n): int(minor) for seq, n, minor in rows} | self._taken


def _voided(session: Session, places: Iterable[Place]) -> dict[Place, str]:
    """Say of each place why it is not reversed any more: it, or what it reverses in turn, was voided."""
    rows = session.rows(
        "WITH RECURSIVE up (at_seq, at_n, seq, n) AS ("  # noqa: S608 -- own columns
        f"SELECT p.seq, p.n, p.seq, p.n FROM posting p WHERE {session.members('p.seq')}"
        " UNION ALL SELECT u.at_seq, u.at_n, r.of_seq, r.of_n"
        " FROM up u JOIN reversal r ON r.seq = u.seq AND r.n = u.n)"
        " SELECT u.at_seq, u.at_n, e.seq, e.agreement FROM up u JOIN entry e ON e.seq = u.seq"
        " WHERE e.agreement IS NOT NULL",
        (session.listed(sorted({seq for seq, _ in places})),),
    )
    voids: dict[str, Voids] = {}
    found = {}
    for at_seq, at_n, seq, reference in rows:
        agreement = reference.partition("@")[0]
        if agreement not in voids:
            voids[agreement] = read_voids(session, agreement)
        by_seq = voids[agreement].voided_by(seq)
        if by_seq is not None:
            found[at_seq, at_n] = f"entry {seq} was voided by entry {by_seq}, which took back what it posted"
    return found


def first_reversed(session: Session, first: int, stop: int) -> tuple[int, int, int] | None:
    """Return seq and n of a posting of entries first <= seq < stop that is reversed, and the entry that did.

    A reversal that was itself taken back in full does not count. None where nothing is reversed.
    """
    rows = session.rows(
        "WITH RECURSIVE down (of_seq, of_n, by_seq, by_n, seq, n) AS ("
        "SELECT of_seq, of_n, seq, n, seq, n FROM reversal WHERE of_seq >= ? AND of_seq < ?"
        " UNION ALL SELECT d.of_seq, d.of_n, d.by_seq, d.by_n, r.seq, r.n"
        " FROM down d JOIN reversal r ON r.of_seq = d.seq AND r.of_n = d.n)"
        " SELECT d.of_seq, d.of_n, d.by_seq FROM down d JOIN posting p ON p.seq = d.seq AND p.n = d.n"
        " GROUP BY d.of_seq, d.of_n, d.by_seq, d.by_n HAVING sum(p.amount_minor) <> 0"
        " ORDER BY d.of_seq, d.of_n, d.by_seq LIMIT 1",
        (first, stop),
    )
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else None


def unfit_reversals(session: Session) -> list[tuple[int, int, str]]:
    """Return seq, n and what is wrong of each posting that is reversed otherwise than it may be."""
    rows = session.rows(
        "SELECT r.of_seq, r.of_n, o.amount_minor, sum(p.amount_minor),"
        " max(CASE WHEN p.account = o.account AND r.of_seq < r.seq"
        " AND (p.amount_minor > 0) <> (o.amount_minor > 0) THEN 0 ELSE 1 END)"
        " FROM reversal r JOIN posting p ON p.seq = r.seq AND p.n = r.n"
        " JOIN posting o ON o.seq = r.of_seq AND o.n = r.of_n"
        " GROUP BY r.of_seq, r.of_n, o.amount_minor ORDER BY r.of_seq, r.of_n"
    )
    found = []
    for seq, n, amount, taken, odd in rows:
        if odd:
            found.append((seq, n, "reversed on another account, with the same sign, or before it was posted"))
        elif abs(int(taken)) > abs(amount):
            found.append((seq, n, f"of {amount}, {-int(taken)} was taken back"))
    return found
