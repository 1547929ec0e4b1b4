"""That the postings of an entry sum to zero per currency, asked of the database.

The writer asks before it commits where the database has no trigger per statement (SQLite), and the doctor
asks of the whole log. On PostgreSQL the trigger in triggers.py asks as well.
"""

from __future__ import annotations

from ledger.database import Session

_LOW = "CAST(sum(p.amount_minor & 4294967295) AS BIGINT)"
_HIGH = "CAST(sum(p.amount_minor >> 32) AS BIGINT)"


def unbalanced(session: Session, first: int, end: int) -> list[tuple[int, str]]:
    """Return seq and currency of what does not sum to zero in entries with first <= seq < end.

    High and low halves are summed apart: SQLite's sum fails beyond 64 bits, which valid postings can reach.
    """
    return [
        (seq, currency)
        for seq, currency in session.rows(
            "SELECT p.seq, a.currency FROM posting p JOIN account a ON a.id = p.account"  # noqa: S608
            " WHERE p.seq >= ? AND p.seq < ? GROUP BY p.seq, a.currency"
            f" HAVING {_LOW} & 4294967295 <> 0 OR {_HIGH} <> -({_LOW} >> 32) ORDER BY p.seq, a.currency",
            (first, end),
        )
    ]
