"""Holds several agreements against each other: promises of one party that cannot all be kept.

Parties are the same where their identity across agreements is (`id`, else the signing address). Versions of
one agreement replace each other and are not compared.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from policies.agreement import Agreement
from policies.checks.asking import condition_scope, settle, whole_condition
from policies.checks.witness import phrase, written_values
from policies.clauses.core import Clause
from policies.clauses.parameters import value_of
from policies.clauses.templates import Templated
from policies.errors import Finding
from policies.fields import Words
from policies.formulas.tree import Comparison, Day, Name


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of one party to another: the clause, its days, and where it holds."""

    agreement: Agreement
    index: int
    clause: Clause
    starts: date
    ends: date

    @property
    def holder(self) -> str:
        """The identity of the party that promises."""
        return self.agreement.party_id(self.clause.holder or "")

    @property
    def name(self) -> str:
        """The clause by agreement: `spring-sale 9.1`."""
        return f"{self.agreement.id} {self.clause.id}"


def check(agreements: Sequence[Agreement]) -> Iterator[tuple[Agreement, Finding]]:
    """Yield each finding with the agreement it is about, the later of the two that disagree."""
    for promises, conflict in ((_price_promises, _both_lowest), (_exclusives, _both_exclusive)):
        made = [one for agreement in agreements for one in promises(agreement)]
        for first, second in itertools.combinations(made, 2):
            if first.agreement.id != second.agreement.id and first.holder == second.holder:
                yield from conflict(first, second)


def _price_promises(agreement: Agreement) -> Iterator[Promise]:
    for index, clause in enumerate(agreement.document.clauses):
        promises = isinstance(clause, Templated) and clause.kind == "price_parity"
        if promises and clause.holder is not None and clause.not_enforced is None:
            starts = max(clause.valid_from or date.min, agreement.document.effective_from)
            ends = min(clause.valid_until or date.max, value_of(clause, "scope.until"))
            yield Promise(agreement, index, clause, starts, ends)


def _exclusives(agreement: Agreement) -> Iterator[Promise]:
    for index, clause in enumerate(agreement.document.clauses):
        if isinstance(clause, Templated) and clause.kind == "exclusivity" and clause.not_enforced is None:
            yield Promise(agreement, index, clause, value_of(clause, "starts"), value_of(clause, "ends"))


def _both_lowest(first: Promise, second: Promise) -> Iterator[tuple[Agreement, Finding]]:
    one, other = first.clause, second.clause
    named = value_of(other, "scope.channels")
    channels = [channel for channel in value_of(one, "scope.channels") if channel in named]
    day, last = max(first.starts, second.starts), min(first.ends, second.ends)
    if not channels or day > last:
        return
    agreement, core = first.agreement, first.agreement.clauses[one.id]
    path = ("clauses", second.index, "scope")
    on_day = Comparison("==", Name(value_of(one, "scope.observed_on")), Day(day))
    what = (
        f"{first.name} and {second.name} can be broken together",
        f"{first.name} 与 {second.name} 能否同时遵守",
    )
    scope = condition_scope(agreement)
    answer = settle(agreement, [*whole_condition(agreement, core), on_day], scope, what, path)
    if isinstance(answer, Finding):
        yield (
            second.agreement,
            second.agreement.finding(
                answer.code, answer.message, path, severity="warning", message_zh=answer.message_zh
            ),
        )
        return
    if answer.verdict != "found":
        return
    case = written_values(agreement, answer.values, scope)
    party = agreement.parties[one.holder or ""].name
    yield (
        second.agreement,
        second.agreement.finding(
            "together.both-lowest",
            f"{party.en} promises the lowest price for the same goods in {first.name} and {second.name}, on"
            f" {', '.join(channels)} from {day} to {last}: two sessions at two prices break one of them"
            f" ({phrase(agreement, case, 'en')})",
            path,
            severity="warning",
            witness={
                "day": str(day),
                "channels": channels,
                "promises": [first.name, second.name],
                "case": case,
            },
            message_zh=f"{party.zh}在 {first.name} 与 {second.name} 中就同一商品两次承诺最低价"
            f"（{'、'.join(channels)}，{day} 至 {last}）：两场售价不同即违反其一"
            f"（{phrase(agreement, case, 'zh')}）",
        ),
    )


def _both_exclusive(first: Promise, second: Promise) -> Iterator[tuple[Agreement, Finding]]:
    day, last = max(first.starts, second.starts), min(first.ends, second.ends)
    receivers = [one.agreement.party_id(one.clause.toward or "") for one in (first, second)]
    if day > last or receivers[0] == receivers[1]:
        return
    fields: list[Words] = [value_of(one.clause, "field") for one in (first, second)]
    alike = fields[0].zh == fields[1].zh or fields[0].en.casefold() == fields[1].en.casefold()
    party = second.agreement.parties[second.clause.holder or ""].name
    named = {key: " / ".join(dict.fromkeys(getattr(one, key) for one in fields)) for key in ("zh", "en")}
    doubt = ("", "") if alike else (" if these overlap", "（如范围重叠）")
    finding = second.agreement.finding(
        "together.both-exclusive",
        f"{party.en} is exclusive to two sides from {day} to {last}, in {first.name} and {second.name}"
        f" ({named['en']}): a session for one breaks the other{doubt[0]}",
        ("clauses", second.index, "starts"),
        severity="warning" if alike else "info",
        witness={"day": str(day), "until": str(last), "promises": [first.name, second.name]},
        message_zh=f"{party.zh}于 {day} 至 {last} 在 {first.name} 与 {second.name} 中同时对两方独家"
        f"（{named['zh']}）：为一方直播即违反另一方{doubt[1]}",
    )
    yield second.agreement, finding
