"""A person's ruling: what is found of the facts, what is awarded instead, and why, in the open.

The rules are asked again with the facts as the person finds them; what is awarded instead of what they then
work out replaces it kind by kind. The result is a decision like any other. Pure: the same document, case and
ruling give the same bytes. What it departs from is told by `policies.decisions.departures`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field, ValidationError

from policies.agreement import Agreement
from policies.clauses.core import Remedy
from policies.clauses.family import pool_owners
from policies.decisions.case import Case, case_facts
from policies.decisions.case_file import FactGiven
from policies.decisions.decide import decide
from policies.decisions.decision import Decision, Outcome
from policies.decisions.draws import full_account
from policies.decisions.moves import Move, postings
from policies.errors import AgreementRejected, CaseRejected, PolicyError, did_you_mean
from policies.fields import ClauseId, Model, Name, YesNo
from policies.formulas.exact import Unknown
from policies.money import from_minor, grouped, to_minor
from policies.references.fitting import account
from policies.source import path_text, read_source

Reason = Annotated[str, Field(min_length=1, max_length=4000)]
OPEN: frozenset[Outcome] = frozenset({"undecided", "conflict"})


class Found(Model):
    """A fact as a person finds it, and why: by which evidence, or for want of any."""

    value: str
    because: Reason


class Awarded(Model):
    """What is awarded of one kind instead of what the rules work out, from whom to whom; 0.00 strikes it.

    It rests on `clause`; `set_off` runs against the claim.
    """

    kind: Name
    from_: Annotated[str, Field(alias="from")]
    to: str
    amount: str
    clause: ClauseId
    because: Reason
    set_off: YesNo = False


class Ruling(Model):
    """A ruling as written. Without findings, awards and strikes it follows the rules; `reasons` always stand.

    `strikes` are the effects that do not follow, by their ids, each with why.
    """

    reasons: Reason
    finds: dict[str, Found] = Field(default_factory=dict, max_length=100)
    awards: tuple[Awarded, ...] = Field(default=(), max_length=50)
    strikes: dict[Name, Reason] = Field(default_factory=dict, max_length=50)


def read_ruling(text: str, *, name: str) -> Ruling:
    """Read a ruling from YAML or JSON. Raises CaseRejected with where it does not read."""
    try:
        return ruling_of(read_source(text, name).plain, name=name)
    except AgreementRejected as fault:
        raise CaseRejected(fault.findings[0].message, where=name) from None


def ruling_of(plain: Mapping[str, Any], *, name: str) -> Ruling:
    """Read a ruling from plain values. Raises CaseRejected with where it does not read."""
    try:
        return Ruling.model_validate(dict(plain))
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        raise CaseRejected(first["msg"], where=f"{name}, {path_text(tuple(first['loc']))}") from None


def ruled(agreement: Agreement, case: Case, ruling: Ruling) -> dict[str, Any]:
    """Return the decision as JSON that a ruling makes of a case.

    Raises CaseRejected for a fact, clause, account or effect that the document does not have, a figure that
    does not read, and where the rules leave the case open on these findings and nothing is awarded.
    """
    found = with_findings(agreement, case, ruling)
    decision = decide([agreement], found)
    content = decision.as_json()
    if ruling.awards:
        content |= _Instead(decision, found, ruling.awards).content()
    if content["outcome"] in OPEN:
        message = (
            f"the rules leave it {content['outcome']} on these findings; find what is missing, "
            "or say what is awarded"
        )
        raise CaseRejected(message, where="ruling")
    if ruling.strikes:
        content["effects"] = _unstruck(content["effects"], ruling)
    return content


def with_findings(agreement: Agreement, case: Case, ruling: Ruling) -> Case:
    """Return a case with the facts as a person finds them, proven. Raises CaseRejected."""
    if not ruling.finds:
        return case
    known = case.file.facts
    facts = {
        name: FactGiven(
            value=one.value,
            status="proven",
            evidence=known[name].evidence if name in known else None,
        )
        for name, one in ruling.finds.items()
    }
    found = replace(case, file=case.file.model_copy(update={"facts": {**known, **facts}}))
    case_facts(agreement, found)
    return found


def _unstruck(effects: Sequence[dict[str, Any]], ruling: Ruling) -> list[dict[str, Any]]:
    known = [one["id"] for one in effects]
    for name in ruling.strikes:
        if name not in known:
            message = f"no effect called '{name}' follows here{did_you_mean(name, known)}"
            raise CaseRejected(message, where=f"ruling, strikes.{name}")
    return [one for one in effects if one["id"] not in ruling.strikes]


@dataclass(frozen=True)
class _Instead:
    """A decision with what a person awards in the place of kinds that the rules worked out."""

    decision: Decision
    case: Case
    awards: tuple[Awarded, ...]

    @property
    def agreement(self) -> Agreement:
        return self.decision.agreement

    def content(self) -> dict[str, Any]:
        """Return the parts of the decision's JSON that differ."""
        kinds = {one.kind for one in self.awards}
        kept = self.components(kinds)
        given: dict[str, int] = {}
        set_off = self.set_off(kept)
        for index, one in enumerate(self.awards):
            minor = self.minor(one, index)
            given[one.kind] = given.get(one.kind, 0) + minor
            set_off += minor if one.set_off else 0
        components = {name: minor for name, minor in (kept | given).items() if minor}
        granted = sum(components.values()) - set_off
        net = granted - set_off
        outcome = self.outcome(granted, net)
        amount = max(0, net)
        clauses = tuple(dict.fromkeys([*self.decision.clauses, *(one.clause for one in self.awards)]))
        law = [article for one in self.awards for article in self.agreement.clauses[one.clause].law]
        return {
            "outcome": outcome,
            "amount_minor": amount,
            "amount": from_minor(amount, self.agreement.currency),
            "components": components,
            "beside_claim": {
                name: minor
                for name, minor in self.decision.beside_claim.items()
                if not self.posted_as(name) & kinds
            },
            "clauses": list(clauses),
            "law": list(dict.fromkeys([*self.decision.law, *law])),
            "postings": self.postings(kinds),
            "uncovered": {
                kind: minor for kind, minor in self.decision.uncovered.items() if kind not in kinds
            },
            "trace": [*map(dict, self.decision.trace), *map(self.step, self.awards)],
        }

    def components(self, kinds: set[str]) -> dict[str, int]:
        """Return the parts of the rules' award that no kind awarded instead replaces."""
        return {
            name: minor
            for name, minor in self.decision.components.items()
            if not self.posted_as(name) & kinds
        }

    def posted_as(self, component: str) -> set[str]:
        """Return the kinds under which the remedies of a component are posted: its own, or its pool's."""
        pools = pool_owners(self.agreement.clauses)
        found = set[str]()
        for one in self.remedies(component):
            pool = (pools[one.into].pools or {})[one.into] if one.into is not None else None
            found |= {pool.kind if pool is not None else one.kind}
        return found

    def set_off(self, components: dict[str, int]) -> int:
        """Return what of the rules' award runs against the claim, in minor units."""
        against = {name for name in components if any(one.set_off for one in self.remedies(name))}
        return sum(components[name] for name in against)

    def remedies(self, component: str) -> list[Remedy]:
        every = [one for clause in self.agreement.clauses.values() for one in clause.remedies]
        return [one for one in every if (one.component or one.kind) == component]

    def minor(self, one: Awarded, index: int) -> int:
        """Read what is awarded, and require that clause and accounts are the document's."""
        where = f"ruling, awards[{index}]"
        if one.clause not in self.agreement.clauses:
            known = did_you_mean(one.clause, self.agreement.clauses)
            raise CaseRejected(f"there is no clause {one.clause}{known}", where=f"{where}.clause")
        for side in (one.from_, one.to):
            for finding in account(self.agreement, side, ()):
                raise CaseRejected(finding.message, where=where)
        try:
            minor = to_minor(one.amount, self.agreement.currency)
        except PolicyError as fault:
            raise CaseRejected(fault.message, where=f"{where}.amount") from None
        if minor < 0:
            raise CaseRejected("an award is not below zero", where=f"{where}.amount")
        return minor

    def outcome(self, granted: int, net: int) -> Outcome:
        """Name what becomes of the claim, as the rules would of the same sums."""
        claimed = case_facts(self.agreement, self.case).get("claim.amount")
        if net <= 0:
            return "rejected"
        if claimed is not None and not isinstance(claimed, Unknown):
            asked = to_minor(str(self.case.file.claim.amount), self.agreement.currency)
            if granted < asked:
                return "granted_in_part"
        return "granted_with_set_off" if granted > net else "granted"

    def postings(self, kinds: set[str]) -> list[dict[str, Any]]:
        """Return the postings of the rules that stay, and those of what is awarded, numbered anew."""
        moves = [
            Move(
                full_account(self.agreement, one.from_),
                full_account(self.agreement, one.to),
                one.kind,
                to_minor(one.amount, self.agreement.currency),
                one.clause,
            )
            for one in self.awards
        ]
        kept = [dict(one) for one in self.decision.postings if one["kind"] not in kinds]
        mine = [dict(one) for one in postings(moves, self.agreement.currency)]
        return [one | {"seq": seq} for seq, one in enumerate([*kept, *mine], 1)]

    def step(self, one: Awarded) -> dict[str, Any]:
        """Return the step of the trace that says what a person awarded, and why."""
        minor = to_minor(one.amount, self.agreement.currency)
        amount = grouped(from_minor(minor, self.agreement.currency))
        label = self.agreement.labels().get(one.kind, {"zh": one.kind, "en": one.kind.replace("_", " ")})
        return {
            "step": "ruling",
            "clause": one.clause,
            "amount_minor": minor,
            "zh": f"裁决{label['zh']} {amount}：{one.because}",
            "en": f"{label['en']} ruled at {amount}: {one.because}",
        }
