"""Identities as one viewer may see them: a party's own, those a platform works with, all for the house."""

from __future__ import annotations

from api.access import Viewer, may_read
from api.identities.schemas import GateRequest, GateShown, GateTyped, IdentitiesShown, IdentityShown
from api.office.agreements import held_versions
from api.office.identities import KnownIdentity, change_gate, known_identities
from api.office.opening import OPERATOR, Office
from api.reading import PartyName, plain
from api.worded import party_by_id
from ledger.identities import Gate, gate
from policies.agreement import Agreement


class IdentityService:
    """Shows identities, and sets the gate for the operator."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def identities(self, viewer: Viewer) -> IdentitiesShown:
        """Return the gate, and the identities that the viewer may read."""
        versions = [one.agreement for one in held_versions(self.office).values()]
        return IdentitiesShown(
            _gate(gate(self.office.log)),
            tuple(
                _shown(one, versions)
                for one in known_identities(self.office)
                if viewer.has("operator") or may_read(viewer, one.readers)
            ),
        )

    def set_gate(self, asked: GateRequest) -> GateShown:
        """Set the gate on the operator's word; what holds already adds nothing."""
        done = change_gate(self.office, sign=asked.sign, pay=asked.pay, by=OPERATOR, reason=asked.reason)
        return _gate(done)

    def set_typed(self, typed: GateTyped) -> GateShown:
        """Set the gate as typed on the page."""
        return self.set_gate(GateRequest(bool(typed.sign), bool(typed.pay), typed.reason))


def _gate(one: Gate) -> GateShown:
    return GateShown(one.sign, one.pay, one.seq)


def _shown(one: KnownIdentity, versions: list[Agreement]) -> IdentityShown:
    found, party = one.identity, one.identity.party
    among = [held for held in versions if any(held.party_id(key) == party for key in held.parties)]
    name = party_by_id(among[-1], party) if among else PartyName(party, party, "party", plain(party))
    return IdentityShown(
        party=name,
        standing=found.standing,
        item=found.item,
        subject=found.subject,
        valid_until=None if found.valid_until is None else found.valid_until.isoformat(),
        recheck_by=None if found.recheck_by is None else found.recheck_by.isoformat(),
        entry_seq=found.seq,
    )
