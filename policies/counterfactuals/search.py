"""The search: each fact of a case changed alone, and every answer decided again before it is given.

A fact with an order is looked at along its line; a fact of few values is tried with each, and free text with
what formulas compare it with and with any other text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from policies.agreement import Agreement
from policies.counterfactuals.answer import Counterfactual, Counterfactuals, Result, result_of
from policies.counterfactuals.axis import ORDERED, axis_of
from policies.counterfactuals.line import Line
from policies.counterfactuals.places import Place, places, with_standing, with_text
from policies.decisions.case import Case
from policies.decisions.case_file import Standing
from policies.decisions.decide import Worked, work_out
from policies.errors import CaseRejected
from policies.formulas.tree import Among, Comparison, Name, Node, Text, names, walk

DECISIONS_LIMIT = 1_500
"""Decisions that one search may take, fewer where a case has many rows."""

ROWS_LIMIT = 30_000
"""Rows that all decisions of one search may read together: some ten seconds where each row is split anew."""


def counterfactuals(agreements: Sequence[Agreement], case: Case) -> Counterfactuals:
    """Return the nearest change of each fact that alters the outcome, or leaves nothing due.

    For a fact that is missing or disputed, what each range of its values would lead to. The same again gives
    the same. Raises what `decide` raises for the case as it stands.
    """
    return _Search(tuple(agreements), case, work_out(agreements, case)).run()


@dataclass
class _Search:
    agreements: tuple[Agreement, ...]
    case: Case
    base: Worked
    taken: int = 0

    def __post_init__(self) -> None:
        rows = len(self.case.rows or ()) + sum(map(len, self.case.file.events.values()))
        self.limit = min(DECISIONS_LIMIT, ROWS_LIMIT // (rows + 1))
        self.own: Result = result_of(self.base)

    @property
    def agreement(self) -> Agreement:
        return self.base.decision.agreement

    def run(self) -> Counterfactuals:
        found: list[Counterfactual] = []
        steady: list[Place] = []
        for place in places(self.agreement, self.case, self.base.decision.missing):
            answers = list(self.answers(place))
            if self.taken >= self.limit:  # what is not looked at whole might not be the nearest
                return Counterfactuals(tuple(found), tuple(steady), complete=False)
            found += answers
            steady += [place] if not answers and place.text is not None else []
        return Counterfactuals(tuple(found), tuple(steady), complete=True)

    def answers(self, place: Place) -> Iterator[Counterfactual]:
        yield from self.along(place) if place.type in ORDERED else self.choices(place)
        yield from self.standings(place)

    def decided(self, case: Case) -> Worked | None:
        """Decide a changed case; None where it cannot be read so, or no more decisions may be taken."""
        if self.taken >= self.limit:
            return None
        self.taken += 1
        try:
            return work_out(self.agreements, case)
        except CaseRejected:  # an order refunded beyond what was paid, say
            return None

    def along(self, place: Place) -> Iterator[Counterfactual]:
        known = self.base.shown.facts.values
        days = [day for name in ("occurred_on", "decided_at") if isinstance(day := known.get(name), date)]
        day = days[0] if days else self.agreement.document.effective_from
        axis = axis_of(place, self.agreement.currency, day)
        yield from Line(
            place, axis, self.own, lambda text: self.decided(with_text(self.case, place, text))
        ).answers()

    def choices(self, place: Place) -> Iterator[Counterfactual]:
        """Try each value of a fact of few values; those decided alike are told together."""
        alike: dict[tuple[Result, int], list[str]] = {}
        tried = [place.text] if place.text is not None else []
        for text in self.texts(place):
            worked = self.decided(with_text(self.case, place, text))
            tried.append(text)
            if worked is not None and result_of(worked) != self.own:
                alike.setdefault((result_of(worked), worked.decision.amount_minor), []).append(text)
        for (result, minor), texts in alike.items():
            if _anything_else(place) in texts:
                apart = tuple(text for text in tried if text not in texts)
                yield Counterfactual(place, (), result.outcome, minor, apart=apart)
            else:
                yield Counterfactual(place, tuple(texts), result.outcome, minor)

    def texts(self, place: Place) -> Iterator[str]:
        """Yield the values other than its own that a fact could have and that some formula tells apart."""
        known: Iterable[str] = place.options
        if place.type == "bool":
            known = ("true", "false")
        elif not known:
            known = (*sorted(self.told_apart(place.name)), _anything_else(place))
        yield from (text for text in known if text != place.text)

    def told_apart(self, name: str) -> set[str]:
        """Return the texts that formulas compare a fact with: written out, or those of other facts."""
        found: set[str] = set()
        for node in self.nodes():
            match node:
                case Among(Name(read), options) if read == name:
                    found |= {option.value for option in options}
                case Comparison(_, left, right) if Name(name) in {left, right}:
                    other = right if left == Name(name) else left
                    values = self.base.shown.facts.values
                    value = other.value if isinstance(other, Text) else None
                    beside = values.get(other.name) if isinstance(other, Name) else value
                    found |= {beside} if isinstance(beside, str) else set()
                case _:
                    pass
        return found

    def nodes(self) -> Iterator[Node]:
        for clause in self.base.clauses:
            texts = [clause.when, *(effect.if_ for effect in clause.effects)]
            for remedy in clause.remedies:
                texts += [remedy.if_, remedy.cap_if, remedy.amount, remedy.each]
            for text in texts:
                yield from walk(self.agreement.formula(text)) if text is not None else ()

    def standings(self, place: Place) -> Iterator[Counterfactual]:
        """Try what a fact rests on, where a clause wants it proven or asks whether it is."""
        given = self.case.file.facts.get(place.name) if place.path[0] == "facts" else None
        if given is None or given.status == "disputed" or place.name not in _proof_asked(self.agreement):
            return
        changed: Standing = "asserted" if given.status == "proven" else "proven"
        worked = self.decided(with_standing(self.case, place.name, changed))
        if worked is not None and result_of(worked) != self.own:
            decision = worked.decision
            yield Counterfactual(place, (), decision.outcome, decision.amount_minor, standing=changed)


def _anything_else(place: Place) -> str:
    """Return a text that no formula names."""
    return f"{place.text or ''}\u2026"


@lru_cache(maxsize=16)
def _proof_asked(agreement: Agreement) -> frozenset[str]:
    """Return the facts that some clause wants proven, or whose proof some formula reads."""
    wanted = {name for clause in agreement.clauses.values() for name in clause.needs_proof or ()}
    for clause in agreement.clauses.values():
        texts = [clause.when, *(one.if_ for one in clause.effects)]
        texts += [text for one in clause.remedies for text in (one.if_, one.cap_if)]
        for text in texts:
            read = names(agreement.formula(text)) if text is not None else frozenset()
            wanted |= {name.removeprefix("proven.") for name in read if name.startswith("proven.")}
    return frozenset(wanted)
