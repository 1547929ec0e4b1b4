"""What the checks have read so far: each check takes what earlier ones established and adds its own.

A thing that could not be read stays None, and a check that needs it says that it was not reached.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from verifier.bundle import Bundle
from verifier.notes import Checkpoint
from verifier.report import Fault
from verifier.trust import Trust

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The log that signed the bundle, and digest (hex) and length of each part by name."""

    origin: str
    parts: dict[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Party:
    """A party of the agreement: its key there, its id everywhere, its signer's 20-byte address."""

    key: str
    id: str
    signer: bytes


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement version that the bundle is about."""

    id: str
    version: int
    currency: str
    parties: tuple[Party, ...]
    canonical: bytes
    sha256: str

    @property
    def ref(self) -> str:
        """Return `id@version`."""
        return f"{self.id}@{self.version}"


@dataclass(slots=True)
class Entry:
    """A log entry: its leaf, the texts of the groups that are shown, and which are erased or withheld."""

    seq: int
    kind: str
    agreement: str | None
    commitments: list[str]
    leaf: dict[str, Any] = field(default_factory=dict, repr=False)
    opened: dict[int, str] = field(default_factory=dict)
    erased: dict[int, int] = field(default_factory=dict)
    withheld: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement group says, and its lines."""

    content: dict[str, Any]
    lines: list[dict[str, Any]]


@dataclass(slots=True)
class Evidence:
    """A bundle under verification; `chain` is a copy of the operator's chain, where there is one."""

    bundle: Bundle
    trust: Trust | None
    chain: Path | None = None
    manifest: Manifest | None = None
    checkpoint: Checkpoint | None = None
    agreement: Agreement | None = None
    entries: dict[int, Entry] | None = None
    statement: Statement | None = None
    rows: list[Any] | None = None


def reached(thing: _Thing | None, en: str, zh: str) -> _Thing:
    """Return what an earlier check read, or raise Fault (unusable) if it could not."""
    if thing is None:
        raise Fault(f"not checked, for want of {en}", f"未核验:{zh}不可用", unusable=True)
    return thing
