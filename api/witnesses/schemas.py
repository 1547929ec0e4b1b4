"""What witnesses send, and what is shown of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WitnessGiven:
    """A party's witness: its C2SP vkey of type 0x04."""

    party: str
    vkey: str


@dataclass(frozen=True, slots=True)
class WitnessNamed:
    """A registered witness by its `NAME+HASH`."""

    witness: str


@dataclass(frozen=True, slots=True)
class CosignatureGiven:
    """A countersignature as its line in a note: an em dash, the witness's name, base64."""

    line: str


@dataclass(frozen=True, slots=True)
class WitnessShown:
    """A registered witness, and whether it was withdrawn."""

    witness: str
    """`NAME+HASH`, as signature lines name it."""
    party: str
    vkey: str
    registered_seq: int
    withdrawn_seq: int | None


@dataclass(frozen=True, slots=True)
class CosignatureShown:
    """A countersignature that the log has taken: of which checkpoint, and when it was given."""

    witness: str
    size: int
    signed_at: str
    line: str
