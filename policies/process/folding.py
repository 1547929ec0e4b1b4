"""The case that the rules get: the facts as filed, and what the answer and the evidence made of them.

Who says something shows it. What is admitted is proven. What is denied and nobody showed is disputed, and so
is what each side shows otherwise: rules do not weigh evidence, a person does. A bare denial shakes neither a
presumption nor what evidence shows. What a side adds of its own is asserted, and proven where it shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from policies.decisions.case import Case
from policies.decisions.case_file import FactGiven, Standing
from policies.process.standing import Happened
from policies.process.terms import Side

Reply = Literal["admitted", "disputed"]
"""What the answer says of a fact that was filed, beside giving a value of its own."""

FACTS_ADMITTED = "facts_admitted"
"""The effect of an answer that did not come, where the document says that silence admits."""


@dataclass
class _Fact:
    """A fact as it builds up: its value as filed, what each side shows it by, and what was said of it."""

    value: str
    filed: FactGiven | None
    asserted_by: Side
    shown: dict[Side, list[str]] = field(default_factory=lambda: {"claimant": [], "respondent": []})
    reply: Reply | None = None

    def given(self) -> FactGiven:
        """Return the fact as the rules get it."""
        mine, theirs = self.shown[self.asserted_by], self.shown[_other(self.asserted_by)]
        evidence: list[str] = [*_listed(self.filed), *mine]
        status: Standing = self.filed.status if self.filed is not None else "asserted"
        if mine and status == "asserted":
            status = "proven"
        if self.reply == "admitted":
            status = "proven"
        elif self.reply == "disputed" and (theirs or not (evidence or status == "presumed")):
            status = "disputed"
        return FactGiven(value=self.value, status=status, evidence=[*evidence, *theirs] or None)


def folded(
    case: Case,
    steps: Sequence[Happened],
    sides: Mapping[str, Side],
    *,
    late_heard: bool = False,
    silence_admits: bool = False,
) -> Case:
    """Return a case with what was answered and shown; `sides` says which side a party's global id is.

    `answered` says of facts `admitted`, or a `value` of its own and `evidence`; `evidence_filed` names the
    facts that it `supports`. What is marked `late` counts with `late_heard` alone, and what was filed under
    seal once somebody has ordered whether it stays so: the other side cannot answer what it may not see.
    With `silence_admits` a respondent that has nothing to add and did not answer is silent, as one is whose
    time to answer is over.
    """
    closed = _awaiting_order(steps)
    unanswered = silence_admits and not any(one.kind == "answered" for one in steps)
    facts = {name: _Fact(given.value, given, "claimant") for name, given in case.file.facts.items()}
    for step in steps:
        if step.kind == "answered":
            _answer(case, facts, step.content.get("facts", {}))
        elif step.kind == "evidence_filed" and (late_heard or not step.content.get("late")):
            side = sides.get(step.by)
            if side is not None and step.content["exhibit"] not in closed:
                _show(facts, side, step.content)
        elif step.content.get("effect") == FACTS_ADMITTED or (unanswered and _rests(step)):
            _admit(facts)
    told = {"answered", "evidence_filed", "deadline_passed", *(["rested"] if unanswered else [])}
    if not any(one.kind in told for one in steps):
        return case  # as it was filed, to the letter
    given = {name: one.given() for name, one in facts.items()}
    return replace(case, file=case.file.model_copy(update={"facts": given}))


def _rests(step: Happened) -> bool:
    return step.kind == "rested" and step.content["side"] == "respondent"


def _awaiting_order(steps: Sequence[Happened]) -> set[int]:
    """Return the exhibits that were filed under seal and of which nothing is ordered yet, by number."""
    closed = set[int]()
    for step in steps:
        if step.kind == "evidence_filed" and step.content.get("under_seal"):
            closed.add(step.content["exhibit"])
        elif step.kind in {"evidence_sealed", "evidence_unsealed"}:
            closed.discard(step.content["exhibit"])
    return closed


def _answer(case: Case, facts: dict[str, _Fact], said: Mapping[str, Any]) -> None:
    """Take what the respondent says of each fact: a reply, or a value of its own with what shows it."""
    for name, one in said.items():
        value, evidence = one.get("value"), _texts(one.get("evidence"))
        known = facts.get(name)
        if known is None:
            if value is None:
                raise case.refuse(f"the case says nothing of '{name}': give its value", "facts", name)
            facts[name] = _Fact(value, None, "respondent")
            facts[name].shown["respondent"] += evidence
            continue
        same = value is None or value == known.value
        known.reply = "admitted" if one.get("admitted") or (value is not None and same) else "disputed"
        known.shown["respondent"] += evidence


def _show(facts: dict[str, _Fact], side: Side, content: Mapping[str, Any]) -> None:
    for name in content["supports"]:
        if name in facts:
            facts[name].shown[side].append(f"exhibit {content['exhibit']}")


def _admit(facts: dict[str, _Fact]) -> None:
    for one in facts.values():
        if one.asserted_by == "claimant" and one.reply is None:
            one.reply = "admitted"


def _listed(given: FactGiven | None) -> list[str]:
    return [] if given is None else _texts(given.evidence)


def _texts(evidence: str | Sequence[str] | None) -> list[str]:
    if evidence is None:
        return []
    return [evidence] if isinstance(evidence, str) else list(evidence)


def _other(side: Side) -> Side:
    return "respondent" if side == "claimant" else "claimant"
