"""Signers as one viewer may see them, and changes of their keys by members who may sign for the party."""

from __future__ import annotations

import re
from typing import Any

from api.access import Viewer, demand_read, demand_role, may_read
from api.errors import RequestUnusable
from api.office.agreements import held_versions
from api.office.keys import (
    Register,
    change_by_signature,
    change_to_sign,
    confirm_revocation,
    propose_revocation,
    registers,
)
from api.office.opening import Office
from api.reading import PartyName, Text, plain
from api.signers.schemas import (
    ChangeAsked,
    ChangeSigned,
    KeyStep,
    RevocationAsked,
    RevocationConfirmed,
    SignerShown,
)
from api.to_sign import RequestFile, SignerAsked
from api.worded import both, party_by_id
from contracts.key_changes import KeyChange
from contracts.succession import SignedKeyChange
from ledger.signing.keys import CAUSES, Cause, KeyEvent
from policies.agreement import Agreement

_SIGNATURE = re.compile(r"(0x[0-9a-fA-F]{130})?")


class SignerService:
    """Shows signers to their parties and whom they deal with, changes their keys. Raises AccessDenied."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def signers(self, viewer: Viewer) -> tuple[SignerShown, ...]:
        """Return the signers that the viewer may read of, in the order in which versions first named them."""
        versions = [one.agreement for one in held_versions(self.office).values()]
        return tuple(
            self._shown(viewer, one, versions)
            for one in registers(self.office).values()
            if may_read(viewer, one.readers)
        )

    def request(self, viewer: Viewer, signer: str, asked: ChangeAsked) -> dict[str, Any]:
        """Return what is signed for a change, as a wallet takes it. Needs `sign` for the signer's party."""
        self._demand(viewer, signer)
        return _change(self.office, signer, asked).request(self.office.domain)

    def to_sign(self, viewer: Viewer, signer: str, asked: ChangeAsked) -> RequestFile:
        """Return the same as a file, with the addresses of which some sign. Needs `sign` for the party."""
        request = self.request(viewer, signer, asked)
        register = registers(self.office)[signer]
        keys = register.keys.at(self.office.clock())
        named = SignerAsked(register.party, signer, keys.key(self.office.clock()))
        others = (keys.recovery, request["message"].get("newKey"))
        more = tuple(SignerAsked(register.party, one, one) for one in others if one)
        return RequestFile(request=request, opens={}, signers=(named, *more))

    def change(self, viewer: Viewer, signer: str, given: ChangeSigned) -> SignerShown:
        """Record a change that the key or the recovery signed. Needs `sign` for the signer's party."""
        self._demand(viewer, signer)
        change = _change(self.office, signer, ChangeAsked(given.new_key, given.recovery, given.revoke))
        for name in ("authorization", "acceptance"):
            if not _SIGNATURE.fullmatch(getattr(given, name)):
                raise RequestUnusable("a signature is 0x and 130 hex digits (r, s, v)", where=name)
        signed = SignedKeyChange(
            change,
            given.changed_by,
            bytes.fromhex(given.authorization[2:]),
            bytes.fromhex(given.acceptance[2:]),
        )
        change_by_signature(
            self.office, signed, by=viewer.member, cause=_cause(given.cause), reason=given.reason
        )
        return self._one(viewer, signer)

    def ask(self, viewer: Viewer, signer: str, asked: RevocationAsked) -> SignerShown:
        """Ask that a key be revoked; another member confirms. Needs `sign` for the signer's party."""
        self._demand(viewer, signer)
        cause = _cause(asked.cause)
        propose_revocation(self.office, signer, asked.key, cause=cause, reason=asked.reason, by=viewer.member)
        return self._one(viewer, signer)

    def confirm(self, viewer: Viewer, signer: str, asked: RevocationConfirmed) -> SignerShown:
        """Revoke what another member asked for. Needs `sign` for the signer's party."""
        self._demand(viewer, signer)
        confirm_revocation(self.office, signer, asked.key, by=viewer.member)
        return self._one(viewer, signer)

    def _one(self, viewer: Viewer, signer: str) -> SignerShown:
        return next(one for one in self.signers(viewer) if one.signer == signer)

    def _demand(self, viewer: Viewer, signer: str) -> None:
        one = registers(self.office).get(signer)
        demand_read(viewer, () if one is None else one.readers, "signer")
        assert one is not None, "what is not there is refused"
        demand_role(viewer, "sign", one.party)

    def _shown(self, viewer: Viewer, one: Register, versions: list[Agreement]) -> SignerShown:
        keys, now = one.keys.at(self.office.clock()), self.office.clock()
        key = keys.key(now)
        among = [each for each in versions if any(each.party_id(name) == one.party for name in each.parties)]
        own = viewer.has("sign", one.party)
        sees = may_read(viewer, [one.party])
        asked = keys.asked.content if keys.asked is not None and sees else None
        return SignerShown(
            signer=keys.signer,
            party=party_by_id(among[-1], one.party) if among else _stranger(one.party),
            key=key,
            state="revoked" if keys.state(key, now) == "revoked" else "current",
            recovery=keys.recovery,
            cooling=None if keys.pending is None else keys.pending.key,
            cooling_until=None if keys.pending is None else keys.pending.usable_from.isoformat(),
            asked=None if asked is None else asked["key"],
            next_number=keys.next_number,
            steps=tuple(
                _step(event) for event in keys.events if sees or event.kind != "key.revocation_proposed"
            ),
            may_change=own,
            may_confirm=own and asked is not None and asked["by"] != viewer.member,
        )


def _stranger(party: str) -> PartyName:
    return PartyName(party, party, "party", plain(party))


def _step(event: KeyEvent) -> KeyStep:
    told = event.content
    key = told.get("new_key") or told.get("recovery") or told["key"]
    word = both(f"key-word.{told['word']}") if "word" in told else Text("", "")
    return KeyStep(event.kind, key, word, told.get("reason"), told["by"], event.at.isoformat(), event.seq)


def _change(office: Office, signer: str, asked: ChangeAsked) -> KeyChange:
    given = [one for one in (asked.new_key, asked.recovery, asked.revoke) if one]
    if len(given) != 1:
        raise RequestUnusable("name one of new_key, recovery and revoke", where="change")
    return change_to_sign(office, signer, new_key=asked.new_key, recovery=asked.recovery, revoke=asked.revoke)


def _cause(text: str) -> Cause:
    found = next((one for one in CAUSES if one == text), None)
    if found is None:
        raise RequestUnusable(f"a key is revoked as one of {', '.join(CAUSES)}", where="cause")
    return found
