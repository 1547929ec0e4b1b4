"""Payouts as one viewer may see them: a payer's to its own members, a payee's own to its members.

A batch is prepared and released by members with `pay` for the payer; the house pays for nobody. Files with
account numbers go to them alone. Not here: accounts of payees (accounts.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from api.access import AUDITOR, Viewer, demand_read, demand_role, may_read
from api.office.agreements import held_versions
from api.office.opening import Office
from api.office.payouts import (
    batches_of,
    cancel_batch,
    changes_since,
    file_of_batch,
    mappings_of,
    one_batch,
    payables_of,
    payers_of,
    prepare_batch,
    release_batch,
    take_answer,
)
from api.payouts.schemas import (
    AnswerTaken,
    BatchDetail,
    BatchPage,
    BatchShown,
    NotTakenShown,
    PartShown,
    PayableShown,
    PaymentShown,
)
from api.reading import Money, Text
from api.worded import both, local_time, party_by_id
from ledger.leaves import instant_of
from ledger.payouts.batches import Change
from ledger.payouts.errors import PayoutRefused, PayoutUnknown
from ledger.payouts.mapping import PaymentMapping, shipped_mapping
from ledger.payouts.payable import Payable
from ledger.payouts.reading import (
    CONFIRMED_KIND,
    FAILED_KIND,
    PAYMENT_GROUP,
    RETURNED_KIND,
    Batch,
    Part,
    Payment,
)
from ledger.payouts.writing import PaymentFile
from policies.agreement import Agreement

_WHY_MAX = 2_000


class PayoutService:
    """Shows, prepares, releases and follows payments. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def payables(self, viewer: Viewer) -> tuple[PayableShown, ...]:
        """Return what stands to be paid by the viewer's parties, and to them."""
        documents = self._documents()
        return tuple(
            _payable(one, documents[one.agreement])
            for one in payables_of(self.office)
            if may_read(viewer, (one.payer, one.payee))
        )

    def payers(self, viewer: Viewer) -> tuple[str, ...]:
        """Return the parties for which the viewer may prepare and release batches, sorted."""
        return tuple(sorted(one for one in payers_of(self.office) if viewer.has("pay", one)))

    def batches(self, viewer: Viewer) -> tuple[BatchShown, ...]:
        """Return the batches of the viewer's parties, newest first."""
        documents = self._documents()
        found = [one for one in batches_of(self.office) if may_read(viewer, (one.payer,))]
        return tuple(_batch(one, documents) for one in reversed(found))

    def page(self, viewer: Viewer, before: int | None, limit: int) -> BatchPage:
        """Return at most so many batches whose entry is below `before`, newest first."""
        rows = [one for one in self.batches(viewer) if before is None or one.entry_seq < before]
        return BatchPage(tuple(rows[:limit]), rows[limit - 1].entry_seq if len(rows) > limit else None)

    def to_release(self, viewer: Viewer) -> tuple[BatchShown, ...]:
        """Return the batches that somebody else prepared and the viewer may release, oldest first."""
        documents = self._documents()
        return tuple(
            _batch(one, documents)
            for one in batches_of(self.office)
            if one.state == "prepared" and viewer.has("pay", one.payer) and one.prepared_by != viewer.member
        )

    def batch(self, viewer: Viewer, batch: str) -> BatchDetail:
        """Return one batch with its payments."""
        found = self._found(viewer, batch)
        pays, waits = viewer.has("pay", found.payer), found.state == "prepared"
        documents = self._documents()
        return BatchDetail(
            batch=_batch(found, documents),
            payments=tuple(self._payment(found, one, documents) for one in found.payments),
            changed=tuple(self._changed(one, documents) for one in changes_since(self.office, batch))
            if waits
            else (),
            may_release=pays and waits and found.prepared_by != viewer.member,
            may_cancel=pays and waits,
            mappings=mappings_of(self.office, found) if pays and found.state == "released" else (),
        )

    def payments(self, viewer: Viewer) -> tuple[PaymentShown, ...]:
        """Return the payments that were released to the viewer's parties, newest first."""
        documents = self._documents()
        mine = [
            (batch, one)
            for batch in batches_of(self.office)
            if batch.state == "released"
            for one in batch.payments
            if one.payee in viewer.parties or AUDITOR in viewer.roles
        ]
        return tuple(self._payment(batch, one, documents) for batch, one in reversed(mine))

    def prepare(self, viewer: Viewer, payer: str, currency: str | None) -> BatchDetail:
        """Prepare a batch of everything that is payable by a payer. Needs `pay` for it."""
        demand_role(viewer, "pay", payer)
        made = prepare_batch(self.office, payer, by=viewer.member, currency=currency)
        return self.batch(viewer, made.id)

    def release(self, viewer: Viewer, batch: str, digest: str | None) -> BatchDetail:
        """Release a batch that another member prepared. Needs `pay` for its payer."""
        self._paying(viewer, batch)
        release_batch(self.office, batch, by=viewer.member, digest=digest)
        return self.batch(viewer, batch)

    def cancel(self, viewer: Viewer, batch: str, reason: str) -> BatchDetail:
        """Cancel a batch that is not released. Needs `pay` for its payer."""
        self._paying(viewer, batch)
        said = " ".join(reason.split())
        if not said or len(said) > _WHY_MAX:
            raise PayoutRefused("say why, as it will stand in the log", where=batch)
        cancel_batch(self.office, batch, by=viewer.member, reason=said)
        return self.batch(viewer, batch)

    def file(self, viewer: Viewer, batch: str, mapping: str | PaymentMapping) -> PaymentFile:
        """Return the payment file of a released batch, with account numbers. Needs `pay` for its payer."""
        self._paying(viewer, batch)
        known = shipped_mapping(mapping) if isinstance(mapping, str) else mapping
        return file_of_batch(self.office, batch, known)

    def answer(self, viewer: Viewer, payer: str, mapping: str | PaymentMapping, data: bytes) -> AnswerTaken:
        """Record what a bank's file says of a payer's payments. Needs `pay` for it."""
        demand_role(viewer, "pay", payer)
        known = shipped_mapping(mapping) if isinstance(mapping, str) else mapping
        report = take_answer(self.office, payer, known, data, by=viewer.member)
        counts = Counter(outcome for _, outcome in report.written)
        return AnswerTaken(
            counts["confirmed"],
            counts["failed"],
            counts["returned"],
            report.repeated,
            tuple(NotTakenShown(one.line, one.reference, one.fault, one.message) for one in report.not_taken),
        )

    def _paying(self, viewer: Viewer, batch: str) -> None:
        demand_role(viewer, "pay", self._found(viewer, batch).payer)

    def _found(self, viewer: Viewer, batch: str) -> Batch:
        try:
            found = one_batch(self.office, batch)
        except PayoutUnknown:
            found = None
        demand_read(viewer, (found.payer,) if found else (), "batch of payments")
        assert found is not None
        return found

    def _documents(self) -> dict[str, Agreement]:
        return {ref: one.agreement for ref, one in held_versions(self.office).items()}

    def _payment(self, batch: Batch, payment: Payment, documents: dict[str, Agreement]) -> PaymentShown:
        agreement, told = documents[payment.agreement], self._told(payment)
        return PaymentShown(
            batch=batch.id,
            number=payment.number,
            reference=payment.reference,
            agreement=payment.agreement_id,
            payer=party_by_id(agreement, batch.payer),
            payee=party_by_id(agreement, payment.payee),
            amount=Money(payment.amount_minor, batch.currency),
            account=payment.masked,
            state=payment.state,
            statements=_parts(payment.parts, batch.currency),
            reason=told.get("reason"),
            bank_reference=told.get("bank_reference"),
            entries=dict(payment.seqs),
        )

    def _changed(self, change: Change, documents: dict[str, Agreement]) -> Text:
        """Say what changed since a payment was prepared."""
        payment, agreement = change.payment, documents[change.payment.agreement]
        return both(
            f"payouts.changed-{change.cause}",
            number=payment.number,
            payee=party_by_id(agreement, payment.payee).name,
            payer=party_by_id(agreement, change.payer).name if change.payer else "",
            seq=change.seq,
            now=Money(change.payable_minor, change.currency).decimal(),
            prepared=Money(payment.amount_minor, change.currency).decimal(),
        )

    def _told(self, payment: Payment) -> dict[str, Any]:
        """Return what the bank said last of a payment."""
        for kind in (RETURNED_KIND, FAILED_KIND, CONFIRMED_KIND):
            if kind in payment.seqs:
                groups = self.office.log.groups(payment.seqs[kind])
                return next(one.content for one in groups if one.name == PAYMENT_GROUP)
        return {}


