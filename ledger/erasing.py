"""Erasing a group's content: who asked and why goes into the log, the content and its salt go for good.

The leaf keeps the salted commitment, which without the salt says nothing of what it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.database import Session
from ledger.derive import LINE_EVENTS, ORDER_GROUP
from ledger.entries import AUDITOR, CONCERNS, Group, NewEntry, require_plain
from ledger.errors import EntryUnknown, ErasureRefused
from ledger.hold_events import HOLD_EVENTS, HOLD_GROUP
from ledger.legal_holds import LIFTED_KIND, PLACED_KIND, LegalHold, standing_holds
from ledger.reading import Entry, StoredGroup, find_entry, read_entry, read_groups
from ledger.registers.keeping import require_kept_no_longer
from ledger.signing.key_registrations import KIND as KEY_REGISTERED
from ledger.signing.keys import KINDS as KEY_KINDS
from ledger.signing.proposals import KINDS as SIGNING_KINDS
from ledger.terminations import KINDS as TERMINATION_KINDS

ERASED_KIND = "content.erased"
REASON_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Erasure:
    """A request to erase one group of one entry, with the key of the entry that will record it."""

    seq: int
    group: str
    reason: str
    asserter: str
    source: str
    id: str


def erase_groups(
    session: Session,
    wanted: Iterable[Erasure],
    now: datetime,
    append: Callable[[Session, NewEntry], int],
) -> list[int]:
    """Erase groups within a transaction; return the seq of each record. See Log.erase for what it refuses."""
    holds = standing_holds(session)
    return [_erase_group(session, one, holds, now, append) for one in wanted]


def _erase_group(
    session: Session,
    wanted: Erasure,
    holds: Sequence[LegalHold],
    now: datetime,
    append: Callable[[Session, NewEntry], int],
) -> int:
    require_plain(wanted.reason, REASON_LIMIT, "erasure.reason")
    entry = read_entry(session, wanted.seq)
    groups = {group.name: group for group in read_groups(session, wanted.seq, None)}
    group = groups.get(wanted.group)
    if group is None:
        raise EntryUnknown(
            f"no group '{wanted.group}'; it has {', '.join(sorted(groups))}", where=f"entry {wanted.seq}"
        )
    if group.erased_by is not None:
        earlier = find_entry(session, wanted.source, wanted.id)
        if earlier is not None and earlier.seq == group.erased_by:
            return earlier.seq
    _require_erasable(entry.kind, group)
    require_kept_no_longer(session, entry, group.name, now)
    _require_no_hold(session, entry, group, holds)
    record = NewEntry(
        source=wanted.source,
        id=wanted.id,
        kind=ERASED_KIND,
        occurred_at=now,
        asserter=wanted.asserter,
        agreement=entry.agreement,
        concerns=tuple(groups[CONCERNS].content["parties"]),
        groups=(
            Group(
                "erasure",
                (AUDITOR, *group.readers),
                {
                    "group": group.name,
                    "position": group.position,
                    "reason": wanted.reason,
                    "seq": wanted.seq,
                },
            ),
        ),
    )
    by_seq = append(session, record)
    session.insert("erasure", [(wanted.seq, group.position, group.name, by_seq, wanted.reason)])
    session.execute("DELETE FROM disclosure WHERE seq = ? AND position = ?", (wanted.seq, group.position))
    return by_seq


LASTING_KINDS = frozenset({
    *SIGNING_KINDS, *KEY_KINDS, KEY_REGISTERED, *TERMINATION_KINDS, "settlement.run", "statement.issued",
    "period.closed", PLACED_KIND, LIFTED_KIND, "batch.taken", "batch.void_proposed", "batch.voided",
    "statement.served", "statement.accepted", "statement.contested", "statement.corrected",
    "contest.withdrawn", "contest.answered", "contest.dismissed", "checklist.overridden",
    "payout.prepared", "payout.cancelled", "payout.released", "payout.confirmed", "payout.failed",
    "payout.returned", "debt.write_off_proposed", "debt.written_off", "facts.recorded", "event.recorded",
    "rate.recorded", "suspense.claimed", "suspense.accepted", "suspense.decided",
    "dispute.filed", "dispute.served", "dispute.answered", "dispute.extension_asked", "dispute.extended",
    "dispute.rested", "dispute.proposed", "dispute.ruled", "dispute.appealed", "dispute.appeal_waived",
    "dispute.settlement_offered", "dispute.settlement_accepted", "dispute.withdrawn",
    "dispute.deadline_passed", "dispute.reminded", "dispute.decided", "dispute.closed",
    "dispute.arbiter_appointed", "dispute.conflict_declared", "dispute.arbiter_challenged",
    "dispute.challenge_decided", "dispute.arbiter_replaced", "dispute.fee_set", "dispute.costs_ruled",
    "dispute.query_saved", "dispute.query_widened",
    "notice.given", "notice.dismissed", "notice.filed",
    "credit.points_given", "credit.points_appealed", "credit.points_upheld", "credit.points_removed",
    "credit.points_restored", "score.recorded", "identity_gate.changed", "chain.sealed", "chain.begun_anew",
    "vault.opened",
})  # fmt: skip
"""Kinds that no erasure touches: what they say is of parties, not buyers, and later entries rest on it."""

RECONCILED_KINDS = frozenset(
    {"reconciliation.recorded", "reconciliation.carried", "match.recorded", "match.withdrawn"}
)
RECONCILED_NOTES = "notes"
"""Reconciliations rest on each other, but for the notes of their rows, which banks fill with names."""

INVOICE_KINDS = frozenset({"invoice.recorded", "invoice.withdrawn"})
INVOICE_GROUP = "invoice"
"""What an invoice says stays; whose taxpayers' numbers are on it is a group that can be erased."""

