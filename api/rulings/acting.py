"""Ruling on a dispute in an arbiter's name: who may, and the ruling as it was sent or typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.access import Viewer, demand_arbiter
from api.disputes.acting import worded
from api.errors import RequestUnusable
from api.office.disputes import Dispute, dispute
from api.office.opening import Office
from api.office.rulings import rule_by_person
from api.rulings.schemas import RulingGiven
from policies.decisions.rulings import Ruling, ruling_of

_COUNTED = re.compile(r"\([0-9]+\)$")


def rule_in_case(office: Office, viewer: Viewer, one: Dispute, ruling: Ruling) -> Dispute:
    """Rule on a dispute in an arbiter's name, who sits in it and acts for no party of it."""
    demand_arbiter(viewer, one.parties, case=one.id)
    rule_by_person(office, one.id, ruling, by=viewer.member)
    return dispute(office, one.id)


def ruling_given(given: RulingGiven) -> Ruling:
    """Return a ruling as it was sent. Raises CaseRejected with where it does not read."""
    return ruling_of(
        {
            "reasons": worded(given.reasons),
            "finds": {
                name: {"value": one.value, "because": worded(one.because)}
                for name, one in given.finds.items()
            },
            "awards": [
                {
                    "kind": one.kind,
                    "from": one.source,
                    "to": one.target,
                    "amount": one.amount,
                    "clause": one.clause,
                    "because": worded(one.because),
                    "set_off": one.set_off,
                }
                for one in given.awards
            ],
            "strikes": {name: worded(because) for name, because in given.strikes.items()},
        },
        name="ruling",
    )


@dataclass(frozen=True, slots=True)
class TypedRuling:
    """A ruling as typed on the page: one finding, one amount of a kind instead, and the reasons."""

    reasons: str
    fact: str = ""
    value: str = ""
    value_because: str = ""
    kind: str = ""
    amount: str = ""
    amount_because: str = ""


def rule_as_typed(office: Office, viewer: Viewer, one: Dispute, typed: TypedRuling) -> Dispute:
    """Rule as typed on the page of a dispute; an amount moves between the accounts that the rules named.

    Raises RequestUnusable for a kind that nothing was proposed of; see rule_in_case.
    """
    awards = [_instead(one, typed)] if typed.kind else []
    finds = {typed.fact: {"value": typed.value, "because": worded(typed.value_because)}} if typed.fact else {}
    plain = {"reasons": worded(typed.reasons), "finds": finds, "awards": awards}
    return rule_in_case(office, viewer, one, ruling_of(plain, name="ruling"))


def _instead(one: Dispute, typed: TypedRuling) -> dict[str, Any]:
    postings: list[Mapping[str, Any]] = list(one.shown.content["postings"]) if one.shown else []
    posting = next((each for each in postings if each["kind"] == typed.kind), None)
    if posting is None:
        raise RequestUnusable(f"nothing was proposed of the kind '{typed.kind[:40]}'", where="kind")
    return {
        "kind": typed.kind,
        "from": posting["from"],
        "to": _COUNTED.sub("", posting["to"]),
        "amount": typed.amount,
        "clause": posting["clause"],
        "because": worded(typed.amount_because),
    }
