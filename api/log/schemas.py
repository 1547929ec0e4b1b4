"""Read models of the log: entries with their groups as the viewer may see them, and proofs of inclusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import Text


@dataclass(frozen=True, slots=True)
class GroupShown:
    """A disclosure group: opened, withheld from this viewer, or erased by a later entry."""

    position: int
    state: Literal["opened", "withheld", "erased"]
    name: str | None
    commitment: str
    content: str | None
    """The opened content as JSON text."""
    postings: tuple[str, ...]
    """Its postings, one a line: account, signed amount in minor units, currency, clause, kind."""
    erased_by_seq: int | None


@dataclass(frozen=True, slots=True)
class EntryShown:
    """An entry's header and its groups."""

    seq: int
    kind: str
    agreement: str | None
    source: str
    source_id: str
    asserter: str
    asserter_name: Text
    occurred_at: str
    recorded_at: str
    groups: tuple[GroupShown, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some entries, newest first; `next_before` is the cursor of the next page, None at the end."""

    entries: tuple[EntryShown, ...]
    kinds: tuple[str, ...]
    """Kinds the viewer may filter by."""
    agreements: tuple[str, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class CompleteUpTo:
    """How many of the first `size` entries the log signs for each of the viewer's parties: (id, number)."""

    size: int
    parties: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class AnchorShown:
    """A chain that holds a checkpoint's root."""

    chain_id: int
    embedded: bool
    contract: str
    transaction: str
    block: int
    size: int
    recorded_at: str


@dataclass(frozen=True, slots=True)
class ProofShown:
    """Everything needed to check that an entry is in the log (RFC 6962 inclusion proof; C2SP checkpoint).

    `path` holds base64 SHA-256 hashes from the leaf upwards; `leaf` is the exact leaf as text.
    """

    entry: EntryShown
    leaf: str
    leaf_hash: str
    size: int
    path: tuple[str, ...]
    root: str
    checkpoint: str
    """The signed note, exactly as signed."""
    log_key: str
    """The verifier key of the log (C2SP vkey); pin it from somewhere else than this page."""
    anchors: tuple[AnchorShown, ...]


@dataclass(frozen=True, slots=True)
class CheckpointNote:
    """A signed checkpoint: the first `size` entries, their root in base64, the note, and where it stands."""

    size: int
    root: str
    checkpoint: str
    anchors: tuple[AnchorShown, ...]
