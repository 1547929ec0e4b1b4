"""The register of signers' keys: which key signs where a version names an address, by entries of the log.

    key.named                the key of a signer names who may replace it once it is lost: its recovery
    key.rotated              another key signs for the signer, by the old one or the recovery and by itself
    key.revocation_proposed  a member of the party asks that a key be revoked
    key.revoked              a key signs no more: on its own word, its recovery's, or that of two members

A *signer* is the address that a version names for a party, for good; its *key* is the signer's own until it
is replaced. A replacement counts once its cooling-off is over. Until then the key before signs on, and who
objects revokes the new key, which undoes the replacement. What a key signed stands whatever becomes of it.

Nobody but a key, or the recovery that it named, puts another in its place; two members may only stop it. The
AgreementRegistry keeps the same by the same messages (contracts/key_changes.py), with no cooling-off and no
members. Verifying signatures is not ledger's: who records a change has verified them (api/office/keys.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ledger.database import Session, reading
from ledger.entries import Group, NewEntry, require_plain
from ledger.leaves import instant_of
from ledger.reading import Entry, content_of, read_told
from ledger.signing.errors import KeyRefused

if TYPE_CHECKING:
    from ledger.log import Log

SOURCE = "tallystick.keys"
NAMED, ROTATED, PROPOSED, REVOKED = (
    "key.named", "key.rotated", "key.revocation_proposed", "key.revoked",
)  # fmt: skip
KINDS = (NAMED, ROTATED, PROPOSED, REVOKED)
KEY_GROUP = "key"
NOBODY = "0x" + "00" * 20
"""What names nobody as recovery."""

REASON_LIMIT = 2_000

Word = Literal["key", "recovery", "members"]
"""On whose word a key is replaced or revoked: its own, its recovery's, or two members' of its party."""

Cause = Literal["lost", "compromised", "retired", "objected"]
CAUSES: tuple[Cause, ...] = ("lost", "compromised", "retired", "objected")
"""Why a key is revoked."""

State = Literal["current", "cooling", "replaced", "revoked", "unknown"]
"""How a key stands for a signer: it signs, not yet, no longer, was revoked, or is none of the signer's."""


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One change of a signer's keys, as recorded. `content` is what the entry says; `place` counts from 1."""

    kind: str
    place: int
    signer: str
    seq: int
    at: datetime
    by: str
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Revocation:
    """That a key signs no more: why, on whose word, since when, in which entry."""

    cause: Cause
    word: Word
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A replacement that is cooling off: by which key, from when it signs, and the event that said so."""

    key: str
    usable_from: datetime
    event: KeyEvent


@dataclass(frozen=True, slots=True)
class SignerKeys:
    """What the register says of a signer: its events in order, and what follows from them.

    `party` is its global id, empty where nothing was recorded; `replaced` are the keys that signed for it
    before, each with when the next one did; `numbered` are the events that count and that the registry
    numbers, in order.
    """

    signer: str
    party: str = ""
    events: tuple[KeyEvent, ...] = ()
    in_force: str = ""
    recovery: str | None = None
    pending: Pending | None = None
    replaced: Mapping[str, datetime] = field(default_factory=dict)
    revoked: Mapping[str, Revocation] = field(default_factory=dict)
    asked: KeyEvent | None = None
    numbered: tuple[KeyEvent, ...] = ()

    @property
    def next_place(self) -> int:
        """The place of the next event."""
        return len(self.events) + 1

    @property
    def next_number(self) -> int:
        """The number that the next change bears in what is signed, as the registry counts."""
        return len(self.numbered) + (self.pending is not None) + 1

    def at(self, now: datetime) -> SignerKeys:
        """Return the same with a replacement made whose cooling-off is over by a time."""
        one = self.pending
        if one is None or one.usable_from > now:
            return self
        return replace(
            self,
            in_force=one.key,
            pending=None,
            numbered=(*self.numbered, one.event),
            replaced={**self.replaced, self.in_force or self.signer: one.usable_from},
        )

    def key(self, now: datetime) -> str:
        """Return the key that signs for the signer at a time, revoked or not."""
        return self.at(now).in_force or self.signer

    def usable(self, key: str, now: datetime) -> bool:
        """Tell whether a key signs for the signer at a time."""
        return self.state(key, now) == "current"

    def counts(self, key: str, signed_at: datetime, now: datetime) -> bool:
        """Tell whether what a key signed before everybody had counts: its key has signed ever since."""
        replaced = self.at(now).replaced.get(key)
        return self.usable(key, now) and (replaced is None or replaced <= signed_at)

    def state(self, key: str, now: datetime) -> State:
        """Return how a key stands at a time."""
        revocation = self.revoked.get(key)
        if revocation is not None and revocation.at <= now:
            return "revoked"
        if key == self.key(now):
            return "current"
        if self.pending is not None and self.pending.key == key:
            return "cooling"
        return "replaced" if key in self.at(now).replaced else "unknown"

    def recorded(self, event: KeyEvent) -> SignerKeys:
        """Return the keys after one more event."""
        told = event.content
        one = replace(self.at(event.at), party=told["party"], events=(*self.events, event))
        if event.kind == NAMED:
            recovery = None if told["recovery"] == NOBODY else told["recovery"]
            return replace(one, recovery=recovery, numbered=(*one.numbered, event))
        if event.kind == PROPOSED:
            return replace(one, asked=event)
        if event.kind == ROTATED:
            pending = Pending(told["new_key"], datetime.fromisoformat(told["usable_from"]), event)
            return replace(one, pending=pending)
        revocation = Revocation(told["cause"], told["word"], event.at, event.seq)
        revoked = {**one.revoked, told["key"]: revocation}
        if one.pending is not None and one.pending.key == told["key"]:  # objected to: it never counted
            return replace(one, revoked=revoked, asked=None, pending=None)
        counted = one.pending is None and told["word"] != "members"
        numbered = (*one.numbered, event) if counted else one.numbered
        return replace(one, revoked=revoked, asked=None, numbered=numbered)


def event_id(signer: str, place: int) -> str:
    """Return the id of an event's entry, which shows no address, for leaves are open. Places count from 1."""
    return f"{hashlib.sha256(signer.encode()).hexdigest()[:32]}/{place}"


