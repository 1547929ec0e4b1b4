"""Changes of signers' keys for the registry: the signed messages of the log, in their order.

The registry numbers a signer's changes as the log does, leaving out what was objected to while it cooled off
and what two members stopped: those bear no signature that a registry would take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.office.chain_worker.standing import Call, Standing
from api.office.opening import OPERATOR, Office
from contracts.addresses import address_bytes
from contracts.errors import ContractEarlier, RegistryConflict
from contracts.key_changes import KeyChange, KeyRecovery, KeyRevocation, KeyRotation
from contracts.succession import SignedKeyChange
from ledger.appending import append_once
from ledger.database import reading
from ledger.signing.key_registrations import registered_changes, registration_entry
from ledger.signing.keys import KEY_GROUP, ROTATED, KeyEvent, all_keys

EVENTS: Mapping[type[KeyChange], str] = {
    KeyRotation: "KeyRotated",
    KeyRecovery: "RecoveryNamed",
    KeyRevocation: "KeyRevoked",
}
"""The registry's event of each kind of change; its number is the first word of its data."""


@dataclass(frozen=True, slots=True)
class ChangeKey:
    """A change of a signer's keys for the registry, which counts from a time on.

    `sent` are the hashes of transactions that were sent for it: one of them tells the block without a search.
    """

    event: KeyEvent
    number: int
    counts_from: datetime
    after: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The signer and the number of the change, as a task."""
        return f"key/{self.event.signer}/{self.number}"

    @property
    def signers(self) -> frozenset[str]:
        """The signer whose keys change."""
        return frozenset({self.event.signer})

    def standing(self, office: Office) -> Standing | None:
        """Return where the registry holds it. Raises RegistryConflict for another of its number."""
        registry = office.registry
        if not registry.contract.has("signer_keys"):
            raise ContractEarlier(
                "the registry that stands here is an earlier release's and records no keys; the log does",
                where=self.event.signer,
            )
        if not self.is_counted(office):
            return None
        for transaction in self.sent:
            receipt = office.chain.receipt(transaction)
            if receipt is not None and receipt.succeeded:
                return Standing(receipt.block.number, transaction)
        return self._in_the_events(office)

    def is_counted(self, office: Office) -> bool:
        """Tell whether the registry counts a change of this number."""
        return office.registry.keys(self.event.signer).changes >= self.number

    def call(self, office: Office) -> Call:
        """Return the call with the signatures that the change bears."""
        signed, contract = signed_change(self.event), office.registry.contract
        return Call(contract.address, contract.call_data(signed.function, *signed.arguments))

    def record(self, office: Office, standing: Standing) -> None:
        """Append the entry of its registration."""
        domain = office.domain
        where = {
            "chain_kind": office.chain.kind,
            "chain_id": domain.chain_id,
            "registry": domain.contract,
            "block": standing.block,
            "transaction": standing.transaction,
        }
        (group,) = [one for one in office.log.groups(self.event.seq) if one.name == KEY_GROUP]
        entry = registration_entry(
            self.event, self.number, where, group.readers, asserter=OPERATOR, at=office.clock()
        )
        append_once(office.log, entry)

    def _in_the_events(self, office: Office) -> Standing:
        change = signed_change(self.event).change
        contract = office.registry.contract
        words = tuple(bytes(12) + address_bytes(address) for address in _indexed(change))
        head = office.chain.head().number
        for log in contract.events(EVENTS[type(change)], words, first=0, last=head):
            if int.from_bytes(log.data[:32]) == self.number:
                return Standing(log.block.number, log.transaction)
        raise RegistryConflict(
            f"the registry holds another change under number {self.number}: a message of its own was brought"
            " there; the log's stands here",
            where=self.event.signer,
        )


def key_tasks(office: Office, chain_id: int, sent: Mapping[str, tuple[str, ...]]) -> Iterator[ChangeKey]:
    """Yield the changes of keys that count by now and that no registry holds; `sent` gives hashes by task."""
    with reading(office.engine) as session:
        done = registered_changes(session, chain_id)
    for one in _counting(office):
        if (one.event.signer, one.number) not in done:
            yield replace(one, sent=sent.get(one.name, ()))


def registered_keys(office: Office, chain_id: int) -> Iterator[tuple[int, ChangeKey]]:
    """Yield the changes of keys that a registry holds by the log, each with its block."""
    with reading(office.engine) as session:
        done = registered_changes(session, chain_id)
    for one in _counting(office):
        block = done.get((one.event.signer, one.number))
        if block is not None:
            yield block, one


def signed_change(event: KeyEvent) -> SignedKeyChange:
    """Return a change as it was signed, from what its entry says."""
    record = event.content["record"]
    authorization, acceptance = (_signature(record.get(name)) for name in ("authorization", "acceptance"))
    return SignedKeyChange(
        _change(record["type"], record["message"]), event.content["changed_by"], authorization, acceptance
    )


def _counting(office: Office) -> Iterator[ChangeKey]:
    now = office.clock()
    for keys in all_keys(office.log).values():
        for number, event in enumerate(keys.at(now).numbered, 1):
            yield ChangeKey(event, number, _counts_from(event))


def _change(kind: str, message: Mapping[str, Any]) -> KeyChange:
    signer, number = message["signer"], int(message["number"])
    if kind == KeyRotation.primary_type:
        return KeyRotation(signer, message["oldKey"], message["newKey"], number)
    if kind == KeyRecovery.primary_type:
        return KeyRecovery(signer, message["recovery"], number)
    return KeyRevocation(signer, message["key"], number)


def _signature(told: Mapping[str, str] | None) -> bytes:
    return b"" if told is None else bytes.fromhex(told["signature"][2:])


def _indexed(change: KeyChange) -> tuple[str, ...]:
    """Return the addresses by which the event of a change is found."""
    if isinstance(change, KeyRotation):
        return change.signer, change.old_key, change.new_key
    if isinstance(change, KeyRecovery):
        return change.signer, change.recovery
    return change.signer, change.key


def _counts_from(event: KeyEvent) -> datetime:
    return datetime.fromisoformat(event.content["usable_from"]) if event.kind == ROTATED else event.at
