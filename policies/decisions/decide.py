"""A decision: the clause applied to the facts of a case, its remedies to the cent, and the reasons.

Pure: agreements and case in, decision out; the same again gives the same bytes. Names of accounts and
kinds come from the document. What is unknown leaves the case undecided and is named; two exceptions that
both hold and disagree leave it a conflict; neither is ever decided silently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.family import family, lending
from policies.decisions.awards import Award, Awards, evaluate_remedies
from policies.decisions.case import Case, case_events, case_facts, case_rows, standing
from policies.decisions.conditions import Applicability, applicability, condition
from policies.decisions.decision import Decision, Outcome
from policies.decisions.earnings import Earnings, earnings
from policies.decisions.filled import figure_text, worded
from policies.decisions.moves import postings
from policies.decisions.proof import Shown
from policies.decisions.review import Effects, Left, Review, effects_of
from policies.errors import FactError, FormulaError, did_you_mean
from policies.formulas.exact import Facts, Unknown
from policies.formulas.tree import names
from policies.money import AMOUNT_LIMIT_MINOR
from policies.references.remedies import figure_types

__all__ = ["Decision", "Worked", "decide", "work_out"]


@dataclass(frozen=True, slots=True)
class Worked:
    """A decision beside what it was worked out from: the facts as shown, its clauses, the awards.

    `left` is what it leaves to a person, each with why.
    """

    decision: Decision
    left: tuple[Left, ...]
    shown: Shown
    clauses: tuple[Clause, ...]
    awards: Awards


def decide(agreements: Sequence[Agreement], case: Case) -> Decision:
    """Decide a case under the agreement that holds its clause.

    Raises CaseRejected for a case that cannot be read against the agreement, or whose figures its formulas
    cannot work on (a division by zero, amounts beyond what is representable); EnginesDisagree and
    ReadersDisagree stop a decision on which two readers of the same document differ.
    """
    return work_out(agreements, case).decision


def work_out(agreements: Sequence[Agreement], case: Case) -> Worked:
    """Decide as `decide` does, and return the facts and awards with the decision; raises the same."""
    agreement, clause = _invoked(agreements, case)
    try:
        rows = case_rows(agreement, case)
        earned = earnings(agreement, case, rows)
        values = case_facts(agreement, case) | dict(earned.values)
        facts = Facts(values, case_events(agreement, case) | ({} if rows is None else {"orders": rows}))
        shown = Shown(agreement, facts, standing(case))
        members = family(agreement.clauses, clause.id)
        _require_consequence(case, members)
        clauses = (*members, *lending(agreement.clauses, members))
        found = applicability(clauses, shown)
        return _Deciding(shown, clause, members, case, earned, found).worked(clauses)
    except (FormulaError, FactError) as fault:
        raise case.refuse(f"clause {clause.id} cannot work on these figures: {fault}", "clause") from None


def _invoked(agreements: Sequence[Agreement], case: Case) -> tuple[Agreement, Clause]:
    wanted, named = case.file.clause, case.file.agreement
    among = [one for one in agreements if named in {None, one.id, one.ref}]
    holders = [one for one in among if wanted in one.clauses]
    if not holders:
        known = [clause for one in among for clause in one.clauses]
        raise case.refuse(f"no agreement given has a clause {wanted}{did_you_mean(wanted, known)}", "clause")
    if len(holders) > 1:
        names = ", ".join(one.ref for one in holders)
        raise case.refuse(f"clause {wanted} stands in {names}; say which with 'agreement: …'", "clause")
    agreement = holders[0]
    for role in ("claimant", "respondent"):
        key = getattr(case.file.claim, role)
        people = {*agreement.parties, *agreement.document.payees}
        if key not in people:
            message = f"'{key}' is no party to {agreement.ref}{did_you_mean(key, people)}"
            raise case.refuse(message, "claim", role)
    clause = agreement.clauses[wanted]
    if clause.exception_of is not None:
        message = (
            f"{wanted} is an exception; bring the claim under the clause it is from, {clause.exception_of}"
        )
        raise case.refuse(message, "clause")
    if clause.follows is not None:
        message = f"{wanted} follows another clause; bring the claim under that one, {clause.follows}"
        raise case.refuse(message, "clause")
    return agreement, clause


def _require_consequence(case: Case, members: Sequence[Clause]) -> None:
    """Refuse a claim that asks for a consequence which no clause of the family has."""
    asks = case.file.claim.asks
    known = [effect.id for one in members for effect in one.effects]
    if asks is not None and asks not in known:
        message = f"no effect under clause {case.file.clause} is called '{asks}'{did_you_mean(asks, known)}"
        raise case.refuse(message, "claim", "asks")


@dataclass(frozen=True)
class _Deciding:
    shown: Shown
    clause: Clause
    members: tuple[Clause, ...]
    case: Case
    earned: Earnings
    found: Applicability

    @property
    def agreement(self) -> Agreement:
        return self.shown.agreement

    @property
    def applied(self) -> tuple[Clause, ...]:
        """The clauses of the family that stand, in the order in which they are evaluated."""
        return tuple(one for one in self.members if one.id in self.found.applied)

    def worked(self, clauses: tuple[Clause, ...]) -> Worked:
        awards = self.awards()
        net = awards.total_minor(set_off=False) - awards.total_minor(set_off=True)
        if net <= 0 and awards.total_minor(set_off=False):
            awards = self.awards(claim_paid=False)
        self.require_representable(awards)
        told = not (self.found.conflicts or awards.missing)
        stated = effects_of(self.shown, self.applied, awards) if told else Effects()
        awards.missing |= self.asked_open(stated)
        outcome = self.declared(self.outcome(awards, net), stated, net)
        decided = outcome not in {"undecided", "conflict"}
        kept = [
            one
            for one in awards.awards
            if decided and one.amount_minor and (net > 0 or not one.remedy.answers)
        ]
        effects = stated if decided else Effects()
        moved = [*self.earned.settled, *awards.moved] if decided else []
        cited = self.cited(kept, awards)
        review = Review(self.shown, self.clause, self.applied, self.case.file.claim.claimant)
        left = tuple(review.reasons(outcome, net, awards, effects))
        decision = Decision(
            agreement=self.agreement,
            clause=self.clause.id,
            outcome=outcome,
            amount_minor=max(0, net) if decided else 0,
            components=_components(one for one in kept if one.remedy.answers),
            beside_claim=_components(one for one in kept if not one.remedy.answers),
            figures=self.figures(awards) if decided else {},
            clauses=cited,
            law=self.law(cited),
            postings=postings(moved, self.agreement.currency),
            uncovered=awards.uncovered_minor() if decided else {},
            effects=tuple(effects.follow),
            missing=tuple(sorted(awards.missing | effects.missing)),
            trace=tuple(self.trace(awards)),
            review=tuple(one.text for one in left),
        )
        return Worked(decision, left, self.shown, clauses, awards)

    def awards(self, *, claim_paid: bool = True) -> Awards:
        """Evaluate the remedies of every clause that stands; name what is missing to tell."""
        lacking = [truth for one in self.found.open if isinstance(truth := self.found.holds[one], Unknown)]
        if lacking:
            return Awards(missing=set().union(*(truth.names for truth in lacking)))
        return evaluate_remedies(
            self.shown, self.applied, frozenset(self.found.applied), claim_paid=claim_paid
        )

    def require_representable(self, awards: Awards) -> None:
        """Refuse amounts that canonical JSON could not carry, before anything is built on them."""
        due = [value for name, value in self.earned.values.items() if name.startswith("due.")]
        amounts = [abs(int(value * self.agreement.scale)) for value in due if isinstance(value, Fraction)]
        if max([*amounts, awards.largest_minor()]) > AMOUNT_LIMIT_MINOR:
            raise FactError("the amounts are larger than a decision can carry; split the case")

    def outcome(self, awards: Awards, net: int) -> Outcome:
        """Name what becomes of the claim: by what answers it, before and after what is set off."""
        if self.found.conflicts:
            return "conflict"
        if awards.missing or (self.applied == (self.clause,) and not self.clause.decides):
            return "undecided"
        claimed = self.shown.facts.values.get("claim.amount")
        if net <= 0:
            answering = [one for one in awards.awards if one.remedy.answers]
            follows = any(one.effects for one in self.applied)
            return "granted" if claimed is None and follows and not answering else "rejected"
        asked = claimed * self.agreement.scale if isinstance(claimed, Fraction) else Fraction(0)
        if awards.total_minor(set_off=False) < asked:
            return "granted_in_part"
        return "granted_with_set_off" if awards.total_minor(set_off=True) else "granted"

    def declared(self, outcome: Outcome, effects: Effects, net: int) -> Outcome:
        """Let the consequence that a claim asks for count with its amount, or alone where it has none."""
        claim = self.case.file.claim
        if claim.asks is None or outcome in {"undecided", "conflict"}:
            return outcome
        follows = claim.asks in {one["id"] for one in effects.follow}
        if claim.amount is None:
            return "granted" if follows else "granted_in_part" if net > 0 else "rejected"
        return outcome if follows == (outcome != "rejected") else "granted_in_part"

    def asked_open(self, effects: Effects) -> frozenset[str]:
        """Return what is missing to tell whether the consequence asked for follows."""
        asks = self.case.file.claim.asks
        return frozenset(effects.missing) if asks in {one["id"] for one in effects.open} else frozenset()

    def figures(self, awards: Awards) -> dict[str, str]:
        """Return what the clauses worked out by name, each as text by its own type."""
        found: dict[str, str] = {}
        for clause_id, named in awards.named.items():
            types = figure_types(self.agreement, self.agreement.clauses[clause_id])
            for name, value in named.items():
                text = figure_text(self.agreement, value, types.get(name))
                found |= {name: text} if text is not None else {}
        return found

    def cited(self, kept: Sequence[Award], awards: Awards) -> tuple[str, ...]:
        """Return the clauses the decision rests on, the one invoked first."""
        parts = (one for award in kept for one in award.clauses)
        more = awards.cited if kept else ()
        return tuple(dict.fromkeys([self.clause.id, *(one.id for one in self.applied), *parts, *more]))

    def law(self, cited: Iterable[str]) -> tuple[str, ...]:
        """Return the law that the clauses cite which the decision rests on."""
        clauses = [self.agreement.clauses[one] for one in cited if one in self.agreement.clauses]
        return tuple(dict.fromkeys(article for clause in clauses for article in clause.law))

    def trace(self, awards: Awards) -> list[dict[str, Any]]:
        return [*self.split(), *self.conditions(), *self.fired(), *awards.trace]

    def split(self) -> list[dict[str, Any]]:
        """Return what every step of the split owes over the orders, where a remedy reads what is due."""
        formulas = [one.amount or one.each or "0" for one in self.clause.remedies]
        read: frozenset[str] = frozenset().union(*(names(self.agreement.formula(one)) for one in formulas))
        if not any(name.startswith("due.") for name in read):
            return []
        figures = {
            name.removeprefix("due."): int(value * self.agreement.scale)
            for name, value in self.earned.values.items()
            if isinstance(value, Fraction) and name.startswith("due.")
        }
        return [{"step": "split", "clause": self.clause.id, "due_minor": figures}] if figures else []

    def conditions(self) -> list[dict[str, Any]]:
        """Return each condition with its figures, whether it held, and what is presumed under its clause."""
        found: list[dict[str, Any]] = []
        for clause_id, truth in self.found.holds.items():
            clause = self.agreement.clauses[clause_id]
            facts = self.shown.under(clause)
            node = condition(self.agreement, clause, facts)
            result = "unknown" if isinstance(truth, Unknown) else "holds" if truth else "fails"
            words = worded(self.agreement, node, facts.values) if node is not None else {}
            found.append({"step": "condition", "clause": clause_id, "result": result, **words})
            found += self.shown.presumptions(clause)
        return found

    def fired(self) -> list[dict[str, Any]]:
        return [
            {"step": "rule", **{key: value for key, value in one.items() if key != "outcome"}}
            for one in self.found.evaluation.trace()
        ]


def _components(awards: Iterable[Award]) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for award in awards:
        totals[award.remedy.component or award.remedy.kind] += award.amount_minor
    return dict(totals)
