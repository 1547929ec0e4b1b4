"""A proposal of a version, from proposing to the last signature, or to its end without one.

    agreement.proposed    group `agreement` the document, `salt`, and `process`: its order and end, by whom
    signature.given       group `signature`, and `signatory`: who gave it (signatory.py)
    signature.withdrawn   a party takes its signature back, before the last one is there
    agreement.declined    a party will not sign, with its reason: the proposal is over
    agreement.withdrawn   who proposed it takes it back
    agreement.expired     its time was over before everybody had signed; a round of tending puts it on record
    agreement.signed      everybody had signed: the version binds
    agreement.registered  a registry on a chain holds the version

A proposal has one end: the three ways share an id, so that of two at once one stands. Its id and version are
then free for another, since versions of an agreement count without a gap. Whether time is over is worked out
from the clock and waits for no entry. Kept here is what was recorded; who must sign is the document's to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from ledger.database import Session
from ledger.reading import Entry, read_contents
from ledger.signing.errors import OutOfTurn, ProposalOver, SigningRefused
from ledger.signing.keys import SignerKeys, keys_of
from ledger.signing.signatory import SIGNATORY_GROUP, Signatory, signatory_of

SOURCE = "tallystick.agreements"
PROPOSED, SIGNED, REGISTERED = "agreement.proposed", "agreement.signed", "agreement.registered"
GIVEN, TAKEN_BACK = "signature.given", "signature.withdrawn"
How = Literal["declined", "withdrawn", "expired"]
Told = tuple[Entry, Mapping[str, Any]]
"""An entry with the contents of its groups by name."""

ENDS: Mapping[str, How] = {
    "agreement.declined": "declined",
    "agreement.withdrawn": "withdrawn",
    "agreement.expired": "expired",
}
KINDS = (PROPOSED, GIVEN, TAKEN_BACK, *ENDS, SIGNED, REGISTERED)

AGREEMENT_GROUP, SALT_GROUP, SIGNATURE_GROUP, PROCESS_GROUP, STEP_GROUP = (
    "agreement", "salt", "signature", "process", "step",
)  # fmt: skip
REASON_LIMIT = 2_000
STAGES_LIMIT = 32
REMIND_DAYS_MAX = 90
OPEN_MOST = timedelta(days=3660)
"""How long a proposal may stand open. What has no bound reaches times that no time zone has a clock for."""


@dataclass(frozen=True, slots=True)
class Process:
    """How a proposal is to be signed: stages in order, until when, how often the slow are reminded, by whom.

    `order` holds names of signers by stage: nobody of a stage signs before all of the stages before it have;
    who is in none signs at any time. `remind_days` is None where nobody is reminded. `proposer` is the global
    id of the party that proposed it, and `member` who did, None where the operator did.
    """

    order: tuple[tuple[str, ...], ...] = ()
    expires_at: datetime | None = None
    remind_days: int | None = None
    proposer: str | None = None
    member: str | None = None

    def content(self) -> dict[str, Any]:
        """Return it as the entry holds it."""
        return {
            "order": [list(stage) for stage in self.order],
            "expires_at": None if self.expires_at is None else self.expires_at.isoformat(),
            "remind_days": self.remind_days,
            "proposer": self.proposer,
            "member": self.member,
        }

    def turn(self, waiting: Collection[str]) -> tuple[str, ...]:
        """Return those of the `waiting` who may sign now, in their order."""
        return tuple(name for name in waiting if not self.ahead(name, waiting))

    def ahead(self, name: str, waiting: Collection[str]) -> tuple[str, ...]:
        """Return those of the `waiting` who sign before somebody may: of the first stage that misses one."""
        if not any(name in stage for stage in self.order):
            return ()
        first = next(stage for stage in self.order if not set(stage).isdisjoint((*waiting, name)))
        return () if name in first else tuple(one for one in first if one in waiting)


NO_PROCESS = Process()
"""That of proposals which say nothing of it, and of logs from before: anybody at any time, without an end."""


def demand_process(process: Process, signers: Collection[str], now: datetime) -> None:
    """Refuse terms of signing that name nobody, or an end that is past or too far. Raises SigningRefused."""
    placed = [name for stage in process.order for name in stage]
    unknown = [name for name in placed if name not in signers]
    if unknown:
        message = f"'{unknown[0][:40]}' need not sign; the signers are {', '.join(signers)}"
        raise SigningRefused(message, where="order")
    if len(set(placed)) < len(placed) or len(process.order) > STAGES_LIMIT or not all(process.order):
        raise SigningRefused("each signer stands once, and no stage is empty", where="order")
    if process.expires_at is not None and process.expires_at <= now:
        raise SigningRefused("is past; name a time to come", where="expires_at")
    if process.expires_at is not None and process.expires_at - now > OPEN_MOST:
        raise SigningRefused("is more than ten years off; leave it out to set none", where="expires_at")
    if process.remind_days is not None and not 1 <= process.remind_days <= REMIND_DAYS_MAX:
        raise SigningRefused(f"is 1 to {REMIND_DAYS_MAX} days", where="remind_days")


@dataclass(frozen=True, slots=True)
class Given:
    """A signature as given: under which name, of which address of the document, by whom, in which entry.

    `asked_at_block` is set for a wallet contract's: at that block of its chain it took it for its own.
    """

    party: str
    address: str
    signature: str
    seq: int
    given_at: str
    signatory: Signatory | None = None
    asked_at_block: int | None = None

    @property
    def at(self) -> datetime:
        """When it was given."""
        return datetime.fromisoformat(self.given_at)

    @property
    def key(self) -> str:
        """The key that signed: the address itself, unless another had taken its place."""
        return self.address if self.signatory is None else self.signatory.key


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proposal for its timeline: the entry's kind, under which name, by whom, when, why.

    `by` is who asserts it, by global id; `member` who did it for them, None where that was not kept.
    """

    kind: str
    seq: int
    at: str
    by: str
    party: str | None = None
    member: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as its entries tell it. `number` counts proposals under one id and version, from 1.

    `contents` are the groups of its first entry by name. `signed` is the entry that all had signed, and
    `registered` the one that a registry holds it, each with its groups; `end` the step by which it ended
    without.
    """

    ref: str
    number: int
    proposed: Entry
    contents: Mapping[str, Any] = field(repr=False)
    process: Process = NO_PROCESS
    given: tuple[Given, ...] = ()
    steps: tuple[Step, ...] = ()
    end: Step | None = None
    signed: Told | None = None
    registered: Told | None = None

    @property
    def id(self) -> str:
        """What its entries' ids begin with: the version, and from the second proposal of it the number."""
        return proposal_id(self.ref, self.number)

    def signature_id(self, name: str) -> str:
        """Return the id of the entry of the next signature under a name."""
        before = sum(one.kind == GIVEN and one.party == name for one in self.steps)
        return f"{self.id}/{name}" + (f"/{before + 1}" if before else "")

    def counting(self, keys: Mapping[str, SignerKeys], now: datetime) -> Proposal:
        """Return it without the signatures of keys that no longer sign: as long as not all have signed.

        Once everybody has signed, what becomes of a key changes nothing.
        """
        if self.signed is not None:
            return self
        given = tuple(one for one in self.given if keys_of(keys, one.address).counts(one.key, one.at, now))
        return self if given == self.given else replace(self, given=given)

    def ended(self, now: datetime) -> How | None:
        """Return how the proposal is over without being signed by `now`, None while it is not."""
        if self.end is not None:
            return ENDS[self.end.kind]
        until = self.process.expires_at
        return "expired" if until is not None and until <= now and self.signed is None else None

    def waiting(self, signers: Iterable[str]) -> tuple[str, ...]:
        """Return those of the `signers` whose signature is missing."""
        given = {one.party for one in self.given}
        return tuple(name for name in signers if name not in given)

    def demand_open(self, signers: Collection[str], now: datetime) -> None:
        """Refuse a step once the proposal is over. Raises ProposalOver.

        Once the last signature is there it is signed, whether that was recorded yet or not.
        """
        if not self.waiting(signers) or self.signed is not None:
            raise ProposalOver("everybody has signed it; a change needs a new version", where=self.ref)
        how = self.ended(now)
        if how is not None:
            raise ProposalOver(f"the proposal has {_ENDED[how]}; propose it anew", where=self.ref)

    def demand_turn(self, name: str, signers: Collection[str], now: datetime) -> None:
        """Refuse a signature when the proposal is over or others are to sign first.

        Raises ProposalOver, OutOfTurn.
        """
        self.demand_open(signers, now)
        waiting = self.waiting(signers)
        ahead = self.process.ahead(name, waiting)
        if ahead:
            raise OutOfTurn(f"'{name}' signs after {', '.join(ahead)}; wait for them", where=self.ref)

    def reminder_due(self, now: datetime) -> datetime | None:
        """Return the latest time at which those whose turn it is were to be reminded, None before the first.

        Days count from the last step, since that made it their turn.
        """
        if self.process.remind_days is None:
            return None
        since = datetime.fromisoformat(self.steps[-1].at)
        apart = timedelta(days=self.process.remind_days)
        times = (now - since) // apart
        return since + times * apart if times >= 1 else None


