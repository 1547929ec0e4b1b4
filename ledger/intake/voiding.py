"""Voiding a batch: two people take an import back as a whole, and what it posted is reversed.

The first proposes it, `batch.void_proposed`; another confirms it, `batch.voided`. The entries stay; from the
void on they count no more, and the buyers' money that they posted goes back, or to what another source's
report of the same sales funds. What was settled of them is taken back by the next run, as a difference.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from ledger.database import Session, reading
from ledger.entries import AMOUNT_LIMIT_MINOR, Group, NewEntry, Posting, require_plain
from ledger.errors import LogMoved
from ledger.intake.attesting import Attesting
from ledger.intake.batches import TAKEN_KIND, Batch, standing_batch
from ledger.intake.errors import VoidRefused
from ledger.intake.funding import funding_pair
from ledger.intake.terms import Funding, IntakeTerms
from ledger.log import Log
from ledger.reading import read_entries
from ledger.reports import read_reports
from ledger.reversals import first_reversed
from ledger.voids import GROUP, VOIDED_KIND, read_voids

PROPOSED_KIND = "batch.void_proposed"
SOURCE = "intake"
SUFFIX = ".voided"
REASON_LIMIT = 2_000
_TRIES = 5


@dataclass(frozen=True, slots=True)
class VoidProposal:
    """A proposal to void a batch: who made it, why, and its entry."""

    batch: Batch
    by: str
    reason: str
    seq: int


@dataclass(frozen=True, slots=True)
class Voided:
    """A voided batch: the entry that says so, who proposed and who confirmed it, and of how many sales."""

    batch: Batch
    seq: int
    proposed_by: str
    confirmed_by: str
    sales: int


def propose_void(  # noqa: PLR0913 -- which batch, who, for whom, why, when
    log: Log, terms: IntakeTerms, name: str, *, by: str, asserter: str, reason: str, now: datetime
) -> VoidProposal:
    """Propose to void the standing batch of that name; the first proposal for its entries stands.

    `by` is the person, `asserter` the party they act for. Raises EntryUnknown, EntryInvalid, and VoidRefused
    where some of what it posted is reversed already.
    """
    require_plain(reason, REASON_LIMIT, "void, reason")
    batch = standing_batch(log, terms.agreement, name)
    known = void_proposal(log, batch)
    if known is not None:
        return known
    with reading(log.engine) as session:
        _require_unreversed(batch, session)
    content = {**_named(batch), "by": by, "reason": reason}
    log.append([_entry(terms, PROPOSED_KIND, f"void/{_key(batch)}/proposed", content, asserter, now)])
    found = void_proposal(log, batch)
    assert found is not None, "the proposal was appended"
    return found


def void(  # noqa: PLR0913 -- which batch, who, for whom, when
    log: Log, terms: IntakeTerms, name: str, *, by: str, asserter: str, now: datetime
) -> Voided:
    """Confirm a proposed void as another person; from its entry on the batch counts no more.

    Raises EntryUnknown, VoidRefused where nobody proposed it, the same person did, the batch has grown
    since, or some of what it posted is reversed already, and LogMoved where the log is too busy for it
    just now.
    """
    for _ in range(_TRIES):
        size = log.size()
        batch = standing_batch(log, terms.agreement, name)
        proposed = _proposed(log, batch, by)
        sales, postings, orders = _reversing(log, terms, batch)
        content = {
            **_named(batch),
            "ranges": [list(one) for one in batch.ranges],
            "proposed_by": proposed.by,
            "proposed_seq": proposed.seq,
            "confirmed_by": by,
            "reason": proposed.reason,
            "sales": sales,
        }
        entry = _entry(terms, VOIDED_KIND, f"void/{_key(batch)}", content, asserter, now, postings)
        try:
            report = log.append([entry], require=partial(_require_unmoved, batch, size, orders))
        except LogMoved:
            continue
        return Voided(batch, report.accepted[0], proposed.by, by, sales)
    raise LogMoved("others keep writing of the same orders; void it when no import runs", where=name)


def _proposed(log: Log, batch: Batch, by: str) -> VoidProposal:
    """Return the proposal that somebody may confirm. Raises VoidRefused."""
    proposed = void_proposal(log, batch)
    if proposed is None:
        raise VoidRefused("nobody has proposed to void what it holds now; propose it first", where=batch.name)
    if proposed.by == by:
        raise VoidRefused(f"'{by}' proposed it; another person confirms", where=batch.name)
    return proposed


def _require_unreversed(batch: Batch, session: Session) -> None:
    """Refuse where a void would take back what was taken back by hand before. Raises VoidRefused."""
    for first, stop in batch.ranges:
        found = first_reversed(session, first, stop)
        if found is not None:
            seq, n, by_seq = found
            raise VoidRefused(
                f"posting {n} of its entry {seq} was reversed by entry {by_seq} already, and would be taken"
                f" back twice; reverse entry {by_seq} first",
                where=batch.name,
            )


def _require_unmoved(batch: Batch, size: int, orders: frozenset[str], session: Session) -> None:
    """Refuse where what a void reverses may be other by what came from entry `size` on. Raises LogMoved.

    That is another batch taken or voided, or a sale of one of the orders; what else comes changes nothing,
    but a reversal of what the batch posted: raises VoidRefused.
    """
    _require_unreversed(batch, session)
    agreement = batch.agreement
    moved = read_entries(
        session,
        after=size - 1,
        limit=1,
        kinds=(TAKEN_KIND, VOIDED_KIND),
        agreement=agreement,
        newest_first=False,
    )
    sql = "SELECT DISTINCT order_id FROM line_event WHERE agreement = ? AND seq >= ? AND event = 'sale'"
    if moved or any(order in orders for (order,) in session.rows(sql, (agreement, size))):
        raise LogMoved("others told of the same sales in between", where="log")


def _reversing(log: Log, terms: IntakeTerms, batch: Batch) -> tuple[int, tuple[Posting, ...], frozenset[str]]:
    """Return how many sales a batch told of, the postings that leave what others fund, and their orders."""
    attesting = Attesting(terms)
    sums: dict[Funding, int] = defaultdict(int)
    sales = 0
    told: set[str] = set()
    with reading(log.engine) as session:
        voids = read_voids(session, terms.agreement)
        for first, stop in batch.ranges:
            orders = _orders(session, terms.agreement, first, stop)
            told.update(orders)
            for reports in read_reports(session, terms.agreement, orders).values():
                inside = [one for one in reports if first <= one.seq < stop]
                if not inside:
                    continue
                sales += len(inside)
                standing = [one for one in reports if voids.voided_by(one.seq) is None]
                left = [one for one in standing if not _within(one.seq, batch)]
                for funding, amount in attesting.funded(standing).items():
                    sums[funding] -= amount
                for funding, amount in attesting.funded(left).items():
                    sums[funding] += amount
    postings: list[Posting] = []
    for funding, amount in sums.items():
        if abs(amount) >= AMOUNT_LIMIT_MINOR:
            raise VoidRefused(f"'{funding.kind}' sums to {amount} minor units, beyond one posting")
        if amount:
            postings += funding_pair(funding, amount, terms, SUFFIX)
    return sales, tuple(postings), frozenset(told)


def _orders(session: Session, agreement: str, first: int, stop: int) -> list[str]:
    sql = (
        "SELECT DISTINCT order_id FROM line_event WHERE agreement = ? AND seq >= ? AND seq < ?"
        " AND event = 'sale' ORDER BY order_id"
    )
    return [row[0] for row in session.rows(sql, (agreement, first, stop))]


def _within(seq: int, batch: Batch) -> bool:
    return any(first <= seq < stop for first, stop in batch.ranges)


def void_proposal(log: Log, batch: Batch) -> VoidProposal | None:
    """Return the proposal to void exactly what a batch holds, None where there is none."""
    entry = log.find(SOURCE, f"void/{_key(batch)}/proposed")
    if entry is None:
        return None
    content = next(group for group in log.groups(entry.seq) if group.name == GROUP).content
    return VoidProposal(batch, content["by"], content["reason"], entry.seq)


def _key(batch: Batch) -> str:
    """Return what names exactly the entries of a batch: a proposal holds for no more than it saw."""
    return f"{batch.ranges[0][0]}-{batch.ranges[-1][1]}-{batch.entries}"


def _named(batch: Batch) -> dict[str, Any]:
    return {"batch": batch.name, "agreement": batch.agreement, "file_sha256": batch.file_sha256}


def _entry(  # noqa: PLR0913, PLR0917 -- the parts of one entry
    terms: IntakeTerms,
    kind: str,
    entry_id: str,
    content: dict[str, Any],
    asserter: str,
    now: datetime,
    postings: tuple[Posting, ...] = (),
) -> NewEntry:
    version = terms.version_at(now) or terms.versions[-1]
    return NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=kind,
        occurred_at=now,
        asserter=asserter,
        agreement=version.reference,
        concerns=version.readers,
        groups=(Group(GROUP, version.readers, content, postings),),
    )
