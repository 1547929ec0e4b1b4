"""The digest of a ruling on a chain: the worker anchors the log soon after, and what covers it is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.office.disputes import Dispute, disputes
from api.office.opening import Office
from api.office.rulings import digest
from ledger.cases.record import Step
from ledger.checkpoints import Anchor, anchors


@dataclass(frozen=True, slots=True)
class Anchored:
    """The digest of what was last decided, the entry it stands in, and the oldest anchor that covers it."""

    sha256: str
    seq: int
    leaf_hash: bytes
    anchor: Anchor | None


def anchored(office: Office, one: Dispute) -> Anchored | None:
    """Return where the digest of what was last decided stands, None before anything was."""
    step = one.shown
    if step is None:
        return None
    leaf = office.log.entry(step.seq).leaf_hash
    placed = next((each for each in anchors(office.log) if each.size > step.seq), None)
    return Anchored(digest(step.content), step.seq, leaf, placed)


def rulings_since(office: Office, size: int) -> int:
    """Return how many rulings and decisions were recorded beyond the first `size` entries."""
    return sum(1 for step in _decided(office) if step.seq >= size)


def _decided(office: Office) -> Iterator[Step]:
    for one in disputes(office).values():
        yield from one.record.of("ruled", "decided")
