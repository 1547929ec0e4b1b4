"""One dispute decided under two versions: the outcome, the amount, and what each side pays or is paid."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from policies.agreement import Agreement
from policies.decisions.case import Case
from policies.decisions.decide import Decision, decide

_COUNTED = re.compile(r"\([0-9]+\)$")


@dataclass(frozen=True)
class CaseDifference:
    """A case's decisions under both versions, by the name of its file."""

    case: str
    before: Decision
    after: Decision

    def by_party(self) -> dict[str, tuple[int, int]]:
        """Return what each side is paid less what it pays, before and after, in minor units."""
        was, now = _moved(self.before), _moved(self.after)
        return {owner: (was.get(owner, 0), now.get(owner, 0)) for owner in dict.fromkeys([*was, *now])}

    def as_json(self) -> dict[str, Any]:
        """Return the difference as plain JSON, amounts in minor units."""
        return {
            "case": self.case,
            "clause": self.before.clause,
            "before": {"outcome": self.before.outcome, "amount_minor": self.before.amount_minor},
            "after": {"outcome": self.after.outcome, "amount_minor": self.after.amount_minor},
            "parties": [
                {"party": owner, "before_minor": was, "after_minor": now, "difference_minor": now - was}
                for owner, (was, now) in self.by_party().items()
            ],
        }


def compare_case(old: Agreement, new: Agreement, case: Case) -> CaseDifference:
    """Decide a case under two versions. Raises CaseRejected, as where one has no such clause.

    A version that the case names is left aside: both are asked the same question.
    """
    if case.file.agreement is not None:
        case = replace(case, file=case.file.model_copy(update={"agreement": None}))
    return CaseDifference(case.source.name, decide([old], case), decide([new], case))


def _moved(decision: Decision) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    for posting in decision.postings:
        found[_owner(posting["from"])] -= posting["amount_minor"]
        found[_owner(posting["to"])] += posting["amount_minor"]
    return found


def _owner(account: str) -> str:
    return _COUNTED.sub("", account).partition(".")[0].partition(":")[0]
