"""Erasing personal data as the signed agreements have it: not before they must keep it, due when they end.

The days stand in the data grants of each version. What the log itself never lets go, and legal holds, are in
ledger/erasing.py and ledger/legal_holds.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.office.agreements import Held, held_versions
from api.office.errors import AgreementUnknown
from api.office.exhibits import Goes, drop_unneeded, goes_with
from api.office.opening import Office
from ledger.cases.record import EVIDENCE_GROUP
from ledger.erasing import Erasure
from ledger.errors import ErasureRefused
from ledger.intake.events import BUYER_GROUP
from ledger.leaves import instant_of, microseconds
from ledger.legal_holds import LegalHold, place_hold
from ledger.payouts.accounts import DETAILS_GROUP
from ledger.payouts.batches import batches
from ledger.retention import DueGroup, groups_due, last_receipt_us
from policies.agreement import Agreement
from policies.clauses.data_grant import DataGrant

SOURCE = "tallystick.erasure"
RETENTION_SOURCE = "tallystick.retention"


@dataclass(frozen=True, slots=True)
class Due:
    """Personal data whose time is over: of which version, the clause that ends it, and where it stands."""

    ref: str
    clause: str
    days: int
    found: DueGroup

    @property
    def received_at(self) -> datetime:
        """When the order line was received, UTC."""
        return instant_of(self.found.received_us)


def erase(  # noqa: PLR0913 (what, why, who, and the request's own number)
    office: Office, seq: int, group: str, *, reason: str, asserter: str, request: str
) -> int:
    """Erase one group on request; return the seq of its record.

    With what describes an exhibit goes its file. Raises ErasureRefused where a data grant still has it kept,
    a payment on an account is on its way, or the exhibit's case is open, and what `Log.erase` raises.
    """
    if group == BUYER_GROUP:
        _require_time_over(office, seq)
    if group == DETAILS_GROUP:
        _require_answered(office, seq)
    goes = goes_with(office, seq) if group == EVIDENCE_GROUP else Goes()
    wanted = [Erasure(seq, group, reason, asserter, SOURCE, request)]
    wanted += [
        Erasure(one, group, reason, asserter, SOURCE, f"{request}/{place}")
        for place, one in enumerate(goes.seqs, 1)
    ]
    by_seq = office.log.erase_all(wanted)[0]
    drop_unneeded(office, goes.files)
    return by_seq


def _require_answered(office: Office, seq: int) -> None:
    """Refuse to erase an account while a payment is on its way to it: its file could not be written then."""
    for batch in batches(office.log):
        for one in batch.payments:
            if one.account_seq == seq and one.state == "released":
                raise ErasureRefused(
                    f"payment {one.reference} is on its way to it; erase it once the bank has answered",
                    where=f"entry {seq}, group {DETAILS_GROUP}",
                )


def _require_time_over(office: Office, seq: int) -> None:
    ref = office.log.entry(seq).agreement
    version = held_versions(office).get(ref or "")
    if version is None:
        return
    for grant in personal_grants(version.agreement):
        least = grant.retention.at_least
        if least is None:
            continue
        where = f"entry {seq}, group {BUYER_GROUP}"
        received_us = last_receipt_us(office.log, seq)
        if received_us is None:
            raise ErasureRefused(
                f"clause {grant.id} of {ref} has it kept for {least} days after receipt, not confirmed yet",
                where=where,
            )
        until = instant_of(received_us) + timedelta(days=least)
        if office.clock() < until:
            day = until.astimezone(version.agreement.zone).date()
            raise ErasureRefused(f"clause {grant.id} of {ref} has it kept until {day}", where=where)


def personal_grants(agreement: Agreement) -> list[DataGrant]:
    """Return the data grants of a version that concern personal facts."""
    return [one for one in agreement.document.clauses if isinstance(one, DataGrant) and one.personal]


def due(office: Office, now: datetime) -> Iterator[list[Due]]:
    """Yield the personal data of every signed version that no grant lets be kept any longer, in batches.

    A version with no grant of personal data, or with one whose data is to be returned, names no day on which
    it must be erased.
    """
    for version in _signed(office):
        grants = personal_grants(version.agreement)
        if not grants or any(one.retention.then != "erase" for one in grants):
            continue
        last = max(grants, key=lambda one: one.retention.days)
        before = microseconds(now - timedelta(days=last.retention.days))
        agreement = version.agreement
        for batch in groups_due(office.log, agreement.id, agreement.ref, BUYER_GROUP, before):
            yield [Due(agreement.ref, last.id, last.retention.days, one) for one in batch]


def _signed(office: Office) -> list[Held]:
    return [one for one in held_versions(office).values() if one.is_signed]


def erase_due(office: Office, now: datetime, asserter: str) -> Iterator[tuple[int, int]]:
    """Erase what is due and no legal hold keeps; yield, batch by batch, how many went and how many are held.

    Each batch is one transaction, so what was erased when the process ends stays erased, and running it again
    goes on.
    """
    for batch in due(office, now):
        free = [one for one in batch if one.found.hold is None]
        office.log.erase_all([_erasure(one, asserter) for one in free])
        yield len(free), len(batch) - len(free)


def _erasure(one: Due, asserter: str) -> Erasure:
    reason = f"clause {one.clause} of {one.ref}: kept for {one.days} days after receipt"
    entry_id = f"{one.ref}/{one.found.seq}/{one.found.group}"
    return Erasure(one.found.seq, one.found.group, reason, asserter, RETENTION_SOURCE, entry_id)


def hold(  # noqa: PLR0913 (its name, what it covers, why and on whose word)
    office: Office,
    name: str,
    *,
    agreement: str | None,
    order: str | None,
    reason: str,
    asserter: str,
) -> LegalHold:
    """Place a legal hold that the agreement's parties may read; the same again returns the first.

    Raises AgreementUnknown, and what `place_hold` raises.
    """
    versions = [
        one.agreement
        for one in held_versions(office).values()
        if agreement is None or one.agreement.id == agreement
    ]
    if agreement is not None and not versions:
        raise AgreementUnknown("no version of this agreement is held here", where=agreement)
    readers = {one.party_id(key) for one in versions for key in one.parties} if agreement else set()
    return place_hold(
        office.log,
        name,
        agreement=agreement,
        order=order,
        reason=reason,
        asserter=asserter,
        readers=sorted(readers),
        now=office.clock().astimezone(UTC),
    )