def _payable(one: Payable, agreement: Agreement) -> PayableShown:
    def money(minor: int) -> Money:
        return Money(minor, one.currency)

    return PayableShown(
        agreement=one.id,
        payer=party_by_id(agreement, one.payer),
        payee=party_by_id(agreement, one.payee),
        payable=money(one.payable_minor),
        waits=one.waits,
        account=one.account.masked if one.account else None,
        due=money(one.due_minor),
        open=money(one.open_minor),
        uninvoiced=money(one.uninvoiced_minor),
        contested=money(one.contested_minor),
        held=money(one.held_minor),
        owed=money(one.owed_minor),
        decided=money(one.decided_minor),
        paid=money(one.paid_minor),
        on_its_way=money(one.on_its_way_minor),
        statements=_parts(one.parts, one.currency),
    )


def _batch(one: Batch, documents: dict[str, Agreement]) -> BatchShown:
    agreement = documents[one.payments[0].agreement]
    at = instant_of(one.prepared_us).isoformat()
    states = Counter(payment.state for payment in one.payments)
    return BatchShown(
        id=one.id,
        entry_seq=one.seq,
        payer=party_by_id(agreement, one.payer),
        state=one.state,
        total=Money(one.total_minor, one.currency),
        payments=len(one.payments),
        confirmed=states["confirmed"],
        came_back=states["failed"] + states["returned"],
        prepared_by=one.prepared_by,
        prepared_at=local_time(agreement, at),
        as_of_seq=one.as_of_seq,
        digest=one.digest,
    )


def _parts(parts: tuple[Part, ...], currency: str) -> tuple[PartShown, ...]:
    return tuple(PartShown(one.statement, Money(one.amount_minor, currency)) for one in parts)
