"""What is to be put on the chain, derived from the log: versions to register, checkpoints to anchor.

A task knows where it stands on the chain, which call brings it there, and how that is recorded. To add one:
write a class with the same methods, and yield it in `tasks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from api.office.agreements import Held, domain_of, held_versions, version_to_sign
from api.office.opening import Office
from api.office.registration import record_registration, unregistered
from api.office.ruling_anchors import rulings_since
from api.office.sealing import sealed_checkpoint
from api.office.signing import consent_to
from api.office.terminating import record_termination, registered_message
from contracts.consent import PartySignature
from contracts.embedded import CHAIN_ID
from contracts.errors import AnchorConflict, AnchorError, AnchorShrinks, RegistryConflict
from ledger.checkpoints import Anchor, anchors, checkpoint_at, record_anchor
from ledger.database import reading
from ledger.leaves import instant_of, microseconds
from ledger.seals import KIND as SEALED_KIND
from ledger.terminations import REGISTERED as TERMINATION_REGISTERED
from ledger.terminations import Termination, all_terminations

if TYPE_CHECKING:
    from contracts.registry import TerminationRecord, VersionRecord

TaskState = Literal["to_send", "waits_for_another", "sent", "mined", "final", "refused"]
"""Not sent yet; not before another task; sent and in no block yet; in a block that may still be taken back;
in one that is final, and recorded; or refused for a reason of its own."""

ANCHOR_ASKED = "anchor_asked"
"""Name in chain.json of the size up to which somebody asked for an anchor."""

ANCHOR = "anchor/"
"""How the names of tasks begin that anchor a checkpoint; its size follows."""

_OWN_KINDS = frozenset({SEALED_KIND, "agreement.registered", TERMINATION_REGISTERED})
"""What the worker's own doing brings into the log: by itself no reason to anchor again."""

_LOOK_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a task stands on the chain."""

    block: int
    transaction: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a contract: its address and the data."""

    to: str
    data: bytes


class Task(Protocol):
    """Something to be put on the chain. Each method may raise ChainError, or a refusal of its own."""

    @property
    def name(self) -> str:
        """What it is, the same in every round."""

    @property
    def after(self) -> str | None:
        """Name of the task without which this one is refused, if any."""

    def standing(self, office: Office) -> Standing | None:
        """Return where it stands at the chain's head, None where it does not."""

    def call(self, office: Office) -> Call:
        """Return the call that puts it there."""

    def record(self, office: Office, standing: Standing) -> None:
        """Record it as final; again adds nothing."""


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """A signed version for the registry."""

    version: Held

    @property
    def name(self) -> str:
        """The version, as a task."""
        return f"register/{self.version.agreement.ref}"

    @property
    def after(self) -> str | None:
        """The version before, which the registry wants first."""
        agreement = self.version.agreement
        return f"register/{agreement.id}@{agreement.version - 1}" if agreement.version > 1 else None

    def standing(self, office: Office) -> Standing | None:
        """Return where the registry holds it. Raises RegistryConflict where it holds another."""
        found = self._found(office)
        return None if found is None else Standing(found.block, found.transaction)

    def call(self, office: Office) -> Call:
        """Return the call with every signature in the registry's order."""
        consent = consent_to(office, self.version, self._signatures())
        contract = office.registry.contract
        fields = consent.version.fields().values()
        return Call(contract.address, contract.call_data("register", *fields, consent.signatures))

    def record(self, office: Office, standing: Standing) -> None:
        """Append the entry of registration."""
        found = self._found(office)
        assert found is not None, f"{self.name} stands in block {standing.block}"
        record_registration(office, self.version, found)

    def _found(self, office: Office) -> VersionRecord | None:
        domain = domain_of(self.version)
        if domain != office.domain:
            raise RegistryConflict(
                f"it was signed for registry {domain.contract} on chain {domain.chain_id}, which this"
                " installation does not work with",
                where=self.version.agreement.ref,
            )
        version = version_to_sign(office, self.version)
        found = office.registry.record(version.agreement, version.version)
        if found is not None and found.version != version:
            raise RegistryConflict(
                f"the registry holds another content since block {found.block}",
                where=self.version.agreement.ref,
            )
        return found

    def _signatures(self) -> Iterator[PartySignature]:
        consent = self.version.consent
        assert consent is not None, "every signature of the version is there"
        for each in (*consent["signatures"], *consent["leaving"]):
            yield PartySignature(each["address"], bytes.fromhex(each["signature"][2:]))


