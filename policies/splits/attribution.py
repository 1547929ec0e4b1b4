"""Under which agreement an order line falls and to whom it is credited; where that is not plain, suspense.

Every agreement says by its attribution clause which lines are its own. The route with the smallest priority
number wins. Where none holds, or two that tie disagree, or a fact is missing that could change the answer,
the line waits in suspense with the reason and with those who may claim it; nothing is ever guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from policies.agreement import Agreement
from policies.clauses.attribution import Route
from policies.fields import Words
from policies.formulas.exact import Facts, Unknown, Value, evaluate
from policies.formulas.tree import Node, names


@dataclass(frozen=True, slots=True)
class Match:
    """A route of an agreement, by version: what it goes by and whom it credits, by key and by id."""

    agreement: str
    clause: str
    route: Route
    payee: str
    payee_id: str

    @property
    def credits(self) -> tuple[str, str]:
        """To which agreement and whom the line comes by this route."""
        return self.agreement, self.payee_id


Reason = Literal["matched", "none", "tie", "unknown"]


@dataclass(frozen=True, slots=True)
class Attributed:
    """Where a line falls: the route that won, or suspense where `match` is None.

    `words` say why, `claims` are who may claim a line in suspense, and `missing` the facts it lacks.
    """

    match: Match | None
    reason: Reason
    words: Words
    claims: tuple[Match, ...] = ()
    missing: frozenset[str] = frozenset()


def attribute(agreements: Sequence[Agreement], facts: Mapping[str, Mapping[str, Value]]) -> Attributed:
    """Attribute one order line. `facts` are the order facts of each agreement, by version."""
    held: list[Match] = []
    open_: list[tuple[Match, Unknown]] = []
    for match, condition in _routes(agreements):
        value = evaluate(condition, Facts(facts[match.agreement]))
        if isinstance(value, Unknown):
            open_.append((match, value))
        elif value is True:
            held.append(match)
    best = min((one.route.priority for one in held), default=None)
    first = [one for one in held if one.route.priority == best]
    settled = {one.credits for one in first}
    unclear = [
        (one, why)
        for one, why in open_
        if best is None or (one.route.priority <= best and {one.credits} != settled)
    ]
    if unclear:
        return _unknown([*first, *(one for one, _ in unclear)], [why for _, why in unclear])
    if not first:
        return _none(agreements)
    if len(settled) > 1:
        return _tie(first)
    return Attributed(first[0], "matched", _matched(first[0]))


def attribution_facts(agreement: Agreement) -> frozenset[str]:
    """Return the order facts that an agreement's attribution reads."""
    return frozenset().union(*(names(condition) for _, condition in _compiled(agreement)))


@lru_cache(maxsize=256)
def _compiled(agreement: Agreement) -> tuple[tuple[Match, Node], ...]:
    clause = agreement.attribution
    if clause is None:
        return ()
    return tuple(
        (
            Match(agreement.ref, clause.id, one, one.payee, agreement.party_id(one.payee)),
            agreement.formula(one.when),
        )
        for one in clause.routes
    )


def _routes(agreements: Iterable[Agreement]) -> Iterator[tuple[Match, Node]]:
    for agreement in agreements:
        yield from _compiled(agreement)


def _distinct(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Return one match for each agreement and person who may claim, the first."""
    found: dict[tuple[str, str], Match] = {}
    for one in matches:
        found.setdefault(one.credits, one)
    return tuple(found.values())


# ---- reasons in words

_GROUNDS: dict[str, tuple[str, str]] = {
    "session": ("场次", "session"),
    "link": ("链接", "link"),
    "coupon": ("优惠码", "coupon"),
    "window": ("时间窗口", "window of time"),
    "host": ("主播类型", "host"),
}


def _matched(one: Match) -> Words:
    zh, en = _GROUNDS[one.route.by]
    return Words(
        zh=f"按{zh}归入 {one.agreement}（第 {one.clause} 条），归属 {one.payee}",
        en=f"falls under {one.agreement} by its {en} (clause {one.clause}) and is credited to {one.payee}",
    )


def _none(agreements: Sequence[Agreement]) -> Attributed:
    words = Words(zh="没有任何协议的归属条件成立", en="no agreement's route holds")
    return Attributed(None, "none", words, _distinct(match for match, _ in _routes(agreements)))


def _tie(first: Sequence[Match]) -> Attributed:
    claims = _distinct(first)
    sides = [f"{one.agreement} ({one.payee}, {_GROUNDS[one.route.by][1]})" for one in claims]
    sides_zh = [f"{one.agreement}（{one.payee}，{_GROUNDS[one.route.by][0]}）" for one in claims]
    priority = first[0].route.priority
    words = Words(
        zh=f"{'、'.join(sides_zh)} 的归属条件以同一优先级 {priority} 成立",
        en=f"{' and '.join(sides)} hold alike, with priority {priority}",
    )
    return Attributed(None, "tie", words, claims)


def _unknown(matches: Sequence[Match], why: Sequence[Unknown]) -> Attributed:
    missing = frozenset().union(*(one.names for one in why))
    lacking = ", ".join(sorted(missing))
    words = Words(zh=f"缺少事实 {lacking}，无法确定归属", en=f"needs {lacking}, which is missing or disputed")
    return Attributed(None, "unknown", words, _distinct(matches), missing)
