"""Payouts under the agreements the office keeps. Who may do what is decided before."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from api.office.agreements import held_versions
from api.office.opening import Office
from ledger.payouts.answers import read_answer
from ledger.payouts.batches import (
    Act,
    Change,
    Versions,
    batch_of,
    batches,
    cancel,
    changes,
    payables,
    prepare,
    release,
)
from ledger.payouts.mapping import PaymentMapping, shipped, shipped_mapping
from ledger.payouts.outcomes import OutcomeReport, record_outcomes
from ledger.payouts.payable import Payable
from ledger.payouts.reading import Batch
from ledger.payouts.terms import in_force, payout_terms
from ledger.payouts.writing import PaymentFile, means_of, payment_file
from policies.agreement import Agreement


def versions_of(office: Office) -> Versions:
    """Return the signed versions of every agreement, oldest first."""
    found: dict[str, list[Agreement]] = defaultdict(list)
    for one in held_versions(office).values():
        if one.is_signed:
            found[one.agreement.id].append(one.agreement)
    return {key: sorted(mine, key=lambda one: one.version) for key, mine in found.items()}


def payers_of(office: Office) -> frozenset[str]:
    """Return the global ids of the parties that pay under some signed agreement."""
    terms = [payout_terms(in_force(mine, office.clock())) for mine in versions_of(office).values()]
    return frozenset(one.payer for one in terms if one.payer is not None)


def payables_of(office: Office) -> list[Payable]:
    """Return what is payable now under every agreement."""
    return payables(office.log, versions_of(office), office.clock())


def batches_of(office: Office) -> list[Batch]:
    """Return every batch, oldest first."""
    return batches(office.log)


def one_batch(office: Office, batch: str) -> Batch:
    """Return a batch as it stands. Raises PayoutUnknown."""
    return batch_of(office.log, batch)


def prepare_batch(office: Office, payer: str, *, by: str, currency: str | None = None) -> Batch:
    """Prepare a batch of what is payable by a payer; see ledger.payouts.batches."""
    return prepare(office.log, versions_of(office), payer, Act(office.clock(), by), currency=currency)


def cancel_batch(office: Office, batch: str, *, by: str, reason: str) -> Batch:
    """Cancel a batch that is not released."""
    return cancel(office.log, batch, Act(office.clock(), by), reason=reason)


def release_batch(office: Office, batch: str, *, by: str, digest: str | None) -> Batch:
    """Release a batch that another member prepared."""
    return release(office.log, versions_of(office), batch, Act(office.clock(), by), digest=digest)


def changes_since(office: Office, batch: str) -> list[Change]:
    """Return what the log says otherwise than a batch that waits for release."""
    return changes(office.log, versions_of(office), batch, office.clock())


def mappings_of(office: Office, batch: Batch) -> tuple[str, ...]:
    """Return the shipped mappings by which payments of a batch can be written."""
    means = means_of(office.log, batch)
    return tuple(name for name in shipped() if not means.isdisjoint(shipped_mapping(name).means))


def file_of_batch(office: Office, batch: str, mapping: PaymentMapping) -> PaymentFile:
    """Return the payment file of a released batch."""
    return payment_file(office.log, batch, mapping)


def take_answer(
    office: Office, payer: str, mapping: PaymentMapping, data: bytes, *, by: str
) -> OutcomeReport:
    """Record what a bank's or provider's file says of a payer's payments."""
    return record_outcomes(
        office.log,
        versions_of(office),
        payer,
        read_answer(data, mapping),
        Act(office.clock(), by),
        file_sha256=hashlib.sha256(data).hexdigest(),
    )
