"""What an arbiter orders of an exhibit: kept from some parties, opened again, replaced by a redacted copy.

An exhibit that was filed under seal is opened by an entry that carries its words for all of the case. What a
party has read cannot be unsaid: sealing it later keeps the file from them, and what follows. A redaction
names the digest of what was filed and of what is shown instead; the first stays in the record for good, and
its file is kept for the arbiter and who filed it unless the order has it destroyed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from ledger.cases.record import CaseRecord
from ledger.exhibits.errors import ExhibitRefused
from ledger.exhibits.exhibit import REDACTED, SEALED, UNSEALED, Exhibit
from ledger.exhibits.files import Kept
from ledger.exhibits.filing import NO_WORDS, append_act, file_name, media_type, reason_of
from ledger.exhibits.reading import exhibit
from ledger.log import Log

Original = Literal["kept", "destroyed"]
"""What becomes of the file that a redacted copy takes the place of."""


@dataclass(frozen=True, slots=True)
class Order:
    """Why something is ordered, by which member, and when."""

    reason: str
    by: str
    at: datetime


def seal(log: Log, record: CaseRecord, number: int, parties: Sequence[str], order: Order) -> Exhibit:
    """Keep an exhibit from some parties of the case (global ids), by order; the same again adds nothing."""
    content = {"exhibit": number, "parties": sorted(set(parties)), "reason": reason_of(order.reason)}

    def require(one: Exhibit) -> None:
        if not parties or not set(parties) <= set(one.readers) - {one.by}:
            known = ", ".join(sorted(set(one.readers) - {one.by}))
            raise ExhibitRefused(f"it is kept from some of {known}", where="parties")

    return append_act(log, record, number, SEALED, content, by=order.by, at=order.at, require=require)


def unseal(log: Log, record: CaseRecord, number: int, order: Order) -> Exhibit:
    """Open a sealed exhibit to all of the case, by order. Raises ExhibitRefused where it is not sealed."""
    content = {"exhibit": number, "reason": reason_of(order.reason)}

    def require(one: Exhibit) -> None:
        if not one.sealed_from:
            raise ExhibitRefused("it is kept from nobody", where=f"{record.id} {one.name}")

    words = _words(exhibit(log, record.id, number))
    return append_act(
        log, record, number, UNSEALED, content, by=order.by, at=order.at, require=require, words=words
    )


def redact(  # noqa: PLR0913 -- which, by what file, what becomes of the first, and the order
    log: Log,
    record: CaseRecord,
    number: int,
    kept: Kept,
    order: Order,
    *,
    file: str,
    original: Original,
) -> Exhibit:
    """Put a redacted copy in the place of an exhibit's file, by order; the digest of the first stays."""

    def require(one: Exhibit) -> None:
        if one.described is None or one.record is not None:
            raise ExhibitRefused("it has no file to redact", where=f"{record.id} {one.name}")
        if kept.sha256 == one.sha256:
            raise ExhibitRefused("the redacted copy is the file that was filed", where="file")

    name = file_name(file)
    content: dict[str, Any] = {
        "exhibit": number,
        "sha256": kept.sha256,
        "bytes": kept.size,
        "file": name,
        "media_type": media_type(name),
        "original": original,
        "reason": reason_of(order.reason),
    }
    return append_act(log, record, number, REDACTED, content, by=order.by, at=order.at, require=require)


def _words(one: Exhibit) -> Mapping[str, Any]:
    """Return the words of an exhibit filed under seal, which all of the case are given now."""
    if not one.under_seal or one.described is None:
        return NO_WORDS
    held = [{"holder": each.holder, "at": each.at, "how": each.how} for each in one.described.held]
    return {**asdict(one.described), "held": held}
