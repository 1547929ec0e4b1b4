"""Why a person must look at a decision before it takes effect, in both languages; it decides nothing.

Whatever the rules could not tell, or the document asks to be looked at, becomes a reason here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

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


@dataclass
class Effects:
    """The effects that follow, as on record, those left open, and the facts without which they are.

    `review` are the ids of those that a person must look at.
    """

    follow: list[dict[str, Any]] = field(default_factory=list)
    open: list[dict[str, Any]] = field(default_factory=list)
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
            elif holds:
                found.follow.append(_effect(shown.agreement, clause, effect, facts))
                found.review |= {effect.id} if effect.review else set()
    return found


def _effect(agreement: Agreement, clause: Clause, effect: Effect, facts: Facts) -> dict[str, Any]:
    text = filled(agreement, effect.text, facts.values, figure_types(agreement, clause))
    return {"id": effect.id, "clause": effect.clause or clause.id, "text": text}


def review_asked(
    shown: Shown, clauses: Iterable[Clause], net_minor: int, awards: Awards
) -> Iterator[dict[str, str]]:
    """Yield a reason for each clause whose `review_when` holds, or cannot be told."""
    agreement = shown.agreement
    award = Fraction(max(0, net_minor), agreement.scale)
    for clause in clauses:
        if clause.review_when is None:
            continue
        node, seen = agreement.formula(clause.review_when), awards.facts(shown, clause)
        facts = Facts({**seen.values, "award": award}, seen.rows, seen.rounded)
        if evaluate(node, facts) is False:
            continue
        types = figure_types(agreement, clause)
        if clause.review_reason is not None:
            yield filled(agreement, clause.review_reason, facts.values, types)
            continue
        words = worded(agreement, node, facts.values, types)
        yield {
            "zh": f"第 {clause.id} 条要求人工复核：{words['zh']}",
            "en": f"clause {clause.id} asks for a person's review: {words['en']}",
        }


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

    def reasons(
        self, outcome: Outcome, net_minor: int, awards: Awards, effects: Effects
    ) -> Iterator[dict[str, str]]:
        """Yield the reasons, none when nobody need look."""
        yield from (dict(one["text"]) for one in effects.follow if one["id"] in effects.review)
        for one in effects.open:
            yield {
                "zh": f"事实不足，无法判断是否：{one['text']['zh']}",
                "en": f"facts are missing to tell whether: {one['text']['en']}",
            }
        if self.clause.not_enforced is not None:
            yield self.clause.not_enforced.model_dump()
        if self.is_a_strangers():
            yield {
                "zh": f"请求人 {self.claimant} 既非第 {self.clause.id} 条的当事方，也非其收款人",
                "en": f"the claimant {self.claimant} is no side of clause {self.clause.id} nor paid by it",
            }
        if outcome == "conflict":
            yield {"zh": "两项例外相互冲突", "en": "two exceptions contradict each other"}
        if outcome == "undecided":
            yield self.undecided(awards)
        elif outcome != "conflict":
            yield from self.uncovered(awards)
        yield from self.asked_for(net_minor, awards)

    def uncovered(self, awards: Awards) -> Iterator[dict[str, str]]:
        """Yield a reason for each award that no account named by its clause covers in full."""
        labels = self.agreement.labels()
        for one in awards.uncovered:
            amount = grouped(from_minor(one.minor, self.agreement.currency))
            label = labels.get(one.kind, {"zh": one.kind, "en": one.kind.replace("_", " ")})
            yield {
                "zh": f"{label['zh']} 尚有 {amount} 无账户可支取",
                "en": f"{amount} of {label['en']} is covered by no account that the clause draws on",
            }

    def is_a_strangers(self) -> bool:
        """Tell whether the clause names whose it is, and the claimant neither is one nor is paid."""
        pools = pool_owners(self.agreement.clauses)
        paid = set[str]()
        for remedy in self.clause.remedies:
            pool = (pools[remedy.into].pools or {})[remedy.into] if remedy.into else None
            paid.add((remedy.to or (pool.to if pool else "")).partition(".")[0])
        sides = {self.clause.holder, self.clause.toward}
        return self.clause.holder is not None and self.claimant not in sides | paid

    def undecided(self, awards: Awards) -> dict[str, str]:
        """Return why nothing was decided: facts that are missing, or a clause that computes nothing."""
        if awards.missing:
            return {"zh": "事实不足，规则不能裁决", "en": "facts are missing, the rules cannot decide"}
        return {
            "zh": f"第 {self.clause.id} 条没有可计算的救济，规则不能裁决",
            "en": f"clause {self.clause.id} holds no remedy to compute, the rules cannot decide",
        }

    def asked_for(self, net_minor: int, awards: Awards) -> Iterator[dict[str, str]]:
        """Yield a reason for each clause, and for the process of disputes, that asks to be looked at."""
        clauses = {one.id: one for one in (self.clause, *self.applied)}
        process = self.agreement.process
        clauses |= {process.id: process} if process else {}
        return review_asked(self.shown, clauses.values(), net_minor, awards)
