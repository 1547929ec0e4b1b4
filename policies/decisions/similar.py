"""Which decided cases are like one: by clause or its kind, by which conditions held, and by what was so.

Figures and days are alike where they fall on the same side of what the clauses compare them with, which the
conditions tell; so only words and yes or no count as facts of their own. A share of points, exact, that says
which ones; nothing is weighed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.decisions.case_file import FactGiven
from policies.document import FactType

_WORDS: frozenset[FactType] = frozenset({"bool", "enum", "text"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What of a decided case is held against others: `points` by name, `clause FROM` and `fact NAME`.

    `kind` is that of its clause; `points` are what held, what was so, and what rested on no proof.
    """

    case: str
    agreement: str
    clause: str
    kind: str
    points: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a case another is: the points of either that both have alike, and those they do not.

    `same_clause` tells whether it is the very clause of the same agreement, or one of its kind.
    """

    profile: Profile
    same_clause: bool
    alike: tuple[str, ...]
    apart: tuple[str, ...]

    @property
    def share(self) -> Fraction:
        """The share of points that are alike."""
        return Fraction(len(self.alike), len(self.alike) + len(self.apart) or 1)


def profile(
    agreement: Agreement, case: str, decision: Mapping[str, Any], facts: Mapping[str, FactGiven]
) -> Profile:
    """Return the profile of a case by its decision as JSON and its facts as the rules had them."""
    points = {
        f"clause {step['clause']}": step["result"]
        for step in decision["trace"]
        if step["step"] == "condition"
    }
    declared = agreement.document.facts
    for name, given in facts.items():
        if name not in declared:
            continue
        if given.status in {"disputed", "asserted"}:
            points[f"standing {name}"] = given.status
        if declared[name].type in _WORDS and given.status != "disputed":
            points[f"fact {name}"] = given.value
    clause = decision["clause"]
    return Profile(case, agreement.id, clause, agreement.clauses[clause].kind, points)


def likeness(one: Profile, other: Profile) -> Likeness | None:
    """Return how like two cases are; None where neither clause nor kind of clause is the same.

    Under another agreement a clause has another number, so that its conditions are no points there.
    """
    same = (one.agreement, one.clause) == (other.agreement, other.clause)
    if not same and one.kind != other.kind:
        return None
    mine, theirs = (
        {name: value for name, value in each.points.items() if same or not name.startswith("clause ")}
        for each in (one, other)
    )
    names = sorted({*mine, *theirs})
    alike = tuple(name for name in names if mine.get(name) == theirs.get(name))
    return Likeness(other, same, alike, tuple(name for name in names if name not in alike))


def similar(one: Profile, others: Iterable[Profile]) -> list[Likeness]:
    """Return the cases that are like one, the most alike first: those of the very clause before others."""
    found = [like for other in others if other.case != one.case and (like := likeness(one, other))]
    return sorted(found, key=lambda like: (not like.same_clause, -like.share, like.profile.case))
