"""A season of dues to settle in: the example agreement, three orders, and what parties recorded."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ledger.entries import NewEntry
from ledger.settlement.recorded_facts import FactsGiven, facts_entry
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.settlement_world import instant, receipt, refund, sale

EXAMPLE = Path(__file__).parents[1] / "examples" / "agreements" / "season-dues.yaml"


@lru_cache(maxsize=1)
def season_dues() -> Agreement:
    """Return the example agreement that uses several dues."""
    return load_agreement(EXAMPLE.read_text(encoding="utf-8"), name=EXAMPLE.name)


def orders(agreement: Agreement) -> list[NewEntry]:
    """Return three orders: two received in March, a third of one refunded, and one received in April."""
    return [
        sale(agreement, "O1", at="2026-03-05", paid="200000.00"),
        receipt(agreement, "O1", "2026-03-08T10:00:00"),
        sale(agreement, "O2", at="2026-03-06", paid="120000.00"),
        receipt(agreement, "O2", "2026-03-20T10:00:00"),
        refund(agreement, "O2", "40000.00", "2026-03-30T10:00:00"),
        sale(agreement, "O3", at="2026-03-28", paid="100000.00"),
        receipt(agreement, "O3", "2026-04-10T10:00:00"),
    ]


def said(
    agreement: Agreement,
    by: str,
    at: str,
    about: str | None = None,
    clause: str | None = None,
    contested: tuple[str, ...] = (),
    source: str = "tests",
    **facts: str,
) -> NewEntry:
    """Return what a party says of facts; the source `platform-records` prevails in the example."""
    given = FactsGiven(facts, contested, about, clause)
    return facts_entry(agreement, given, source=source, asserter=by, occurred_at=instant(at))


def records(agreement: Agreement) -> list[NewEntry]:
    """Return what is recorded by the end of March: a score, a fine, a late payment, advertising costs."""
    return [
        said(agreement, "platform", "2026-03-12", "V-1", "15.1", violation="absolute_terms",
             reasons_given="true", notified_on="2026-03-10"),
        said(agreement, "brand", "2026-03-25", "INV-1", "7.6", amount_due="480000.00", due_on="2026-03-20"),
        said(agreement, "brand", "2026-03-31", "2026-Q1", advertising_spend="100000.00"),
        said(agreement, "platform", "2026-03-31", "2026-03", source="platform-records", period_score="85"),
    ]  # fmt: skip
