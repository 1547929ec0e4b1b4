"""What stands behind a decision: a person's ruling in the open, the decision replayed, and cases like it.

A ruling says what it finds and awards (policies/decisions/rulings.py), and where it departs from which
proposal. Replaying makes a decision again from the log as it stood, and holds the bytes of its entry against
it. Its digest on a chain is ruling_anchors.py's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from api.office.dispute_process import enforced, rule_dispute
from api.office.disputes import Dispute, case_told, dispute, disputes, heard
from api.office.opening import Office
from ledger.cases.closing import whose_turn
from ledger.cases.costs import with_costs
from ledger.cases.errors import DisputeState
from ledger.cases.record import Step
from ledger.entries import Group
from ledger.leaves import opened_bytes
from ledger.settlement.decisions import DECISION_GROUP, decision_postings
from policies.canonical import canonical_bytes
from policies.counterfactuals.answer import Counterfactuals
from policies.counterfactuals.search import counterfactuals
from policies.decisions.case import Case
from policies.decisions.decide import decide, work_out
from policies.decisions.departures import departures
from policies.decisions.review import Left
from policies.decisions.rulings import Ruling, ruled, with_findings
from policies.decisions.similar import Likeness, Profile, profile, similar

RULING, DEPARTS = "ruling", "departs"
"""Keys of a ruling's content: what a person found and awarded, and from which decision that departs where."""

_OF_PROCESS = ("dispute", "level", "confirmed_by", "confirmed_because", "ruled_seq")
"""Keys that the process adds to what is decided."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A case as the rules have it now: what it hangs on, and what of it is left to a person."""

    case: Case
    searched: Counterfactuals
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One step that decided something, made again: the digests of its content as recorded and as made again.

    `same` says that all bytes of the entry's group are the same, its postings too; `differs` names the parts
    that are not. `erased` content cannot be held against anything.
    """

    step: str
    seq: int
    as_of_seq: int
    recorded: str
    again: str
    same: bool
    differs: tuple[str, ...]
    erased: bool = False


def weigh(office: Office, one: Dispute) -> Weighed:
    """Return what a dispute hangs on: on the facts that were decided on, else on those heard so far.

    Raises what `decide` raises.
    """
    shown = one.shown
    as_of = shown.content["as_of_seq"] if shown is not None and "as_of_seq" in shown.content else None
    case = case_told(office, one, office.log.size() if as_of is None else as_of)
    if shown is not None and RULING in shown.content:
        ruling = Ruling.model_validate(shown.content[RULING])
        case = with_findings(one.agreement, case, ruling)
    return Weighed(case, counterfactuals([one.agreement], case), work_out([one.agreement], case).left)


def rule_by_person(office: Office, dispute_id: str, ruling: Ruling, *, by: str) -> Dispute:
    """Rule on a proposal or an appeal as a person finds and awards; where it departs stands in the record.

    The same ruling of the same person again adds nothing. Raises DisputeState, CaseRejected,
    SettlementRefused for accounts that nothing could be posted on.
    """
    one = dispute(office, dispute_id)
    told = ruling.model_dump(mode="json", by_alias=True, exclude_none=True)
    last = one.ruled.content if one.ruled is not None else {}
    waits = whose_turn(one.standing(office.clock())) is not None
    if not waits and (last.get(RULING), last.get("confirmed_by")) == (told, by):
        return enforced(office, dispute_id)
    before = one.ruled or one.proposed
    if before is None:
        raise DisputeState("the rules have not proposed a decision yet", where=dispute_id)
    as_of = office.log.size()
    content = _ruled(one, case_told(office, one, as_of), as_of, ruling, before)
    decision_postings(one.agreement, content["postings"], clause=content["clause"])
    return rule_dispute(office, dispute_id, content, by=by, reason=ruling.reasons)


def _ruled(one: Dispute, case: Case, as_of: int, ruling: Ruling, before: Step) -> dict[str, Any]:
    content = ruled(one.agreement, case, ruling)
    facts = {name: given.value for name, given in case.file.facts.items() if given.status != "disputed"}
    departed = [each.as_json() for each in departures(before.content, content, ruling, facts)]
    return {
        "as_of_seq": as_of,
        "filed_seq": one.filed.seq,
        **content,
        RULING: ruling.model_dump(mode="json", by_alias=True, exclude_none=True),
        DEPARTS: {"from_seq": before.seq, "from_sha256": digest(before.content), "in": departed},
    }


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical bytes of what an entry says, hex."""
    return hashlib.sha256(canonical_bytes(dict(content))).hexdigest()


