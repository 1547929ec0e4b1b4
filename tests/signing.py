"""Signing an agreement for all of its parties, as tests do where who signs is not what they are about."""

from __future__ import annotations

from api.office.agreements import Held, give_signature, held, propose, version_to_sign
from api.office.opening import Office
from contracts.consent import sign_version
from contracts.signing import SigningKey
from policies.agreement import Agreement


def sign_by_all(office: Office, agreement: Agreement, keys: dict[str, SigningKey] | None = None) -> Held:
    """Propose an agreement and sign it with the key of each party; new ones are made if none are given."""
    keys = keys or {party: SigningKey.generate() for party in agreement.parties}
    one = propose(office, agreement.with_signers({party: key.address for party, key in keys.items()}))
    version = version_to_sign(office, one)
    for party, key in keys.items():
        give_signature(office, one.agreement.ref, party, sign_version(key, version, office.domain).signature)
    return held(office, one.agreement.ref)