_ENDED: Mapping[How, str] = {
    "declined": "been declined",
    "withdrawn": "been withdrawn",
    "expired": "expired",
}


def proposal_id(ref: str, number: int) -> str:
    """Return what the ids of a proposal's entries begin with."""
    return ref if number == 1 else f"{ref}#{number}"


def end_id(proposal: Proposal) -> str:
    """Return the id that every way of ending a proposal shares; no party's key holds a slash."""
    return f"{proposal.id}//end"


def all_proposals(session: Session) -> dict[str, tuple[Proposal, ...]]:
    """Return every proposal by version (id@version), oldest first, in the order of their first proposals."""
    return _fold(read_contents(session, KINDS))


def proposals_of(session: Session, ref: str) -> tuple[Proposal, ...]:
    """Return the proposals of one version, oldest first, as a transaction sees them."""
    return _fold(read_contents(session, KINDS, ref)).get(ref, ())


def _fold(told: Iterable[tuple[Entry, dict[str, Any]]]) -> dict[str, tuple[Proposal, ...]]:
    found: dict[str, list[Proposal]] = {}
    for entry, contents in told:
        standing = found.setdefault(entry.agreement or "", [])
        if entry.kind == PROPOSED:
            standing.append(_proposed(entry, contents, len(standing) + 1))
        elif standing:
            standing[-1] = _stepped(standing[-1], entry, contents)
    return {ref: tuple(ones) for ref, ones in found.items() if ones}


