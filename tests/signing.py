"""Signing an agreement for all of its parties, as tests do where who signs is not what they are about."""

from __future__ import annotations

from datetime import datetime

from api.office.agreements import Held, held, propose, version_to_sign
from api.office.opening import Office
from api.office.signing import give_signature
from contracts.consent import sign_version
from contracts.signing import SigningKey
from ledger.leaves import microseconds
from ledger.reading import Entry
from ledger.signing.proposals import PROPOSED, SIGNED, SOURCE, Proposal, Told
from policies.agreement import Agreement


def sign_by_all(office: Office, agreement: Agreement, keys: dict[str, SigningKey] | None = None) -> Held:
    """Propose an agreement and sign it with the key of each party; new ones are made if none are given."""
    keys = keys or {party: SigningKey.generate() for party in agreement.parties}
    one = propose(office, agreement.with_signers({party: key.address for party, key in keys.items()}))
    version = version_to_sign(office, one)
    for party, key in keys.items():
        give_signature(office, one.agreement.ref, party, sign_version(key, version, office.domain).signature)
    return held(office, one.agreement.ref)


def held_as(agreement: Agreement, at: str = "2026-01-01T00:00:00+00:00", *, signed: bool = True) -> Held:
    """Return a version as the office would hold it, proposed and signed at a time, of no log."""

    def entry(seq: int, kind: str) -> Entry:
        at_us = microseconds(datetime.fromisoformat(at))
        return Entry(seq, SOURCE, agreement.ref, agreement.ref, kind, at, at_us, at_us, "operator", b"", b"")

    told: Told | None = (entry(1, SIGNED), {"agreement": {}, "signing": {}}) if signed else None
    return Held(agreement, bytes(32), Proposal(agreement.ref, 1, entry(0, PROPOSED), {}, signed=told))
