"""Read models of reconciliations, made of what the ledger gives, for pages, API and command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from api.reading import Money
from api.reconciliation.schemas import (
    AgedShown,
    BookShown,
    BreakShown,
    ClassShown,
    LayoutShown,
    MatchShown,
    ReconciliationDetail,
    ReconciliationShown,
    RowShown,
    StepShown,
    SuggestionShown,
)
from api.worded import both, of_words, party_by_id
from ledger.reconciliation.aging import aged, days_open
from ledger.reconciliation.breaks import Break
from ledger.reconciliation.layouts import load_layout, shipped_layouts
from ledger.reconciliation.making import Made
from ledger.reconciliation.matching import suggest
from ledger.reconciliation.recorded import Book, Match, Recorded, State
from ledger.reconciliation.result import Suggestion
from ledger.reconciliation.rows import Row, frame_of
from ledger.reconciliation.rules import Rules
from ledger.reconciliation.three_ways import Step
from ledger.reconciliation.words import because, reason
from policies.agreement import Agreement

BREAKS_SHOWN = 1_000
"""Breaks that one answer spells out; files have them all."""


def layouts_shown() -> tuple[LayoutShown, ...]:
    """Return the shipped layouts, by name."""
    found = [load_layout(name) for name in shipped_layouts()]
    return tuple(
        LayoutShown(
            one.name,
            one.document.source,
            of_words(one.document.title),
            of_words(one.document.rests_on),
            one.document.side,
            one.document.level,
        )
        for one in found
    )


def detail_of_made(agreement: Agreement, made: Made, on: date) -> ReconciliationDetail:
    """Return a reconciliation that was just made, recorded or not."""
    currency = agreement.currency
    breaks = [break_shown(one, currency, on) for one in made.result.breaks]
    return ReconciliationDetail(
        reconciliation_shown(agreement, made.content),
        tuple(sorted(breaks, key=lambda one: not one.open)[:BREAKS_SHOWN]),
        tuple(suggestion_shown(one, currency) for one in made.result.suggestions),
    )


def detail_of_recorded(
    agreement: Agreement, one: Recorded, opened: Sequence[Break], on: date
) -> ReconciliationDetail:
    """Return a recorded reconciliation with the breaks that were open after it."""
    breaks = tuple(break_shown(each, agreement.currency, on) for each in opened[:BREAKS_SHOWN])
    return ReconciliationDetail(recorded_shown(agreement, one), breaks, ())


def recorded_shown(agreement: Agreement, one: Recorded) -> ReconciliationShown:
    """Return a recorded reconciliation."""
    return reconciliation_shown(agreement, one.content, one.id, one.seq)


def reconciliation_shown(
    agreement: Agreement, content: Mapping[str, Any], found: str | None = None, seq: int | None = None
) -> ReconciliationShown:
    """Return a reconciliation by its content."""
    currency, totals, rules = content["currency"], content["totals"], content["rules"]
    return ReconciliationShown(
        id=found,
        entry_seq=seq,
        agreement=content["agreement"],
        party=party_by_id(agreement, content["party"]),
        book=content["book"],
        side=content["side"],
        level=content["level"],
        number=content["number"],
        previous=content["previous"],
        layout=content["layout"],
        through=content["through"],
        statements=tuple(content["statements"]),
        tolerance=content["tolerance"],
        days=rules["days"],
        legs=tuple(rules["legs"]),
        brought_rows=content["brought"]["rows"],
        own_rows=totals["rows_a"],
        file_rows=totals["rows_b"],
        own=Money(totals["a_minor"], currency),
        file=Money(totals["b_minor"], currency),
        difference=Money(totals["difference_minor"], currency),
        matches=totals["matches"],
        classes=tuple(
            ClassShown(
                one["class"],
                one["count"],
                one["open"],
                Money(one["a_minor"], currency),
                Money(one["b_minor"], currency),
                Money(one["difference_minor"], currency),
            )
            for one in totals["classes"]
        ),
        open=sum(one["open"] for one in totals["classes"]),
        suggested=content["suggested"],
        limited=content["limited"],
        recorded_by=content.get("recorded_by"),
        digest=content["digest"],
    )


def book_shown(agreement: Agreement, book: Book, state: State, every: Sequence[Match], on: date) -> BookShown:
    """Return how a book stands on a day."""
    currency = agreement.currency
    rules = Rules.from_json(state.last.content["rules"]) if state.last else Rules()
    sides = [
        frame_of(row for one in state.open for row in (*one.a, *one.b) if row.side == side)
        for side in ("a", "b")
    ]
    return BookShown(
        agreement=agreement.id,
        party=party_by_id(agreement, book.party),
        book=book.name,
        on=on.isoformat(),
        last=recorded_shown(agreement, state.last) if state.last else None,
        difference=Money(sum(one.difference_minor for one in state.open), currency),
        aging=tuple(
            AgedShown(
                one.kind,
                one.ages,
                one.days_from,
                one.days_to,
                one.count,
                Money(one.a_minor, currency),
                Money(one.b_minor, currency),
                Money(one.difference_minor, currency),
            )
            for one in aged(state.open, on)
        ),
        open=tuple(break_shown(one, currency, on) for one in state.open),
        suggestions=tuple(suggestion_shown(one, currency) for one in suggest(sides[0], sides[1], rules)),
        matches=tuple(match_shown(one, currency) for one in every),
    )


def step_shown(one: Step, currency: str) -> StepShown:
    """Return a step from a bill to the bank."""
    group = "break-class" if one.kind == "break" else "three-ways"
    return StepShown(one.kind, one.name, both(f"{group}.{one.name}"), Money(one.amount_minor, currency))


def break_shown(one: Break, currency: str, on: date) -> BreakShown:
    """Return a break as it stands on a day."""
    rows = (*one.a, *one.b)
    return BreakShown(
        break_class=one.kind,
        cause=one.cause,
        reason=of_words(reason(one, currency)),
        about=next((row.named for row in rows if row.named), rows[0].note or rows[0].origin),
        own=Money(one.a_minor, currency),
        file=Money(one.b_minor, currency),
        difference=Money(one.difference_minor, currency),
        day=one.day.isoformat(),
        days_open=days_open(one, on),
        open=one.open,
        rows=tuple(row_shown(row, currency) for row in rows),
    )


def suggestion_shown(one: Suggestion, currency: str) -> SuggestionShown:
    """Return a suggestion."""
    apart = sum(row.amount_minor for row in one.a) - sum(row.amount_minor for row in one.b)
    rows = tuple(row_shown(row, currency) for row in (*one.a, *one.b))
    return SuggestionShown(of_words(because(one)), Money(apart, currency), rows)


def match_shown(one: Match, currency: str) -> MatchShown:
    """Return a match by hand."""
    by_hand = one.by_hand
    return MatchShown(
        id=one.id,
        entry_seq=one.seq,
        book=one.content["book"],
        break_class=by_hand.kind,
        difference=Money(one.content["difference_minor"], currency),
        reason=one.content["reason"],
        member=one.content["member"],
        withdrawn_seq=one.withdrawn.seq if one.withdrawn else None,
        rows=tuple(row_shown(row, currency) for row in (*by_hand.a, *by_hand.b)),
    )


def row_shown(row: Row, currency: str) -> RowShown:
    """Return a row."""
    amount = Money(row.amount_minor, currency)
    about = (row.named, row.leg, row.kind)
    return RowShown(row.id, row.side, *about, amount, row.day.isoformat(), row.origin, row.note)