def _proposed(entry: Entry, contents: dict[str, Any], number: int) -> Proposal:
    told = contents.get(PROCESS_GROUP)
    process = NO_PROCESS if told is None else _process(told)
    by = process.proposer or entry.asserter
    first = Step(entry.kind, entry.seq, entry.occurred_at, by, member=process.member)
    return Proposal(entry.agreement or "", number, entry, contents, process, steps=(first,))


def _process(told: Mapping[str, Any]) -> Process:
    until = told["expires_at"]
    return Process(
        tuple(tuple(stage) for stage in told["order"]),
        None if until is None else datetime.fromisoformat(until),
        told["remind_days"],
        told["proposer"],
        told["member"],
    )


def _stepped(one: Proposal, entry: Entry, contents: dict[str, Any]) -> Proposal:
    step = Step(entry.kind, entry.seq, entry.occurred_at, entry.asserter)
    if entry.kind == GIVEN:
        told = contents[SIGNATURE_GROUP]
        signatory = signatory_of(contents.get(SIGNATORY_GROUP))
        given = Given(
            told["party"], told["address"], told["signature"], entry.seq, entry.occurred_at, signatory,
            told.get("asked_at_block"),
        )  # fmt: skip
        step = replace(step, party=given.party, member=signatory.member if signatory else None)
        return replace(one, given=(*_without(one.given, given.party), given), steps=(*one.steps, step))
    if entry.kind == SIGNED:
        return replace(one, signed=(entry, contents), steps=(*one.steps, step))
    if entry.kind == REGISTERED:
        return replace(one, registered=(entry, contents), steps=(*one.steps, step))
    told = contents[STEP_GROUP]
    step = replace(step, party=told.get("party"), member=told.get("member"), reason=told.get("reason"))
    if entry.kind == TAKEN_BACK:
        return replace(one, given=_without(one.given, told["party"]), steps=(*one.steps, step))
    return replace(one, end=step, steps=(*one.steps, step))


def _without(given: Iterable[Given], party: str) -> tuple[Given, ...]:
    return tuple(each for each in given if each.party != party)
