"""When a statement was paid, as banks confirmed it: what interest on late payment counts from.

A case that bears a statement's id is about its payment. Where the document declares the fact `paid_on` and no
party recorded it, a run tells it: the day on which confirmed payments came to all that the statement paid.
"""

from __future__ import annotations

from datetime import date

from ledger.database import reading
from ledger.leaves import instant_of
from ledger.log import Log
from ledger.payouts.reading import CONFIRMED_KIND, batches_within
from ledger.reading import read_entry
from ledger.settlement.runs import STATEMENT_GROUP, STATEMENT_KIND
from ledger.settlement.state import Point
from policies.agreement import Agreement

PAID_ON = "paid_on"
"""The fact of a case that says when it was paid."""


def paid_on(log: Log, agreement: Agreement, statement: str, point: Point) -> tuple[date, int] | None:
    """Return the day on which a statement was paid in full by a point, and the confirming entry.

    None where it was not by then, paid nothing, or there is no statement of that id.
    """
    owed = _payable(log, agreement, statement, point)
    if not owed:
        return None
    with reading(log.engine) as session:
        parts = [
            (one.seqs[CONFIRMED_KIND], part.amount_minor)
            for batch in batches_within(session, end=point.end)
            for one in batch.payments
            for part in one.parts
            if one.state == "confirmed" and part.statement == statement
        ]
        confirmed = sorted((read_entry(session, seq).occurred_us, seq, minor) for seq, minor in parts)
    paid = 0
    for us, seq, minor in confirmed:
        paid += minor
        if us > point.us:
            return None
        if paid >= owed:
            return instant_of(us).astimezone(agreement.zone).date(), seq
    return None


def _payable(log: Log, agreement: Agreement, statement: str, point: Point) -> int:
    """Return what a statement of an agreement pays, in minor units; 0 where there is none of that id."""
    after = -1
    while entries := log.entries(after, kinds=[STATEMENT_KIND], agreement=agreement.id):
        for entry in entries:
            content = next(one for one in log.groups(entry.seq) if one.name == STATEMENT_GROUP).content
            if entry.seq < point.end and content["statement"] == statement:
                return int(content["payable_minor"])
        after = entries[-1].seq
    return 0
