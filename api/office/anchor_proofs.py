"""Proofs against an anchor: the contract itself checks that an entry is in the log as it was anchored.

Not here: proofs for who holds a checkpoint, which ask no chain (log_proofs.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from api.office.chain_worker.anchor_tasks import recorded_anchor
from api.office.errors import EvidenceNotReady
from api.office.opening import Office
from ledger.tree import leaf_hash


@dataclass(frozen=True, slots=True)
class AnchoredEntry:
    """An entry in the log as anchored at `size` entries, and the call by which any node checks it.

    The call is of `contract` with `data`, and answers nothing where the proof holds.
    """

    seq: int
    size: int
    block: int
    leaf_hash: bytes
    path: tuple[bytes, ...]
    chain_id: int
    contract: str
    data: bytes


def prove_on_chain(office: Office, seq: int) -> AnchoredEntry:
    """Have the anchor check that an entry is in the log as anchored last; return what it was asked.

    Raises EntryUnknown, EvidenceNotReady where no anchor covers the entry, ChainReverted where the contract
    refuses the proof, ContractEarlier where it is an earlier release's and checks none.
    """
    entry = office.log.entry(seq)
    placed = recorded_anchor(office)
    if placed is None or placed.size <= seq:
        raise EvidenceNotReady("no anchor covers it yet; run tallystick chain anchor", where=f"entry {seq}")
    leaf, path = leaf_hash(entry.leaf), office.log.inclusion_proof(seq, placed.size)
    anchor = office.anchor
    data = anchor.inclusion_call(placed.size, seq, leaf, path)
    office.chain.call(anchor.address, data)
    return AnchoredEntry(
        seq, placed.size, placed.block, leaf, tuple(path), placed.chain_id, anchor.address, data
    )
