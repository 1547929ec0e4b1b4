"""Read models of what stands behind a decision, and what a person sends to rule."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.reading import Money, Text


@dataclass(frozen=True, slots=True)
class CounterfactualShown:
    """A change of one fact under which the case is decided otherwise, in words and as values.

    `from_value` and `to_value` bound a range, null where nothing ends it; `anything_but` are the texts that
    it must not be, where any other will do; `standing` is a change of what the fact rests on. `amount` is
    what is awarded at the nearest value.
    """

    fact: str
    label: Text
    given: str | None
    values: tuple[str, ...]
    from_value: str | None
    to_value: str | None
    anything_but: tuple[str, ...]
    standing: str | None
    outcome: str
    amount: Money
    text: Text


@dataclass(frozen=True, slots=True)
class LeftShown:
    """Something left to a person: why (a cause), under which clause, in words, and on which facts it hangs.

    `would` tells of the facts that are missing what each range of their values would lead to.
    """

    cause: str
    clause: str
    text: Text
    facts: tuple[Text, ...]
    would: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class WeighedShown:
    """What a dispute hangs on. `steady` are facts of which no change alone matters.

    `complete` is false where the case is too large for every fact to be looked at.
    """

    found: tuple[CounterfactualShown, ...]
    steady: tuple[Text, ...]
    complete: bool
    left: tuple[LeftShown, ...]


@dataclass(frozen=True, slots=True)
class DepartureShown:
    """A part that a ruling has otherwise than what was decided before: what it was, what it is, and why."""

    part: str
    label: Text
    before: Text | None
    after: Text | None
    because: str | None


@dataclass(frozen=True, slots=True)
class DepartedShown:
    """A person's ruling against the decision it departs from, by that one's entry and digest."""

    ruled_seq: int
    by: str
    reasons: str
    from_seq: int
    from_sha256: str
    parts: tuple[DepartureShown, ...]


@dataclass(frozen=True, slots=True)
class ReplayedShown:
    """A step that decided something, made again from the log before `as_of_seq`, and whether it is the same.

    `differs` names the parts of its content that are not; `erased` content cannot be held against anything.
    """

    step: str
    label: Text
    seq: int
    as_of_seq: int
    recorded_sha256: str
    again_sha256: str
    same: bool
    differs: tuple[str, ...]
    erased: bool


@dataclass(frozen=True, slots=True)
class SimilarShown:
    """A decided dispute that is like one: how many points are alike of how many, and which are not."""

    dispute: str
    agreement: str
    clause: str
    same_clause: bool
    alike: int
    of: int
    apart: tuple[Text, ...]
    outcome: str
    awarded: Money
    by_person: bool
    decided_at: str


@dataclass(frozen=True, slots=True)
class AnchoredShown:
    """The digest of what was last decided, its entry, and where the oldest anchor that covers it stands.

    Without an anchor `size` and what follows are null. `embedded` says that the chain is the operator's own.
    """

    sha256: str
    seq: int
    leaf_hash: str
    size: int | None
    chain_id: int | None
    embedded: bool | None
    contract: str | None
    transaction: str | None
    block: int | None
    anchored_at: str | None


@dataclass(frozen=True, slots=True)
class Behind:
    """All that stands behind a decision, for the page of its dispute."""

    weighed: WeighedShown | None
    departed: DepartedShown | None
    similar: tuple[SimilarShown, ...]
    anchored: AnchoredShown | None
    may_rule: bool


@dataclass(frozen=True, slots=True)
class FoundGiven:
    """A fact as a person finds it, as decimal text, a day or true and false, and why."""

    value: str
    because: str


@dataclass(frozen=True, slots=True)
class AwardGiven:
    """What is awarded of one kind instead of what the rules work out; an amount of 0 strikes it."""

    kind: str
    source: str
    target: str
    amount: str
    clause: str
    because: str
    set_off: bool = False


@dataclass(frozen=True, slots=True)
class RulingGiven:
    """A ruling: its reasons, and what it departs in. Without findings, awards and strikes it departs in none.

    `strikes` are effects that do not follow, by their ids, each with why.
    """

    reasons: str
    finds: dict[str, FoundGiven] = field(default_factory=dict)
    awards: tuple[AwardGiven, ...] = ()
    strikes: dict[str, str] = field(default_factory=dict)
