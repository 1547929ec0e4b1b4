"""Read models of disputes: the claim, what happened, the decision and everything it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One dispute in the list. `status` is filed, review or decided; `waiting_for` a role."""

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
class CaseFact:
    """A fact of the case: proven, presumed or disputed, and the evidence for it."""

    name: str
    label: Text
    value: Text
    standing: str
    evidence: tuple[str, ...]
    entry_seq: int | None


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
    """The decision. `outcome` is one of the decide command's words; until it `stands` it is a proposal.

    Both rule engines gave it: where they differ, there is no decision at all.
    """

    outcome: str
    stands: bool
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
    facts: tuple[CaseFact, ...]
    timeline: tuple[TimelineEvent, ...]
    decision: DecisionShown | None
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Why an arbiter confirms a proposed decision; the words stand in the log."""

    reason: str
