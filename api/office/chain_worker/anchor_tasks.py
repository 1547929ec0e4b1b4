"""Checkpoints for the anchor, and when one is due: one anchor stands for everything before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.office.chain_worker.standing import Call, Standing
from api.office.opening import Office
from api.office.ruling_anchors import rulings_since
from api.office.sealing import sealed_checkpoint
from contracts.embedded import CHAIN_ID
from contracts.errors import AnchorConflict, AnchorShrinks
from ledger.checkpoints import Anchor, anchors, checkpoint_at, record_anchor
from ledger.leaves import instant_of, microseconds
from ledger.seals import KIND as SEALED_KIND
from ledger.signing.key_registrations import KIND as KEY_REGISTERED
from ledger.terminations import REGISTERED as TERMINATION_REGISTERED

ANCHOR_ASKED = "anchor_asked"
"""Name in chain.json of the size up to which somebody asked for an anchor."""

ANCHOR = "anchor/"
"""How the names of tasks begin that anchor a checkpoint; its size follows."""

_OWN_KINDS = frozenset({SEALED_KIND, "agreement.registered", TERMINATION_REGISTERED, KEY_REGISTERED})
"""What the worker's own doing brings into the log: by itself no reason to anchor again."""

_LOOK_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class AnchorCheckpoint:
    """A checkpoint's size and root for the anchor."""

    size: int
    root: bytes
    after: tuple[str, ...] = ()

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
