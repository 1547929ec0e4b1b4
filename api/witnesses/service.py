"""Registers parties' witnesses and takes their countersignatures, for members who sign for the party."""

from __future__ import annotations

from api.access import Viewer, demand_role
from api.errors import RequestUnusable
from api.office.opening import Office
from api.witnesses.schemas import CosignatureShown, WitnessShown
from ledger.cosignatures import add_cosignature
from ledger.errors import EntryUnknown
from ledger.leaves import instant_of, microseconds
from ledger.notes import split_signature
from ledger.witnesses import Witness, register_witness, withdraw_witness, witness, witnesses


class WitnessService:
    """Keeps the list of witnesses and what they sign; only members who sign for a party act for it."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def witnesses(self) -> tuple[WitnessShown, ...]:
        """Return every witness, withdrawn ones too: members are to know who watches."""
        return tuple(_shown(one) for one in witnesses(self.office.log))

    def register(self, viewer: Viewer, party: str, vkey: str) -> WitnessShown:
        """Register a party's witness; the same again returns the first."""
        demand_role(viewer, "sign", party)
        now = self.office.clock()
        return _shown(register_witness(self.office.log, party, vkey, by=viewer.member, now=now))

    def withdraw(self, viewer: Viewer, label: str) -> WitnessShown:
        """Take no more signatures of a witness; those taken stay."""
        demand_role(viewer, "sign", self._party(label))
        now = self.office.clock()
        return _shown(withdraw_witness(self.office.log, label, by=viewer.member, now=now))

    def take(self, viewer: Viewer, size: int, line: str) -> CosignatureShown:
        """Keep a witness's signature of the checkpoint of a size."""
        name, data = split_signature(line)
        party = self._party(f"{name}+{data[:4].hex()}")
        demand_role(viewer, "sign", party)
        now_us = microseconds(self.office.clock())
        taken = add_cosignature(self.office.log, size, line, party=party, now_us=now_us)
        at = instant_of(taken.signed_s * 1_000_000).isoformat(timespec="seconds")
        return CosignatureShown(taken.label, taken.size, at, taken.line)

    def _party(self, label: str) -> str:
        try:
            return witness(self.office.log, label).party
        except EntryUnknown as unknown:
            raise RequestUnusable("no witness is registered under this key", where=label) from unknown


def _shown(one: Witness) -> WitnessShown:
    return WitnessShown(one.key.label, one.party, str(one.key), one.registered_seq, one.withdrawn_seq)