def all_keys(log: Log, end: int | None = None) -> dict[str, SignerKeys]:
    """Return what the register says, by signer (checksummed address), as the entries before `end` tell."""
    with reading(log.engine) as session:
        return keys_within(session, end)


def keys_within(session: Session, end: int | None = None) -> dict[str, SignerKeys]:
    """Return what the register says as a transaction sees it; see all_keys."""
    return _fold(
        (entry, content_of(opened))
        for entry, opened in read_told(session, KINDS, KEY_GROUP)
        if end is None or entry.seq < end
    )


def keys_of(found: Mapping[str, SignerKeys], signer: str) -> SignerKeys:
    """Return what the register says of a signer, one that nothing was recorded of included."""
    return found.get(signer, SignerKeys(signer))


def _fold(told: Iterable[tuple[Entry, dict[str, Any]]]) -> dict[str, SignerKeys]:
    found: dict[str, SignerKeys] = {}
    for entry, content in told:
        standing = keys_of(found, content["signer"])
        at = instant_of(entry.recorded_us)
        event = KeyEvent(
            entry.kind, standing.next_place, standing.signer, entry.seq, at, entry.asserter, content
        )
        found[standing.signer] = standing.recorded(event)
    return found


def record_change(  # noqa: PLR0913 -- whose keys as seen, the kind and what it says, to whom, by whom, when
    log: Log,
    standing: SignerKeys,
    kind: str,
    says: Mapping[str, Any],
    *,
    party: str,
    readers: Iterable[str],
    by: str,
    at: datetime,
) -> int:
    """Append a change of a signer's keys; return its seq. Raises KeyRefused where another came first.

    `standing` is the register as it was when the change was judged; `party` the signer's global id, which
    asserts it; `by` the member who brought it, or the operator; `readers` those whom the party deals with.
    """
    place = standing.next_place
    if says.get("reason") is not None:
        require_plain(says["reason"], REASON_LIMIT, "key, reason")
    opens = tuple(sorted({party, *readers}))
    content = {"party": party, "signer": standing.signer, "by": by, **says}
    entry = NewEntry(
        source=SOURCE,
        id=event_id(standing.signer, place),
        kind=kind,
        occurred_at=at,
        asserter=party,
        concerns=opens,
        groups=(Group(KEY_GROUP, opens, content),),
    )

    def require(session: Session) -> None:
        if keys_of(keys_within(session), standing.signer).next_place != place:
            message = "the keys were changed meanwhile; look at them and ask again"
            raise KeyRefused(message, where=standing.signer)

    (seq,) = log.append([entry], require=require).seqs
    assert seq is not None, "the place is free"
    return seq
