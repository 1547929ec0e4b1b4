"""Retention: which groups of order lines have been kept as long as an agreement lets them, by their receipt.

How many days that is stands in documents, which api/ reads; here lines are found, in sets. Erasing itself,
and what stops it, is in erasing.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.database import reading
from ledger.legal_holds import standing_holds
from ledger.log import Log

DUE_BATCH = 1_000
"""Groups found at a time."""


@dataclass(frozen=True, slots=True)
class DueGroup:
    """A group that is still there though its time is over: of which entry and line, and the receipt's time.

    `hold` is the name of a legal hold that keeps it for now, None where nothing does.
    """

    seq: int
    group: str
    order: str
    line: str
    received_us: int
    hold: str | None


def groups_due(
    log: Log, agreement: str, version: str, group: str, received_before_us: int
) -> Iterator[list[DueGroup]]:
    """Yield the groups of that name in entries of lines received before a time, some 1,000 at a time.

    `agreement` is an id, `version` the id@version that the entries bear; a line received twice counts by the
    last receipt. Groups that are erased already, or whose line was never received, are not among them.
    """
    after = -1
    while batch := _due(log, (agreement, version, group, received_before_us), after):
        yield batch
        after = batch[-1].seq


def _due(log: Log, wanted: tuple[str, str, str, int], after: int) -> list[DueGroup]:
    agreement, version, group, received_before_us = wanted
    sql = (
        "SELECT seq, order_id, line_id, received_us FROM (SELECT s.seq, s.order_id, s.line_id,"
        " (SELECT max(r.occurred_us) FROM line_event r WHERE r.agreement = s.agreement"
        " AND r.order_id = s.order_id AND r.line_id = s.line_id AND r.event = 'receipt') AS received_us"
        " FROM line_event s JOIN entry e ON e.seq = s.seq JOIN disclosure d ON d.seq = s.seq"
        " WHERE s.agreement = ? AND e.agreement = ? AND d.name = ? AND s.seq > ?) told"
        " WHERE received_us < ? ORDER BY seq LIMIT ?"
    )
    with reading(log.engine) as session:
        holds = standing_holds(session)
        rows = session.rows(sql, (agreement, version, group, after, received_before_us, DUE_BATCH))
    return [
        DueGroup(
            seq, group, order, line, received_us,
            next((hold.name for hold in holds if hold.covers(agreement, order)), None),
        )
        for seq, order, line, received_us in rows
    ]  # fmt: skip


def last_receipt_us(log: Log, seq: int) -> int | None:
    """Return when the order line that an entry tells of was last confirmed as received, None if never."""
    sql = (
        "SELECT max(r.occurred_us) FROM line_event s JOIN line_event r ON r.agreement = s.agreement"
        " AND r.order_id = s.order_id AND r.line_id = s.line_id AND r.event = 'receipt' WHERE s.seq = ?"
    )
    with reading(log.engine) as session:
        received_us: int | None = session.rows(sql, (seq,))[0][0]
    return received_us
