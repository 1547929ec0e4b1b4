"""Read models of disputes: the claim, what happened, the decision and everything it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.reading import Money, PartyName, Text
from api.to_sign import RequestFile


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One dispute in the list. `status` is where it stands, `closed` at the end; `waiting_for` a role.

    `waits_for_you` where the viewer is whom it waits for. Where it stands, word by word:

    filed, served, evidence, deciding, proposed, ruled, appealed, decided, settled, withdrawn: see the how-to.
    """

    id: str
    title: Text
    agreement: str
    status: str
    claimant: PartyName
    respondent: PartyName
    claimed: Money
    outcome: str | None
    deadline: str | None
    waiting_for: str | None
    waits_for_you: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happened, or, with `due`, something that must happen by then."""

    at: str
    kind: str
    by: Text
    text: Text
    entry_seq: int | None
    due: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A window of the process by its name, whom it waits for, its last day, and whether it is open still.

    `last_day` is None where the calendar does not know the year yet.
    """

    name: str
    step: str
    waits_for: tuple[PartyName, ...]
    last_day: str | None
    open: bool


@dataclass(frozen=True, slots=True)
class ExtensionAsked:
    """An extension that a side asked for and nobody has granted; `asked` names it."""

    asked: str
    of: str
    days: int
    reason: str
    by: PartyName
    may_grant: bool


@dataclass(frozen=True, slots=True)
class OfferShown:
    """A proposal to settle that stands: who made it, what is paid, in which words, what signs it."""

    number: int
    by: PartyName
    words: str
    payments: tuple[DecisionPosting, ...]
    may_accept: bool
    request: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class CaseFact:
    """A fact of the case: proven, presumed or disputed, and the evidence for it.

    `standing` is as the rules get it: with what was answered and shown. `reply` is the respondent's, if any.
    """

    name: str
    label: Text
    value: Text
    standing: str
    evidence: tuple[str, ...]
    entry_seq: int | None
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class ClauseCited:
    """A clause that the decision applies, in its signed words, and its numbered parts that are cited."""

    id: str
    heading: Text
    text: Text
    parts: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step: which clause, what kind of step, the facts a rule bound, and what came of it in words."""

    clause: str
    rule: str
    bindings: str
    worded: Text


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the award."""

    label: Text
    worded: Text
    amount: Money


@dataclass(frozen=True, slots=True)
class DecisionPosting:
    """Money that the decision moves between accounts, by name (OWNER.PURPOSE) and in words."""

    source: str
    source_label: Text
    target: str
    target_label: Text
    kind: str
    label: Text
    phase: str
    status: str
    amount: Money


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """The decision. `outcome` is one of the decide command's words, or `agreed` by consent.

    Until it `stands` it is a proposal, or where `level` says who made it a ruling that is open to appeal.

    Both rule engines gave it: where they differ, there is no decision at all.
    """

    outcome: str
    stands: bool
    level: str | None
    decided_at: str
    awarded: Money
    components: tuple[Component, ...]
    clauses: tuple[ClauseCited, ...]
    law: tuple[str, ...]
    trace: tuple[TraceStep, ...]
    postings: tuple[DecisionPosting, ...]
    effects: tuple[Text, ...]
    missing: tuple[Text, ...]
    human_review: bool
    review_reasons: tuple[Text, ...]
    reviewers: tuple[Text, ...]
    confirmed_by: str | None
    confirmed_because: str | None
    entry_seq: int


@dataclass(frozen=True, slots=True)
class DisputeDetail:
    """One dispute, whole."""

    id: str
    title: Text
    agreement: str
    version: int
    clause: str
    status: str
    claimant: PartyName
    respondent: PartyName
    claim: Text
    claimed: Money
    filed_at: str
    filed_seq: int
    deadline: str | None
    waiting_for: str | None
    waits_for_you: bool
    facts: tuple[CaseFact, ...]
    timeline: tuple[TimelineEvent, ...]
    decision: DecisionShown | None
    may_confirm: bool
    answer: str | None
    level: str | None
    windows: tuple[Window, ...]
    extensions: tuple[ExtensionAsked, ...]
    offers: tuple[OfferShown, ...]
    orders_listed: int
    acts: tuple[str, ...]
    """What the viewer may do now: `serve`, `answer`, `rest`, `extend`, `decide`, `appeal`, `waive`, `settle`,
    `withdraw`, `close`."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Why an arbiter confirms a proposed decision, or on appeal a ruling; the words stand in the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class ServedAs:
    """How a dispute reached its respondent: `inbox`, or `address` with when and what shows it."""

    means: str
    delivered_at: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class FactAnswered:
    """What the respondent says of a fact: admitted or not, or a value of its own and what shows it."""

    admitted: bool | None = None
    value: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """An answer: words, and what is said of each fact by its name; the rest is not denied."""

    words: str
    facts: Mapping[str, FactAnswered] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfSide:
    """For which side: only needed by who may act for both."""

    side: str | None = None


@dataclass(frozen=True, slots=True)
class Reasoned:
    """Why, as it will stand in the log; `side` only for who may act for both."""

    reason: str
    side: str | None = None


@dataclass(frozen=True, slots=True)
class ExtensionRequest:
    """How many days more of a window, by its name, and why. A side asks; an arbiter gives."""

    of: str
    days: int
    reason: str
    side: str | None = None


@dataclass(frozen=True, slots=True)
class ExtensionGrant:
    """The extension that is granted, by the name under which it was asked for."""

    asked: str


@dataclass(frozen=True, slots=True)
class PaymentAsked:
    """One payment of a settlement: accounts as the document names them, decimal text."""

    source: str
    target: str
    amount: str


@dataclass(frozen=True, slots=True)
class SettlementAsked:
    """What a side proposes: what is paid, and in which words."""

    words: str
    payments: tuple[PaymentAsked, ...] = ()
    side: str | None = None


@dataclass(frozen=True, slots=True)
class SettlementTyped:
    """A proposal as the page takes it: which side `pays` the other, if any, how much, and in which words.

    Without a signature the page shows what is to be signed.
    """

    words: str
    pays: str | None = None
    amount: str | None = None
    side: str | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class SettlementSigned:
    """A proposal with its signature: 0x and 130 hex digits, over the request that was asked for."""

    proposal: SettlementAsked
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementToSign(RequestFile):
    """What is signed of a proposal: its number, and the EIP-712 request for a wallet with its digest."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The signature by which the other side accepts a proposal."""

    signature: str
    side: str | None = None


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order that a dispute lists, by its id."""

    order: str