def replay(office: Office, one: Dispute) -> tuple[Replayed, ...]:
    """Make every decision of a dispute again from the log as it stood, in the order in which they were made.

    What the sides agreed was decided by nobody, and is left out.
    """
    steps = one.record.of("proposed", "ruled", "decided")
    remade = _Remade(office, one)
    return tuple(_replayed(office, remade, step) for step in steps if step.content.get("outcome") != "agreed")


class _Remade:
    """A dispute as the rules had it as of an entry, and what they made of it, for all steps on that log."""

    def __init__(self, office: Office, one: Dispute) -> None:
        self.one = one
        self.case = cache(partial(case_told, office, one))
        self.decision = cache(lambda as_of: decide([one.agreement], self.case(as_of)))


def _replayed(office: Office, remade: _Remade, step: Step) -> Replayed:
    one = remade.one
    if not step.content:
        return Replayed(step.kind, step.seq, 0, "", "", same=False, differs=(), erased=True)
    content = _again(remade, step)
    (group,) = [group for group in office.log.groups(step.seq) if group.name == DECISION_GROUP]
    postings = decision_postings(one.agreement, content["postings"], clause=content["clause"])
    made = Group(DECISION_GROUP, group.readers, content, postings if step.kind == "decided" else ())
    same = opened_bytes(made, step.name) == group.opened
    differs = sorted(key for key in {*content, *step.content} if content.get(key) != step.content.get(key))
    return Replayed(
        step.kind, step.seq, step.content["as_of_seq"], digest(step.content), digest(content), same,
        tuple(differs or ([] if same else ["postings"])),
    )  # fmt: skip


def _again(remade: _Remade, step: Step) -> dict[str, Any]:
    """Return what a step would say, made again from the log before the entry at which it was asked for."""
    one, recorded = remade.one, step.content
    as_of = recorded["as_of_seq"]
    process = {key: recorded[key] for key in _OF_PROCESS if key in recorded}
    if RULING in recorded:
        before = next(each for each in one.record.steps if each.seq == recorded[DEPARTS]["from_seq"])
        made = _ruled(one, remade.case(as_of), as_of, Ruling.model_validate(recorded[RULING]), before)
    else:
        decided = remade.decision(as_of).as_json()
        made = {"as_of_seq": as_of, "filed_seq": one.filed.seq, **decided}
    if step.kind != "decided":
        return {**made, **process}
    until = replace(one.record, steps=tuple(each for each in one.record.steps if each.seq < step.seq))
    return with_costs(until, one.agreement, {**made, **process})


def like_cases(
    office: Office, one: Dispute, among: Collection[str] | None = None
) -> list[tuple[Likeness, Dispute]]:
    """Return the decided disputes that are like one, the most alike first; of those `among` ids, if given."""
    known = {
        each.id: each
        for each in disputes(office).values()
        if each.id == one.id or among is None or each.id in among
    }
    profiles = {name: found for name, each in known.items() if (found := _profile(each)) is not None}
    mine = profiles.get(one.id) or _asked(one)
    return [(like, known[like.profile.case]) for like in similar(mine, profiles.values())]


def _profile(one: Dispute) -> Profile | None:
    """Return the profile of a dispute that was decided, None of one that is not or was settled."""
    step = one.shown
    if step is None or "trace" not in step.content or step.content.get("outcome") == "agreed":
        return None
    case = heard(one, [each for each in one.record.steps if each.seq < step.seq])
    if RULING in step.content:
        case = with_findings(one.agreement, case, Ruling.model_validate(step.content[RULING]))
    return profile(one.agreement, one.id, step.content, case.file.facts)


def _asked(one: Dispute) -> Profile:
    """Return the profile of a dispute that nobody decided yet: its clause and facts."""
    case = heard(one, one.record.steps)
    return profile(one.agreement, one.id, {"clause": one.case["clause"], "trace": ()}, case.file.facts)
