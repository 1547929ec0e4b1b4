"""A decision: the clause applied to the facts of a case, its remedies to the cent, and the reasons.

Pure: agreements and case in, decision out; the same again gives the same bytes. Names of accounts and
kinds come from the document. What is unknown leaves the case undecided and is named; two exceptions that
both hold and disagree leave it a conflict; neither is ever decided silently. What is due and what was
settled both count what sales earn, before refunds take any back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.awards import Award, Awards, evaluate_remedies, worded
from policies.case import Case, case_events, case_facts, case_rows
from policies.clauses.core import Clause, Effect
from policies.conditions import Applicability, applicability, condition
from policies.errors import FactError, FormulaError, did_you_mean
from policies.formulas.exact import Facts, Row, Unknown, Value, evaluate
from policies.formulas.tree import names
from policies.money import AMOUNT_LIMIT_MINOR
from policies.review import Effects, Outcome, Review
from policies.splits.line import split_plan


@dataclass(frozen=True)
class Decision:
    """What was decided, in minor units, and everything it rests on."""

    agreement: Agreement
    clause: str
    outcome: Outcome
    amount_minor: int
    components: Mapping[str, int]
    clauses: tuple[str, ...]
    postings: tuple[Mapping[str, Any], ...]
    effects: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...]
    trace: tuple[Mapping[str, Any], ...]
    review: tuple[Mapping[str, str], ...]

    @property
    def human_review(self) -> bool:
        """Tell whether a person must look before this takes effect."""
        return bool(self.review)

    def as_json(self) -> dict[str, Any]:
        """Return the decision as plain JSON, amounts in minor units."""
        calendar = self.agreement.bindings.calendar
        used = {"calendar": {"id": calendar.id, "sha256": calendar.sha256}} if calendar is not None else {}
        return {
            "agreement": self.agreement.ref,
            "agreement_sha256": self.agreement.sha256,
            "clause": self.clause,
            "outcome": self.outcome,
            "amount_minor": self.amount_minor,
            "currency": self.agreement.currency,
            "components": dict(self.components),
            "clauses": list(self.clauses),
            "law": list(self.agreement.clauses[self.clause].law),
            "postings": [dict(one) for one in self.postings],
            "effects": [dict(one) for one in self.effects],
            "missing": list(self.missing),
            "trace": [dict(one) for one in self.trace],
            **used,
            "human_review": self.human_review,
            "review": [dict(one) for one in self.review],
        }


def decide(agreements: Sequence[Agreement], case: Case) -> Decision:
    """Decide a case under the agreement that holds its clause.

    Raises CaseRejected for a case that cannot be read against the agreement, or whose figures its formulas
    cannot work on (a division by zero, amounts beyond what is representable); EnginesDisagree and
    ReadersDisagree stop a decision on which two readers of the same document differ.
    """
    agreement, clause = _invoked(agreements, case)
    try:
        rows = case_rows(agreement, case)
        values = case_facts(agreement, case) | _due(agreement, rows)
        facts = Facts(values, case_events(agreement, case) | ({} if rows is None else {"orders": rows}))
        found = applicability(agreement, clause, facts)
        return _Deciding(agreement, clause, case, facts, found).decision()
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
    return agreement, clause


def _due(agreement: Agreement, rows: tuple[Row, ...] | None) -> dict[str, Value]:
    """Return what every step of the split owes over the orders of the case, in major units."""
    if agreement.commission is None:
        return {}
    plan = split_plan(agreement)
    if plan.fed:
        return {f"due.{step.name}": Unknown(frozenset({"whole"})) for step in plan.steps}
    if rows is None:
        return {f"due.{step.name}": Unknown(frozenset({"orders"})) for step in plan.steps}
    totals = {step.name: 0 for step in plan.steps}
    for row in rows:
        unknown = [row.facts[name] for name in plan.fact_names() if isinstance(row.facts[name], Unknown)]
        if unknown:
            lacking = Unknown(frozenset().union(*(one.names for one in unknown if isinstance(one, Unknown))))
            return {f"due.{step.name}": lacking for step in plan.steps}
        split = plan.split(row.facts)
        for name, leg in split.legs.items():
            totals[name] += leg.amount_minor * row.count
        for name, pool in split.pools.items():
            totals[name] += pool.posted * row.count
    return {f"due.{name}": Fraction(minor, agreement.scale) for name, minor in totals.items()}


@dataclass(frozen=True)
class _Deciding:
    agreement: Agreement
    clause: Clause
    case: Case
    facts: Facts
    found: Applicability

    def decision(self) -> Decision:
        awards = self.awards()
        net = awards.total_minor(set_off=False) - awards.total_minor(set_off=True)
        self.require_representable(awards)
        outcome = self.outcome(awards, net)
        decided = outcome not in {"undecided", "conflict"}
        kept = [award for award in awards.awards if award.amount_minor and decided and net > 0]
        effects = self.effects(awards) if decided else Effects()
        review = Review(
            self.agreement, self.clause, self.facts, self.found.applied, self.case.file.claim.claimant
        ).reasons(outcome, net, awards, effects)
        return Decision(
            self.agreement,
            self.clause.id,
            outcome,
            max(0, net) if decided else 0,
            _components(kept),
            self.cited(kept),
            _postings(self.agreement, kept),
            tuple(_effect(self.clause, effect) for effect in effects.follow),
            tuple(sorted(awards.missing | effects.missing)),
            (*self.split(), *self.conditions(), *self.fired(), *(award.trace for award in awards.awards)),
            tuple(review),
        )

    def awards(self) -> Awards:
        """Evaluate the remedies of every clause that stands; name what is missing to tell."""
        total = Awards()
        for truth in self.open_truths():
            total.missing |= truth.names
        for clause_id in self.found.applied if not total.missing else ():
            total.join(evaluate_remedies(self.agreement, self.agreement.clauses[clause_id], self.facts))
        return total

    def require_representable(self, awards: Awards) -> None:
        """Refuse amounts that canonical JSON could not carry, before anything is built on them."""
        due = [value for name, value in self.facts.values.items() if name.startswith("due.")]
        amounts = [abs(int(value * self.agreement.scale)) for value in due if isinstance(value, Fraction)]
        amounts.append(sum(award.amount_minor for award in awards.awards))
        if max(amounts) > AMOUNT_LIMIT_MINOR:
            raise FactError("the amounts are larger than a decision can carry; split the case")

    def open_truths(self) -> list[Unknown]:
        """Return the unknowns that matter: of the clause itself, and of exceptions while it may apply."""
        holds = self.found.holds
        if holds[self.clause.id] is False:
            return []
        return [truth for truth in holds.values() if isinstance(truth, Unknown)]

    def outcome(self, awards: Awards, net: int) -> Outcome:
        if self.found.conflicts:
            return "conflict"
        if awards.missing or (self.found.applied == (self.clause.id,) and not self.clause.decides):
            return "undecided"
        claimed = self.facts.values.get("claim.amount")
        if net <= 0:
            follows = [one for one in self.found.applied if self.agreement.clauses[one].effects]
            return "granted" if claimed is None and follows and not awards.awards else "rejected"
        if awards.total_minor(set_off=True):
            return "granted_with_set_off"
        asked = claimed * self.agreement.scale if isinstance(claimed, Fraction) else None
        return "granted" if asked is None or net >= asked else "granted_in_part"

    def effects(self, awards: Awards) -> Effects:
        """Return the effects that follow, and those that missing facts leave open."""
        found = Effects()
        facts = Facts({**self.facts.values, **awards.figures}, self.facts.rows)
        for effect in (one for each in self.found.applied for one in self.agreement.clauses[each].effects):
            holds = evaluate(self.agreement.formula(effect.if_), facts) if effect.if_ is not None else True
            if isinstance(holds, Unknown):
                found.open.append(effect)
                found.missing |= holds.names
            elif holds:
                found.follow.append(effect)
        return found

    def cited(self, awards: Sequence[Award]) -> tuple[str, ...]:
        """Return the clauses the decision rests on, the one invoked first."""
        ids = [self.clause.id, *self.found.applied, *(one for award in awards for one in award.clauses)]
        return tuple(dict.fromkeys(ids))

    def split(self) -> list[dict[str, Any]]:
        """Return what every step of the split owes over the orders, where a remedy reads what is due."""
        formulas = [one.amount or one.each or "0" for one in self.clause.remedies]
        read = frozenset().union(*(names(self.agreement.formula(formula)) for formula in formulas))
        if not any(name.startswith("due.") for name in read):
            return []
        due = {name: value for name, value in self.facts.values.items() if name.startswith("due.")}
        figures = {
            name.removeprefix("due."): int(value * self.agreement.scale)
            for name, value in due.items()
            if isinstance(value, Fraction)
        }
        return [{"step": "split", "clause": self.clause.id, "due_minor": figures}] if figures else []

    def conditions(self) -> list[dict[str, Any]]:
        """Return each condition with its figures, and whether it held."""
        found = []
        for clause_id, truth in self.found.holds.items():
            node = condition(self.agreement, self.agreement.clauses[clause_id], self.facts)
            result = "unknown" if isinstance(truth, Unknown) else "holds" if truth else "fails"
            words = worded(self.agreement, node, self.facts.values) if node is not None else {}
            found.append({"step": "condition", "clause": clause_id, "result": result, **words})
        return found

    def fired(self) -> list[dict[str, Any]]:
        return [
            {"step": "rule", **{key: value for key, value in one.items() if key != "outcome"}}
            for one in self.found.evaluation.trace()
        ]


def _components(awards: Sequence[Award]) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for award in awards:
        totals[award.remedy.kind] += award.amount_minor
    return dict(totals)


def _postings(agreement: Agreement, awards: Sequence[Award]) -> tuple[dict[str, Any], ...]:
    """Sum the awards by (from, to, kind, status), in the order in which they were made."""
    totals: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for award in awards:
        totals[award.from_account, award.to_account, award.remedy.kind, award.remedy.status] += (
            award.amount_minor
        )
    return tuple(
        {
            "from": source, "to": to, "amount_minor": minor, "currency": agreement.currency, "kind": kind,
            "phase": "decision", "status": status,
        }
        for (source, to, kind, status), minor in totals.items()
    )  # fmt: skip


def _effect(clause: Clause, effect: Effect) -> dict[str, Any]:
    return {"id": effect.id, "clause": effect.clause or clause.id, "text": effect.text.model_dump()}
