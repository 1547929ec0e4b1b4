"""Checkpoints of the log, signed now and put on the chain by its worker."""

from __future__ import annotations

from api.office.chain_worker.anchor_tasks import ask_for_anchor, recorded_anchor
from api.office.chain_worker.work import work
from api.office.opening import Office
from api.office.sealing import sealed_checkpoint
from ledger.checkpoints import Anchor, Checkpoint


def checkpoint_to_anchor(office: Office) -> Checkpoint:
    """Sign the present state of the log and have it anchored by the next round; no chain is asked."""
    checkpoint = sealed_checkpoint(office)
    ask_for_anchor(office, checkpoint.size)
    return checkpoint


def checkpoint_and_anchor(office: Office) -> tuple[Checkpoint, Anchor | None]:
    """Sign the present state of the log, and run a round of the chain worker, waiting for it.

    The anchor is None while the chain may still take it back, or did not take it: see the worker's state.
    The same state again returns what stands.
    """
    checkpoint = checkpoint_to_anchor(office)
    work(office, at_once=True)
    placed = recorded_anchor(office)
    return checkpoint, placed if placed is not None and placed.size >= checkpoint.size else None
