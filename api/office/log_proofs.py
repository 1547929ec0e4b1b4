"""What the log proves to those who ask: one entry as a file, and that it extends what was kept.

The texts are C2SP's, so that other tools read them; who may see which group is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable

from api.office.errors import EvidenceNotReady
from api.office.evidence import group_part
from api.office.opening import Office
from api.office.sealing import sealed_checkpoint
from ledger.checkpoints import Checkpoint, checkpoint_at, latest_checkpoint
from ledger.proof_text import consistency_text, inclusion_text
from ledger.reading import StoredGroup
from policies.canonical import canonical_bytes

ENTRY_FORMAT = "tallystick/entry/v1"


def present_checkpoint(office: Office, at_least: int = 0) -> Checkpoint:
    """Return the latest checkpoint, or one signed now where none is that covers `at_least` entries."""
    latest = latest_checkpoint(office.log)
    if latest is None or latest.size < at_least:
        return sealed_checkpoint(office)
    return latest


def signed_checkpoint(office: Office, size: int | None) -> Checkpoint:
    """Return the checkpoint of a size, or for None one of the log as it is now.

    Raises EvidenceNotReady for a size that none signs.
    """
    if size is None:
        return sealed_checkpoint(office)
    checkpoint = checkpoint_at(office.log, size)
    if checkpoint is None or checkpoint.size != size:
        raise EvidenceNotReady("no checkpoint of that size is signed", where=f"size {size}")
    return checkpoint


def entry_proof(office: Office, seq: int, opens: Callable[[StoredGroup], bool]) -> str:
    """Return an entry's tlog-proof: its leaf and the groups that `opens` in the extra line.

    Raises EntryUnknown.
    """
    entry = office.log.entry(seq)
    checkpoint = present_checkpoint(office, seq + 1)
    record = {
        "format": ENTRY_FORMAT,
        "groups": [group_part(group, shown=opens(group)) for group in office.log.groups(seq)],
        "leaf": entry.leaf.decode(),
    }
    path = office.log.inclusion_proof(seq, checkpoint.size)
    return inclusion_text(seq, path, checkpoint.note, canonical_bytes(record))


def consistency_proof(office: Office, old: int, size: int | None = None) -> str:
    """Return the proof that a checkpoint, the latest or that of `size`, extends the first `old` entries.

    Raises EvidenceNotReady for a size that no checkpoint signs, or an `old` beyond it.
    """
    checkpoint = present_checkpoint(office) if size is None else signed_checkpoint(office, size)
    if old > checkpoint.size:
        raise EvidenceNotReady(
            f"the log signs for {checkpoint.size} entries only; a checkpoint of {old} by its key is evidence",
            where=f"old {old}",
        )
    return consistency_text(old, office.log.consistency_proof(old, checkpoint.size), checkpoint.note)
