"""Why a person must look at a decision before it takes effect, in both languages; it decides nothing.

Whatever the rules could not tell, or the document asks to be looked at, becomes a reason here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from policies.agreement import Agreement
from policies.clauses.core import Clause, Effect
from policies.clauses.family import pool_owners
from policies.decisions.awards import Awards
from policies.decisions.decision import Outcome
from policies.decisions.filled import filled, worded
from policies.decisions.proof import Shown
from policies.formulas.exact import Facts, Unknown, evaluate
from policies.money import from_minor, grouped
from policies.references.remedies import figure_types

Cause = Literal[
    "fact_missing", "exceptions_conflict", "nothing_computed", "not_enforced", "effect_reviewed",
    "effect_open", "stranger", "uncovered", "asked_for",
]  # fmt: skip
"""Why a person must look: what the rules cannot tell, what nobody computes, or what the document asks."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something left to a person: why, by which clause, the facts it hangs on, and the words on record."""

    cause: Cause
    clause: str
    text: Mapping[str, str]
    facts: tuple[str, ...] = ()


@dataclass
class Effects:
    """The effects that follow, as on record, those left open, and the facts without which they are.

    `lacks` are those facts by the id of the effect that is open; `review` are the ids of those that a person
    must look at.
    """

    follow: list[dict[str, Any]] = field(default_factory=list)
    open: list[dict[str, Any]] = field(default_factory=list)
    lacks: dict[str, frozenset[str]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    review: set[str] = field(default_factory=set)


def effects_of(shown: Shown, applied: Sequence[Clause], awards: Awards) -> Effects:
    """Return the effects of clauses that follow, and those that missing facts leave open."""
    found = Effects()
    for clause in applied:
        facts = awards.facts(shown, clause)
        for effect in clause.effects:
            holds = evaluate(shown.agreement.formula(effect.if_), facts) if effect.if_ is not None else True
            if isinstance(holds, Unknown):
                found.open.append(_effect(shown.agreement, clause, effect, facts))
                found.missing |= holds.names
                found.lacks[effect.id] = holds.names
            elif holds:
                found.follow.append(_effect(shown.agreement, clause, effect, facts))
                found.review |= {effect.id} if effect.review else set()
    return found


def _effect(agreement: Agreement, clause: Clause, effect: Effect, facts: Facts) -> dict[str, Any]:
    text = filled(agreement, effect.text, facts.values, figure_types(agreement, clause))
    return {"id": effect.id, "clause": effect.clause or clause.id, "text": text}


def review_asked(shown: Shown, clauses: Iterable[Clause], net_minor: int, awards: Awards) -> Iterator[Left]:
    """Yield a reason for each clause whose `review_when` holds, or cannot be told."""
    agreement = shown.agreement
    award = Fraction(max(0, net_minor), agreement.scale)
    for clause in clauses:
        if clause.review_when is None:
            continue
        node, seen = agreement.formula(clause.review_when), awards.facts(shown, clause)
        facts = Facts({**seen.values, "award": award}, seen.rows, seen.rounded)
        held = evaluate(node, facts)
        if held is False:
            continue
        lacking = tuple(sorted(held.names)) if isinstance(held, Unknown) else ()
        types = figure_types(agreement, clause)
        if clause.review_reason is not None:
            text = filled(agreement, clause.review_reason, facts.values, types)
            yield Left("asked_for", clause.id, text, lacking)
            continue
        words = worded(agreement, node, facts.values, types)
        text = {
            "zh": f"第 {clause.id} 条要求人工复核：{words['zh']}",
            "en": f"clause {clause.id} asks for a person's review: {words['en']}",
        }
        yield Left("asked_for", clause.id, text, lacking)


@dataclass(frozen=True, slots=True)
class Review:
    """The reasons under one agreement for one decision; `applied` are the clauses that stand."""

    shown: Shown
    clause: Clause
    applied: Sequence[Clause]
    claimant: str

    @property
    def agreement(self) -> Agreement:
        """The agreement that decides."""
        return self.shown.agreement

    def reasons(self, outcome: Outcome, net_minor: int, awards: Awards, effects: Effects) -> Iterator[Left]:
        """Yield the reasons, none when nobody need look."""
        own = self.clause.id
        for one in effects.follow:
            if one["id"] in effects.review:
                yield Left("effect_reviewed", one["clause"], dict(one["text"]))
        for one in effects.open:
            text = {
                "zh": f"事实不足，无法判断是否：{one['text']['zh']}",
                "en": f"facts are missing to tell whether: {one['text']['en']}",
            }
            yield Left("effect_open", one["clause"], text, tuple(sorted(effects.lacks[one["id"]])))
        if self.clause.not_enforced is not None:
            yield Left("not_enforced", own, self.clause.not_enforced.model_dump())
        if self.is_a_strangers():
            text = {
                "zh": f"请求人 {self.claimant} 既非第 {own} 条的当事方，也非其收款人",
                "en": f"the claimant {self.claimant} is no side of clause {own} nor paid by it",
            }
            yield Left("stranger", own, text)
        if outcome == "conflict":
            text = {"zh": "两项例外相互冲突", "en": "two exceptions contradict each other"}
            yield Left("exceptions_conflict", own, text)
        if outcome == "undecided":
            yield self.undecided(awards)
        elif outcome != "conflict":
            yield from self.uncovered(awards)
        yield from self.asked_for(net_minor, awards)

    def uncovered(self, awards: Awards) -> Iterator[Left]:
        """Yield a reason for each award that no account named by its clause covers in full."""
        labels = self.agreement.labels()
        for one in awards.uncovered:
            amount = grouped(from_minor(one.minor, self.agreement.currency))
            label = labels.get(one.kind, {"zh": one.kind, "en": one.kind.replace("_", " ")})
            text = {
                "zh": f"{label['zh']} 尚有 {amount} 无账户可支取",
                "en": f"{amount} of {label['en']} is covered by no account that the clause draws on",
            }
            yield Left("uncovered", self.clause.id, text)

    def is_a_strangers(self) -> bool:
        """Tell whether the clause names whose it is, and the claimant neither is one nor is paid."""
        pools = pool_owners(self.agreement.clauses)
        paid = set[str]()
        for remedy in self.clause.remedies:
            pool = (pools[remedy.into].pools or {})[remedy.into] if remedy.into else None
            paid.add((remedy.to or (pool.to if pool else "")).partition(".")[0])
        sides = {self.clause.holder, self.clause.toward}
        return self.clause.holder is not None and self.claimant not in sides | paid

    def undecided(self, awards: Awards) -> Left:
        """Return why nothing was decided: facts that are missing, or a clause that computes nothing."""
        own = self.clause.id
        if awards.missing:
            text = {"zh": "事实不足，规则不能裁决", "en": "facts are missing, the rules cannot decide"}
            return Left("fact_missing", own, text, tuple(sorted(awards.missing)))
        text = {
            "zh": f"第 {own} 条没有可计算的救济，规则不能裁决",
            "en": f"clause {own} holds no remedy to compute, the rules cannot decide",
        }
        return Left("nothing_computed", own, text)

    def asked_for(self, net_minor: int, awards: Awards) -> Iterator[Left]:
        """Yield a reason for each clause, and for the process of disputes, that asks to be looked at."""
        clauses = {one.id: one for one in (self.clause, *self.applied)}
        process = self.agreement.process
        clauses |= {process.id: process} if process else {}
        return review_asked(self.shown, clauses.values(), net_minor, awards)