@dataclass(frozen=True, slots=True)
class RegisterTermination:
    """The end of an agreement for the registry."""

    ended: Termination

    @property
    def name(self) -> str:
        """The agreement that ends, as a task."""
        return f"terminate/{self.ended.agreement}"

    @property
    def after(self) -> str | None:
        """The newest version, which the registry ends."""
        return f"register/{self.ended.ref}"

    def standing(self, office: Office) -> Standing | None:
        """Return where the registry holds the end. Raises RegistryConflict where it holds another."""
        found = self._found(office)
        return None if found is None else Standing(found.block, found.transaction)

    def call(self, office: Office) -> Call:
        """Return the call with the signatures of all parties."""
        message, signatures = registered_message(office, self.ended)
        contract = office.registry.contract
        ordered = office.registry.check_termination(message, signatures)
        return Call(contract.address, contract.call_data("terminate", *message.fields().values(), ordered))

    def record(self, office: Office, standing: Standing) -> None:
        """Append the entry of its registration."""
        found = self._found(office)
        assert found is not None, f"{self.name} stands in block {standing.block}"
        record_termination(office, self.ended, found)

    def _found(self, office: Office) -> TerminationRecord | None:
        if not office.registry.contract.has("terminate"):
            raise RegistryConflict(
                "the registry that stands here is an earlier release's and records no end; the log does",
                where=self.ended.agreement,
            )
        message, _ = registered_message(office, self.ended)
        found = office.registry.termination(message.agreement)
        if found is not None and found.termination != message:
            raise RegistryConflict(
                f"the registry holds another end since block {found.block}", where=self.ended.agreement
            )
        return found


@dataclass(frozen=True, slots=True)
class AnchorCheckpoint:
    """A checkpoint's size and root for the anchor."""

    size: int
    root: bytes
    after: None = None

    @property
    def name(self) -> str:
        """The checkpoint, as a task."""
        return f"{ANCHOR}{self.size}"

    def standing(self, office: Office) -> Standing | None:
        """Return where it is anchored. Raises AnchorConflict for another root, AnchorShrinks for a larger."""
        found = office.anchor.at(self.size)
        if found is None:
            newest = office.anchor.latest()
            if newest is not None and newest.size > self.size:
                raise AnchorShrinks(f"the log is anchored at {newest.size} entries already", where=self.name)
            return None
        if found.root != self.root:
            raise AnchorConflict(
                f"root 0x{found.root.hex()} stands there since block {found.block}, not 0x{self.root.hex()}:"
                " one of two logs was rewritten",
                where=self.name,
            )
        return Standing(found.block, found.transaction)

    def call(self, office: Office) -> Call:
        """Return the call that anchors it."""
        contract = office.anchor.contract
        return Call(contract.address, contract.call_data("anchor", office.anchor.log, self.size, self.root))

    def record(self, office: Office, standing: Standing) -> None:
        """Record the anchor beside the checkpoint."""
        recorded_us = microseconds(office.clock())
        chain = office.chain
        record_anchor(
            office.log,
            Anchor(
                self.size, chain.kind, chain.chain_id, office.anchor.address, standing.transaction,
                standing.block, self.root, recorded_us,
            ),
        )  # fmt: skip


