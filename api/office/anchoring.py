"""Checkpoints of the log, signed and put on the chain."""

from __future__ import annotations

from api.office.opening import Office
from api.office.sealing import sealed_checkpoint
from ledger.checkpoints import Anchor, Checkpoint, anchors, record_anchor


def checkpoint_and_anchor(office: Office) -> tuple[Checkpoint, Anchor]:
    """Sign the present state of the log and anchor it; the same state again returns what stands."""
    checkpoint = sealed_checkpoint(office)
    standing = [one for one in anchors(office.log) if one.size == checkpoint.size]
    if standing:
        return checkpoint, standing[-1]
    placed = office.anchor.anchor(checkpoint.size, checkpoint.root, key=office.chain_key)
    anchor = Anchor(
        size=placed.size,
        chain_kind=office.chain.kind,
        chain_id=office.chain.chain_id,
        contract=office.anchor.address,
        transaction=placed.transaction,
        block=placed.block,
        root=placed.root,
        recorded_us=int(office.clock().timestamp() * 1_000_000),
    )
    record_anchor(office.log, anchor)
    return checkpoint, anchor
