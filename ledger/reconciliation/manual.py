"""Matches by hand: a member says that rows belong together, or what they are, and may take it back.

Rows are those that are open in their book. Where they do not come to the same, the member says of which class
the difference is; a row that has no other side may be closed in this way too. Who may is asked before (api/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.database import Session
from ledger.log import Log
from ledger.reconciliation.breaks import BreakClass
from ledger.reconciliation.errors import MatchRefused, ReconciliationUnknown
from ledger.reconciliation.recorded import (
    MATCHED,
    WITHDRAWN,
    Book,
    Match,
    matches,
    new_entry,
    public_id,
    recorded_id,
    state_of,
    state_within,
)
from policies.errors import did_you_mean

REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class MatchAsked:
    """Rows by their ids, why they belong together, and what their difference is where they have one."""

    rows: tuple[str, ...]
    reason: str
    kind: BreakClass | None = None


def match_by_hand(  # noqa: PLR0913 -- the book, what is matched, and when, by whom, under which version
    log: Log, book: Book, asked: MatchAsked, *, reference: str, at: datetime, by: str
) -> Match:
    """Record a match of open rows. Raises MatchRefused."""
    state = state_of(log, book)
    known = {row.id: row for one in state.open for row in (*one.a, *one.b)}
    wanted = sorted(set(asked.rows))
    if not wanted:
        raise MatchRefused("name the rows that belong together", where=book.name)
    for name in wanted:
        if name not in known:
            raise MatchRefused(f"no row '{name[:80]}' is open{did_you_mean(name, known)}", where=book.name)
    _require_reason(asked.reason)
    rows = [known[name] for name in wanted]
    apart = sum(row.amount_minor * (1 if row.side == "a" else -1) for row in rows)
    if apart and asked.kind is None:
        raise MatchRefused(
            f"the two sides are {apart} minor units apart; say of which class that difference is",
            where=book.name,
        )
    content = {
        "agreement": book.agreement,
        "party": book.party,
        "book": book.name,
        "rows": [row.as_json() for row in rows],
        "difference_minor": apart,
        "class": asked.kind if apart else None,
        "reason": asked.reason,
        "member": by,
        "number": len(matches(log, book)) + 1,
    }

    def require(session: Session) -> None:
        now = {row.id for one in state_within(session, book).open for row in (*one.a, *one.b)}
        if not now.issuperset(wanted):
            raise MatchRefused("some of the rows were matched meanwhile; look again", where=book.name)

    entry_id = recorded_id(book.agreement, content)
    entry = new_entry(MATCHED, entry_id, content, rows, party=book.party, reference=reference, at=at)
    log.append([entry], require=require)
    return next(one for one in matches(log, book) if one.id == public_id(entry_id))


def withdraw(  # noqa: PLR0913 -- the book, the match, why, and when, by whom, under which version
    log: Log, book: Book, match: str, reason: str, *, reference: str, at: datetime, by: str
) -> Match:
    """Withdraw a match: its rows are open again. Withdrawing it again returns the first.

    Raises ReconciliationUnknown, MatchRefused.
    """
    found = {one.id: one for one in matches(log, book)}
    if match not in found:
        raise ReconciliationUnknown(
            f"there is no such match here{did_you_mean(match, found)}", where=match[:100]
        )
    _require_reason(reason)
    if found[match].withdrawn is None:
        content = {"match": match, "party": book.party, "book": book.name, "reason": reason, "member": by}
        entry_id = f"{match.replace('.', '/')}/withdrawn"
        log.append([new_entry(WITHDRAWN, entry_id, content, party=book.party, reference=reference, at=at)])
    return next(one for one in matches(log, book) if one.id == match)


def ids_given(texts: Sequence[str]) -> tuple[str, ...]:
    """Return ids as people type them, several to a text with blanks or commas between."""
    return tuple(name for text in texts for name in text.replace(",", " ").split())


def _require_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > REASON_MAX or not reason.isprintable():
        raise MatchRefused(f"say why, in 1 to {REASON_MAX} characters on one line", where="reason")