def tasks(office: Office, flying: int = 0) -> Iterator[Task]:
    """Yield what is to be put on the chain, what others wait for first. Asks no chain.

    `flying` is the size of an anchor that was sent and is not final: no other is due before it is.
    """
    for one in unregistered(office):
        yield RegisterVersion(one)
    with reading(office.engine) as session:
        ended = all_terminations(session)
    for end in ended.values():
        if end.registered is None:
            yield RegisterTermination(end)
    due = anchor_due(office, flying)
    if due is not None:
        yield due


def lost(office: Office) -> Iterator[Task]:
    """Yield what is on record and stands on the chain no more, or elsewhere: taken back after it was final.

    The newest of each kind is looked at, and older ones only where that is gone.
    """
    gone = []
    for one in sorted(_registered(office), key=_registered_at, reverse=True):
        task = RegisterVersion(one)
        if _stands(office, task, _registered_at(one)):
            break
        gone.append(task)
    yield from reversed(gone)
    placed = recorded_anchor(office)
    if placed is not None:
        anchor = AnchorCheckpoint(placed.size, placed.root)
        if not _stands(office, anchor, None):
            yield anchor


def ask_for_anchor(office: Office, size: int) -> None:
    """Have the worker anchor a checkpoint of this size, or a later one."""
    office.names.put(ANCHOR_ASKED, str(size))


def anchor_due(office: Office, flying: int = 0) -> AnchorCheckpoint | None:
    """Return the checkpoint that is to be anchored now, signing one where that is due; None while none is.

    It is due where somebody asked, where a ruling was recorded since, and once in a while where the log grew.
    One anchor stands for everything before it, so that many reasons make one transaction.
    """
    placed = recorded_anchor(office)
    size = 0 if placed is None else placed.size
    asked = flying if flying > size else asked_size(office)
    if asked > size:
        checkpoint = checkpoint_at(office.log, asked) or sealed_checkpoint(office)
        return AnchorCheckpoint(checkpoint.size, checkpoint.root)
    if rulings_since(office, size) or _once_in_a_while(office, placed):
        checkpoint = sealed_checkpoint(office)
        ask_for_anchor(office, checkpoint.size)
        return AnchorCheckpoint(checkpoint.size, checkpoint.root)
    return None


def asked_size(office: Office) -> int:
    """Return the size up to which somebody asked for an anchor, 0 where nobody did."""
    return int(office.names.get(ANCHOR_ASKED) or 0)


def recorded_anchor(office: Office) -> Anchor | None:
    """Return the newest anchor on record on the chain that this installation works with."""
    found = [one for one in anchors(office.log) if one.chain_id == chain_id(office)]
    return found[-1] if found else None


def chain_id(office: Office) -> int:
    """Return the id of the chain that this installation works with, whether or not anything stands there."""
    chain = office.settings.chain
    return chain.chain_id if chain.url else CHAIN_ID


def _once_in_a_while(office: Office, placed: Anchor | None) -> bool:
    apart = office.settings.anchor_seconds
    if not apart:
        return False
    size = 0 if placed is None else placed.size
    since = _last_anchored(office, placed)
    if since is None or office.clock() - since < timedelta(seconds=apart):
        return False
    fresh = office.log.entries(after=size - 1, limit=_LOOK_AT_ONCE)
    return any(entry.kind not in _OWN_KINDS for entry in fresh)


def _last_anchored(office: Office, placed: Anchor | None) -> datetime | None:
    if placed is not None:
        return instant_of(placed.recorded_us)
    first = office.log.entries(limit=1)
    return instant_of(first[0].recorded_us) if first else None


def _registered(office: Office) -> list[Held]:
    """Return the versions that are on record in the registry that this installation works with."""
    domain = office.domain
    return [
        one
        for one in held_versions(office).values()
        if one.registration is not None and domain_of(one) == domain
    ]


def _registered_at(one: Held) -> int:
    assert one.registration is not None, "only registered versions are looked at"
    return one.registration.block


def _stands(office: Office, task: Task, block: int | None) -> bool:
    try:
        standing = task.standing(office)
    except (RegistryConflict, AnchorError):
        return False
    return standing is not None and block in {None, standing.block}
