"""What corrects a statement: why its lines differ, and the entries by which it is named from the old one.

A correction is a run with the cut-off of the run before, so its lines are the difference of what the log says
of that period at two places. Why a line differs follows from what it rests on that came in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from ledger.entries import Group, NewEntry
from ledger.log import Log
from ledger.settlement.run import RunResult
from ledger.statements.life import CORRECTED, CORRECTION_GROUP, SOURCE, correction_id
from policies.agreement import Agreement

CAUSES = {"sale": "sale_told_late", "receipt": "receipt_told_late", "refund": "refund_told_late"}
"""Why a line differs, by the event of it that was recorded since."""

REPORTS_CHANGED = "reports_changed"
"""Nothing new was recorded of the line: another report counts, of another source or after a void."""


def causes_of(log: Log, result: RunResult, lines: pl.LazyFrame) -> list[dict[str, Any]]:
    """Return why the lines of a correction differ: each cause with its lines and what they come to, sorted.

    Every line has one cause: the first of what it rests on that was recorded since the run before.
    """
    assert result.before is not None, "a correction follows a run"
    since = result.before.end
    told = [
        (seq, event)
        for batch in log.line_event_batches(result.terms.root.id, result.point.end, after=since - 1)
        for seq, _, _, event, *_ in batch
    ]
    events = pl.DataFrame(told, schema={"first": pl.Int64, "event": pl.String}, orient="row")
    first = pl.col("entries").list.eval(pl.element().filter(pl.element() >= since)).list.min()
    found = (
        lines.select("amount_minor", first=first)
        .join(events.lazy(), on="first", how="left")
        .with_columns(cause=pl.col("event").replace_strict(CAUSES, default=REPORTS_CHANGED))
        .group_by("cause")
        .agg(pl.len().alias("lines"), pl.col("amount_minor").cast(pl.Int128).sum())
        .sort("cause")
        .collect()
    )
    return [
        {"cause": cause, "lines": int(count), "amount_minor": int(amount)}
        for cause, count, amount in found.select("cause", "lines", "amount_minor").iter_rows()
    ]


def correction_entries(
    agreement: Agreement, statements: Iterable[Mapping[str, Any]], asserter: str, reason: str, at: datetime
) -> list[NewEntry]:
    """Return, for each statement that a correction changes, the entry that names the new one and says why."""
    platforms = [agreement.party_id(key) for key, one in agreement.parties.items() if one.role == "platform"]
    found = []
    for content in statements:
        if content["closing_minor"] == content["opening_minor"] and not content["lines"]["count"]:
            continue
        old, readers = content["corrects"]["statement"], tuple(sorted({content["party"], *platforms}))
        told = {
            "statement": old,
            "party": content["party"],
            "correction": content["statement"],
            "reason": reason,
        }
        found.append(
            NewEntry(
                source=SOURCE,
                id=correction_id(old),
                kind=CORRECTED,
                occurred_at=at,
                asserter=asserter,
                agreement=agreement.ref,
                concerns=readers,
                groups=(Group(CORRECTION_GROUP, readers, told),),
            )
        )
    return found