EXHIBIT_KINDS = frozenset({
    "dispute.evidence_filed", "dispute.evidence_sealed", "dispute.evidence_unsealed",
    "dispute.evidence_redacted", "dispute.custody_passed",
})  # fmt: skip
EXHIBIT_GROUP = "evidence"
"""The docket line of an exhibit stays, its digest with it; what describes it can be erased."""
SHARED_KINDS = frozenset({"data.shared", "data.refused", "data.ended", "data.returned", "data.deleted"})
SHARED_GROUP = "sharing"
"""Who was given what stays; which entries it was goes when its time is over."""

_ACCOUNT_KIND, _ACCOUNT_DETAILS = "bank_account.changed", "account_details"


def _require_no_hold(session: Session, entry: Entry, group: StoredGroup, holds: Sequence[LegalHold]) -> None:
    told = session.rows("SELECT order_id FROM line_event WHERE seq = ?", (entry.seq,))
    agreement = entry.agreement.partition("@")[0] if entry.agreement else None
    for hold in holds:
        if hold.covers(agreement, told[0][0] if told else None):
            raise ErasureRefused(
                f"legal hold '{hold.name}' stands ({hold.reason}); it can be erased once that is lifted",
                where=f"entry {group.seq}, group {group.name}",
            )


def _require_erasable(kind: str, group: StoredGroup) -> None:
    where = f"entry {group.seq}, group {group.name}"
    if group.erased_by is not None:
        raise ErasureRefused(f"erased already, by entry {group.erased_by}", where=where)
    if group.name == CONCERNS:
        raise ErasureRefused("whom an entry concerns is needed to prove completeness", where=where)
    if kind == ERASED_KIND:
        raise ErasureRefused("the record of an erasure stays", where=where)
    if kind in LASTING_KINDS or (kind in RECONCILED_KINDS and group.name != RECONCILED_NOTES):
        raise ErasureRefused(f"an entry of kind {kind} is what later entries rest on", where=where)
    if kind == _ACCOUNT_KIND and group.name != _ACCOUNT_DETAILS:
        raise ErasureRefused("what a payee signed stays; its details can be erased", where=where)
    if kind in HOLD_EVENTS and group.name == HOLD_GROUP:
        raise ErasureRefused("what an account has available rests on it", where=where)
    if kind in LINE_EVENTS and group.name == ORDER_GROUP:
        raise ErasureRefused("what was settled is a difference of such facts, so they stay", where=where)
    if kind in SHARED_KINDS and group.name == SHARED_GROUP:
        raise ErasureRefused("who was given what stays; which entries it was can be erased", where=where)
    if kind in INVOICE_KINDS and group.name == INVOICE_GROUP:
        raise ErasureRefused("statements are matched with it; the taxpayers' numbers are apart", where=where)
    if kind in EXHIBIT_KINDS and group.name != EXHIBIT_GROUP:
        raise ErasureRefused("the docket line of an exhibit stays; its words can be erased", where=where)
    if group.postings:
        raise ErasureRefused("it carries postings, and books must keep adding up", where=where)
