"""Filing an exhibit, and handing it on from one holder to the next; each is one entry of the case.

What describes an exhibit stands in a group of its own, which only who filed it reads where it is filed under
seal, and which can be erased; the docket line, with the digest, is for everybody of the case and stays. The
same again adds nothing. Who may file for whom, and until when, is asked before (api/office/exhibits.py).
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from ledger.appending import append_entries
from ledger.cases.record import CASE_GROUP, EVIDENCE_GROUP, KIND, CaseRecord, step_entry
from ledger.database import Session
from ledger.entries import Group
from ledger.errors import EntryConflict
from ledger.exhibits.errors import ExhibitRefused
from ledger.exhibits.exhibit import FILED, KINDS, PASSED, RECORD, UNSEALED, Exhibit, Held
from ledger.exhibits.files import Kept
from ledger.exhibits.reading import act_name, exhibit, exhibit_name, exhibits
from ledger.leaves import occurred_text
from ledger.log import Log

EXHIBITS_MAX = 500
"""The most exhibits that one case holds."""

TITLE_MAX, DESCRIPTION_MAX, HOLDER_MAX, HOW_MAX, HELD_MAX = 200, 4_000, 120, 500, 50
_SUPPORTS_MAX = 50
_FACT = re.compile(r"[a-z][a-z0-9_.]{0,63}")
NO_WORDS: Mapping[str, Any] = {}
_TRIES = 8
"""How often a number is taken anew that somebody else took at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitAsked:
    """An exhibit to file.

    `captured_at` is when it was made, as far as who files it knows; `supports` are names of facts of the
    case; `held` is who had it until now, oldest first.
    """

    kind: str
    title: str
    captured_at: datetime
    description: str = ""
    file: str = ""
    supports: tuple[str, ...] = ()
    under_seal: bool = False
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for an exhibit, 0x hex. `instead` says for which signer, where that was not its own key.

    It holds `signer`, `public_key` and `key_changes`, the signed changes by which the key took its place.
    """

    address: str
    signature: str
    instead: Mapping[str, Any]

    def told(self) -> dict[str, Any]:
        """Return it as the entry says it."""
        return {"address": self.address, "signature": self.signature, **self.instead}


@dataclass(frozen=True, slots=True)
class Filer:
    """On whose word (a party's global id), by which member, when, and whether after the time for it."""

    party: str
    member: str
    at: datetime
    late: bool = False


Ask = Callable[[Session], None]
"""Asked within the transaction, and raises what is not to be."""


def sound(asked: ExhibitAsked, now: datetime) -> ExhibitAsked:
    """Return an exhibit as it is filed: its words trimmed. Raises ExhibitRefused, naming the field."""
    if asked.kind not in KINDS:
        raise ExhibitRefused(f"an exhibit is one of {', '.join(KINDS)}", where="kind")
    if asked.captured_at > now:
        raise ExhibitRefused("it cannot have been made after now", where="captured_at")
    for name in asked.supports:
        if not _FACT.fullmatch(name):
            raise ExhibitRefused(f"'{name[:40]}' is no name of a fact of the case", where="supports")
    if len(asked.supports) > _SUPPORTS_MAX or len(asked.held) > HELD_MAX:
        raise ExhibitRefused("more names than an exhibit has", where="supports")
    return ExhibitAsked(
        kind=asked.kind,
        title=_words(asked.title, TITLE_MAX, "title"),
        captured_at=asked.captured_at,
        description=_words(asked.description, DESCRIPTION_MAX, "description", needed=False),
        file=file_name(asked.file),
        supports=tuple(sorted(set(asked.supports))),
        under_seal=asked.under_seal,
        held=_held(asked.held, asked.captured_at, now),
    )


def file_exhibit(  # noqa: PLR0913 -- the case, what, its digest, by whom, signed how, if it may be
    log: Log,
    record: CaseRecord,
    asked: ExhibitAsked,
    kept: Kept,
    filer: Filer,
    *,
    signed: Signature | None = None,
    seq: int | None = None,
    require: Ask | None = None,
) -> Exhibit:
    """File an exhibit; the same of the same party again returns the first.

    `kept` is its file, `seq` the entry of the log that it is, for a record. Raises ExhibitRefused, and what
    `require` raises.
    """
    made = sound(asked, filer.at)
    if (made.kind == RECORD) != (seq is not None):
        raise ExhibitRefused("a record is an entry of the log, named by its number", where="kind")
    for _ in range(_TRIES):
        known = exhibits(log, record.id)
        again = next((one for one in known if _is_same(one, made, kept, filer.party)), None)
        if again is not None:
            return again
        if len(known) >= EXHIBITS_MAX:
            raise ExhibitRefused(f"a case holds at most {EXHIBITS_MAX} exhibits", where=record.id)
        number = len(known) + 1
        docket = _docket(number, made, kept, filer, seq)
        entry = step_entry(
            record, FILED.removeprefix(KIND), exhibit_name(number), docket, by=filer.party, at=filer.at
        )
        readers = (filer.party,) if made.under_seal else record.readers
        words = Group(EVIDENCE_GROUP, readers, {"dispute": record.id, **_description(made, signed)})
        try:
            append_entries(log, [replace(entry, groups=(*entry.groups, words))], require)
        except EntryConflict:
            continue
        return exhibit(log, record.id, number)
    raise ExhibitRefused("others file at the same time; file it again", where=record.id)


def pass_on(  # noqa: PLR0913 -- which, to whom, how, when, as found, on whose word
    log: Log,
    record: CaseRecord,
    number: int,
    *,
    to: str,
    how: str,
    passed_at: datetime,
    sha256: str,
    filer: Filer,
) -> Exhibit:
    """Record that an exhibit went to its next holder, with the digest that was found; the same adds nothing.

    A digest that is not the one filed is recorded too: that the chain is broken must be seen.
    """
    one = exhibit(log, record.id, number)
    if passed_at > filer.at:
        raise ExhibitRefused("it cannot have been handed on after now", where="at")
    content = {
        "exhibit": number,
        "at": occurred_text(passed_at),
        "sha256": sha256,
        "same": sha256 in {one.sha256, one.shown_sha256},
    }
    holders = {
        "from": one.holder,
        "to": _words(to, HOLDER_MAX, "to"),
        "how": _words(how, HOW_MAX, "how"),
    }
    return append_act(log, record, number, PASSED, content, by=filer.party, at=filer.at, words=holders)


def append_act(  # noqa: PLR0913 -- which, what, on whose word, when
    log: Log,
    record: CaseRecord,
    number: int,
    kind: str,
    content: dict[str, Any],
    *,
    by: str,
    at: datetime,
    words: Mapping[str, Any] = NO_WORDS,
    require: Callable[[Exhibit], None] = lambda _one: None,
) -> Exhibit:
    """Append what is done to an exhibit; what the last thing done to it said already adds nothing.

    `words` are for those alone whom the exhibit is open to, and can be erased. `require` sees the exhibit as
    it stands before, and refuses.
    """
    for _ in range(_TRIES):
        one = exhibit(log, record.id, number)
        last = one.acts[-1] if one.acts else None
        if last is not None and last.kind == kind and _said(last.content) == _said({**content, **words}):
            return one
        require(one)
        name = act_name(number, len(one.acts) + 1)
        entry = step_entry(record, kind.removeprefix(KIND), name, content, by=by, at=at, group=CASE_GROUP)
        if words:
            opens = [party for party in one.readers if one.open_to([party]) or kind == UNSEALED]
            said = Group(EVIDENCE_GROUP, tuple(opens), {"dispute": record.id, **words})
            entry = replace(entry, groups=(*entry.groups, said))
        try:
            append_entries(log, [entry])
        except EntryConflict:
            continue
        return exhibit(log, record.id, number)
    raise ExhibitRefused("others act on it at the same time; look again", where=f"{record.id} E{number}")


def _said(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in {"dispute", "from"}}


def reason_of(text: str) -> str:
    """Return why something is ordered, as it will stand in the log. Raises ExhibitRefused."""
    return _words(text, HOW_MAX * 4, "reason")


def _is_same(one: Exhibit, made: ExhibitAsked, kept: Kept, party: str) -> bool:
    stated = (one.by, one.sha256, one.kind, one.captured_at, one.under_seal)
    return stated == (party, kept.sha256, made.kind, occurred_text(made.captured_at), made.under_seal) and (
        one.described is None or one.described.title == made.title
    )


def _docket(number: int, made: ExhibitAsked, kept: Kept, filer: Filer, seq: int | None) -> dict[str, Any]:
    line: dict[str, Any] = {
        "exhibit": number,
        "kind": made.kind,
        "sha256": kept.sha256,
        "bytes": kept.size,
        "captured_at": occurred_text(made.captured_at),
        "supports": list(made.supports),
        "late": filer.late,
        "under_seal": made.under_seal,
        "member": filer.member,
    }
    return line if seq is None else {**line, "record": seq}


def _description(made: ExhibitAsked, signed: Signature | None) -> dict[str, Any]:
    return {
        "title": made.title,
        "description": made.description,
        "file": made.file,
        "media_type": media_type(made.file),
        "held": [{"holder": one.holder, "at": one.at, "how": one.how} for one in made.held],
        **(signed.told() if signed is not None else {}),
    }


def file_name(text: str) -> str:
    """Return a file's name as it will stand in the log, without its folders. Raises ExhibitRefused."""
    return _words(text.replace("\\", "/").rpartition("/")[2], TITLE_MAX, "file", needed=False)


def media_type(file: str) -> str:
    """Return the media type that a file's name tells."""
    return mimetypes.guess_type(file, strict=True)[0] or "application/octet-stream"


def _held(held: tuple[Held, ...], captured: datetime, now: datetime) -> tuple[Held, ...]:
    found, after = [], captured
    for one in held:
        at = datetime.fromisoformat(one.at)
        if not after <= at <= now:
            raise ExhibitRefused("holders stand in order, after it was made and before now", where="held")
        after = at
        holder, how = _words(one.holder, HOLDER_MAX, "holder"), _words(one.how, HOW_MAX, "how")
        found.append(Held(holder, occurred_text(at), how))
    return tuple(found)


def _words(text: str, limit: int, where: str, *, needed: bool = True) -> str:
    words = " ".join(text.split())
    if (needed and not words) or len(words) > limit or not (words.isprintable() or not words):
        raise ExhibitRefused(f"is plain text of {'1' if needed else '0'} to {limit} letters", where=where)
    return words
