"""Rates of exchange that a due rests on: those recorded of the source that the clause names, as of its day.

A rate is exact, and its entry is one of those that the due names. Not here: recording rates, and the books of
sums in another currency (ledger.fx).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from ledger.errors import RateUnknown
from ledger.fx.rates import RecordedRate, rate_at
from ledger.log import Log
from ledger.settlement.state import Point
from policies.agreement import Agreement
from policies.dues.occasions import Occasion
from policies.formulas.exact import Facts, Unknown, Value, evaluate

_TICK = timedelta(microseconds=1)


def rates_taken(
    log: Log, agreement: Agreement, occasion: Occasion, point: Point, facts: Mapping[str, Value]
) -> dict[str, RecordedRate]:
    """Return the rates that a clause takes on an occasion, by fact; without those that are not known yet.

    A day that has not ended at the cut-off takes what was recorded as of the cut-off.
    """
    due = agreement.clauses[occasion.clause].falls_due
    assert due is not None, "a clause that falls due"
    known = {**facts, "decided_at": occasion.day, "occurred_on": occasion.at}
    found: dict[str, RecordedRate] = {}
    for name, taken in (due.rates or {}).items():
        day = evaluate(agreement.formula(taken.on), Facts(known, {}))
        if isinstance(day, Unknown):
            continue
        assert isinstance(day, date), "'on' gives a day"
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=agreement.zone) - _TICK
        at = min(end, point.cutoff)
        try:
            found[name] = rate_at(
                log, agreement.id, taken.of, agreement.currency, taken.source, at, end=point.end
            )
        except RateUnknown:
            continue
    return found
