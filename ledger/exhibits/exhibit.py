"""An exhibit as the log has it: what it is, who filed it, what was done to it since, who sees which file.

dispute.evidence_filed      the docket line, for all of the case, and the words of who filed it
dispute.custody_passed      from one holder to the next, with the digest as the next one found it
dispute.evidence_sealed     an order that keeps it from some parties
dispute.evidence_unsealed   an order that opens it again, or for the first time, with its words
dispute.evidence_redacted   an order that puts another file in its place; the digest of the first stays

Pure: entries are read in reading.py, made in filing.py and orders.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

FILED = "dispute.evidence_filed"
PASSED = "dispute.custody_passed"
SEALED = "dispute.evidence_sealed"
UNSEALED = "dispute.evidence_unsealed"
REDACTED = "dispute.evidence_redacted"
ACTS = (PASSED, SEALED, UNSEALED, REDACTED)

CASE_GROUP, EVIDENCE_GROUP = "case", "evidence"
"""The docket line, for everybody of the case; what describes an exhibit, for fewer and erasable."""

Kind = Literal[
    "document", "screenshot", "recording", "chat", "order_data", "test_report", "testimony", "record", "other"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
RECORD: Kind = "record"
"""An entry of the log: its file is the entry's leaf, and nothing is kept beside the log."""


@dataclass(frozen=True, slots=True)
class Held:
    """A step of the chain of custody: who had it when, and how they came by it; `entry_seq` once recorded.

    `sha256` is what its holder found, and `same` whether that is what was filed.
    """

    holder: str
    at: str
    how: str
    sha256: str | None = None
    same: bool = True
    entry_seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What who filed it says of an exhibit; erased, it is gone, and its file with it."""

    title: str
    description: str
    file: str
    media_type: str
    address: str
    """Who signed for it, 0x hex; empty where a member filed it with no signature."""
    signature: str
    held: tuple[Held, ...]
    """Who had it before it was filed, as far as is said."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to an exhibit after it was filed."""

    kind: str
    seq: int
    recorded_us: int
    by: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """An exhibit: the `number`-th of its dispute. `by` is a global id, `readers` all parties of the case.

    `sha256` and `size` are of the file as filed, and stay whatever becomes of it. `record` is the entry of
    the log that it is, if it is one. `described` is None once it was erased.
    """

    dispute: str
    number: int
    seq: int
    recorded_us: int
    agreement: str
    by: str
    kind: Kind
    sha256: str
    size: int
    captured_at: str
    supports: tuple[str, ...]
    late: bool
    under_seal: bool
    record: int | None
    readers: tuple[str, ...]
    described: Described | None
    acts: tuple[Act, ...]

    @property
    def name(self) -> str:
        """What people call it: E1."""
        return f"E{self.number}"

    @property
    def sealed_from(self) -> frozenset[str]:
        """The parties it is kept from: by the last order, or until the first, where it was filed so."""
        sealed = set(self.readers) - {self.by} if self.under_seal else set[str]()
        for act in self.acts:
            if act.kind == SEALED:
                sealed = set(act.content["parties"])
            elif act.kind == UNSEALED:
                sealed = set()
        return frozenset(sealed)

    @property
    def awaits_order(self) -> bool:
        """Tell whether it was filed under seal and nobody has ordered yet whether it stays so."""
        return self.under_seal and not any(act.kind in {SEALED, UNSEALED} for act in self.acts)

    @property
    def redaction(self) -> Act | None:
        """The redaction that stands: the last."""
        return next((act for act in reversed(self.acts) if act.kind == REDACTED), None)

    @property
    def shown_sha256(self) -> str:
        """The digest of the file that the parties are shown."""
        redaction = self.redaction
        return str(redaction.content["sha256"]) if redaction is not None else self.sha256

    @property
    def destroyed(self) -> bool:
        """Tell whether a redaction had the file that was filed destroyed; its digest stays."""
        return any(act.kind == REDACTED and act.content["original"] == "destroyed" for act in self.acts)

    @property
    def custody(self) -> tuple[Held, ...]:
        """The chain of custody: as declared, then as recorded."""
        declared = self.described.held if self.described is not None else ()
        return (*declared, *(_held(act) for act in self.acts if act.kind == PASSED))

    @property
    def holder(self) -> str:
        """Who has it now."""
        passed = [one.holder for one in self.custody if one.entry_seq is not None]
        return passed[-1] if passed else self.by

    @property
    def unbroken(self) -> bool:
        """Tell whether every holder found what was filed."""
        return all(one.same for one in self.custody)

    def open_to(self, parties: Collection[str]) -> bool:
        """Tell whether one of these parties may see it: who filed it may, and whoever it is not kept from."""
        return self.by in parties or any(
            one in self.readers and one not in self.sealed_from for one in parties
        )

    def files_needed(self) -> frozenset[str]:
        """Return the digests of the files that must be kept for it; none once it was erased."""
        if self.described is None or self.record is not None:
            return frozenset()
        first = set[str]() if self.destroyed else {self.sha256}
        return frozenset(first | {str(act.content["sha256"]) for act in self.acts if act.kind == REDACTED})


def _held(act: Act) -> Held:
    content = act.content
    holder, how = content.get("to", ""), content.get("how", "")  # erased with the words of the exhibit
    return Held(holder, content["at"], how, content["sha256"], content["same"], act.seq)
