"""What is answered to entries sent in; what is sent is `ledger.intake.told.Told`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryTaken:
    """Where an entry stands in the log. `repeated` says that it stood there before."""

    seq: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class EntryRefused:
    """One entry that was left out: its place among those sent, from 0, why, and the fields concerned.

    Values are never given back.
    """

    index: int
    code: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntriesTaken:
    """What became of many entries. `seqs` has one place for each, null where it was refused."""

    accepted: int
    repeated: int
    refused: tuple[EntryRefused, ...]
    seqs: tuple[int | None, ...]
