"""Figures of one agreement's relationship as the log stood before an entry, as stages.yaml names them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from fractions import Fraction

from ledger.cases.record import case_records
from ledger.database import Session, reading
from ledger.log import Log
from ledger.voids import Voids, read_voids

_COUNTED = ("statement.issued", "statement.contested")
_OVER = ("decided", "withdrawn", "closed")
_PER = 10_000


def relation_figures(  # noqa: PLR0913 -- of which agreement, since when, as of when
    log: Log, agreement: str, *, stage_began: datetime, began: datetime, now: datetime, end: int | None = None
) -> dict[str, Fraction]:
    """Return the figures of an agreement (an id with no version), as far as entries before `end` tell.

    What has nothing to be counted by, such as a share of no lines, is left out.
    """
    with reading(log.engine) as session:
        beyond = 2**62 if end is None else end
        received, refunded = _lines(session, agreement, beyond)
        counts = _entries(session, agreement, beyond)
    cases = [one for one in case_records(log, end).values() if one.agreement.partition("@")[0] == agreement]
    whole = {
        "days_at_stage": (now - stage_began).days,
        "days_in_all": (now - began).days,
        "received_lines": received,
        "refunded_lines": refunded,
        "statements": counts["statement.issued"],
        "contests": counts["statement.contested"],
        "disputes": len(cases),
        "open_disputes": sum(one.last(*_OVER) is None for one in cases),
    }
    found = {name: Fraction(value) for name, value in whole.items()}
    if received:
        found["refund_share"] = Fraction(refunded, received)
        found["disputes_in_10000"] = Fraction(len(cases) * _PER, received)
    return found


def _lines(session: Session, agreement: str, end: int) -> tuple[int, int]:
    """Return how many order lines were received, and how many of them had money go back; none voided."""
    voids = read_voids(session, agreement)
    if voids.before(end):
        return _unvoided(session, agreement, end, voids)
    lines = (
        "SELECT count(*) FROM (SELECT DISTINCT l.order_id, l.line_id FROM line_event l"
        " WHERE l.agreement = ? AND l.event = ? AND l.seq < ?"
    )
    received = (
        " AND EXISTS (SELECT 1 FROM line_event r WHERE r.agreement = l.agreement AND r.order_id = l.order_id"
        " AND r.line_id = l.line_id AND r.event = 'receipt' AND r.seq < ?)"
    )
    ((all_of,),) = session.rows(f"{lines}) AS told", (agreement, "receipt", end))
    ((back,),) = session.rows(f"{lines}{received}) AS told", (agreement, "refund", end, end))
    return all_of, back


def _unvoided(session: Session, agreement: str, end: int, voids: Voids) -> tuple[int, int]:
    """Return the same where some of what was told was voided, line by line."""
    told: dict[str, set[tuple[str, str]]] = {"receipt": set(), "refund": set()}
    sql = (
        "SELECT seq, order_id, line_id, event FROM line_event"
        " WHERE agreement = ? AND seq < ? AND event <> 'sale' ORDER BY seq"
    )
    for rows in session.stream(sql, (agreement, end)):
        for seq, order, line, event in rows:
            if event in told and voids.counts(seq, end):
                told[event].add((order, line))
    return len(told["receipt"]), len(told["refund"] & told["receipt"])


def _entries(session: Session, agreement: str, end: int) -> Counter[str]:
    sql = (
        "SELECT kind, count(*) FROM entry WHERE agreement > ? AND agreement < ? AND seq < ?"  # noqa: S608
        f" AND {session.members('kind')} GROUP BY kind"
    )
    parameters = (f"{agreement}@", f"{agreement}A", end, session.listed(list(_COUNTED)))
    return Counter(dict(session.rows(sql, parameters)))
