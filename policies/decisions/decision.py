"""A decision as it stands on record: outcome, amounts, postings, effects, and everything it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from policies.agreement import Agreement
from policies.money import from_minor

Outcome = Literal["rejected", "granted", "granted_in_part", "granted_with_set_off", "undecided", "conflict"]


@dataclass(frozen=True)
class Decision:
    """What was decided, in minor units, and everything it rests on.

    `components` are the parts of what answers the claim, what is set off included; `beside_claim` those of
    what is posted beside it; `figures` are what clauses worked out by name, as text; `uncovered` is what no
    account gave of an award. `postings` are in order of phase: a settlement in full that the case tells of,
    the decision's own, and those of the next settlement.
    """

    agreement: Agreement
    clause: str
    outcome: Outcome
    amount_minor: int
    components: Mapping[str, int]
    beside_claim: Mapping[str, int]
    figures: Mapping[str, str]
    clauses: tuple[str, ...]
    law: tuple[str, ...]
    postings: tuple[Mapping[str, Any], ...]
    uncovered: Mapping[str, int]
    effects: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...]
    trace: tuple[Mapping[str, Any], ...]
    review: tuple[Mapping[str, str], ...]

    @property
    def human_review(self) -> bool:
        """Tell whether a person must look before this takes effect."""
        return bool(self.review)

    def as_json(self) -> dict[str, Any]:
        """Return the decision as plain JSON, amounts in minor units and, where people look, as text."""
        calendar = self.agreement.bindings.calendar
        used: dict[str, Any] = {}
        if calendar is not None:
            used["calendar"] = {"id": calendar.id, "sha256": calendar.sha256}
        if self.agreement.document.packs:
            used["packs"] = [one.model_dump() for one in self.agreement.document.packs]
        return {
            "agreement": self.agreement.ref,
            "agreement_sha256": self.agreement.sha256,
            "clause": self.clause,
            "outcome": self.outcome,
            "amount_minor": self.amount_minor,
            "amount": from_minor(self.amount_minor, self.agreement.currency),
            "currency": self.agreement.currency,
            "components": dict(self.components),
            "beside_claim": dict(self.beside_claim),
            "figures": dict(self.figures),
            "clauses": list(self.clauses),
            "law": list(self.law),
            "postings": [dict(one) for one in self.postings],
            "uncovered": dict(self.uncovered),
            "effects": [dict(one) for one in self.effects],
            "missing": list(self.missing),
            "trace": [dict(one) for one in self.trace],
            **used,
            "human_review": self.human_review,
            "review": [dict(one) for one in self.review],
        }
