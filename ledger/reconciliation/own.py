"""The party's own side: what runs posted for it, as rows at the level that the file asks for.

At the levels of order lines these are the lines of the party's statements, each checked against the root
that the statement bears; at the level of statements what each makes payable; at that of payouts the payments
released to the party, and those of them that failed or came back. A reconciliation takes what the one before
of the same book had not taken, so that each is held against a file once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from ledger.database import reading
from ledger.log import Log
from ledger.payouts.reading import FAILED_KIND, RELEASED_KIND, RETURNED_KIND, Payment, batches_within
from ledger.reconciliation.layouts import FROM_LINES, PARTS, Level
from ledger.reconciliation.rows import SCHEMA, SEPARATOR
from ledger.reconciliation.rules import Rules
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement, list_statements

_STATEMENTS_MAX = 100_000


@dataclass(frozen=True)
class Own:
    """A party's side: its rows, the statements they are of, and up to which run, entry and time it reaches.

    `through_seq` is the last entry of a payment that was taken, -1 before any.
    """

    frame: pl.DataFrame
    statements: tuple[Statement, ...]
    through_run: int
    through: str | None
    through_seq: int = -1

    @property
    def through_day(self) -> date | None:
        """The day of the last cut-off, in the agreement's time zone; None where nothing was settled yet."""
        return day_of(self.through) if self.through else None


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a reconciliation took payments: entries before seq `end`, of days up to `until`, if any."""

    end: int
    until: date | None

    def holds(self, seq: int, day: date) -> bool:
        """Tell whether an entry of a day was within its reach."""
        return seq < self.end and (self.until is None or day <= self.until)


def day_of(cutoff: str) -> date:
    """Return the day of a cut-off as it is written, which is in the agreement's time zone."""
    return datetime.fromisoformat(cutoff).date()


def statements_of(log: Log, party: str, agreement: str, *, end: int | None = None) -> list[Statement]:
    """Return a party's statements of an agreement, oldest first; those before seq `end` where it is given."""
    found = list_statements(log, party=party, agreement=agreement, limit=_STATEMENTS_MAX)
    return sorted((one for one in found if end is None or one.seq < end), key=lambda one: one.seq)


def own_rows(  # noqa: PLR0913 -- from where, at which level, by which rules, and which statements
    store: LineStore,
    statements: Sequence[Statement],
    level: Level,
    rules: Rules,
    *,
    after_run: int,
    until: date | None,
) -> Own:
    """Return the party's rows of the statements of runs after one, with cut-offs no later than a day.

    Raises LinesUnavailable where a line file is missing or altered.
    """
    reach = [one for one in statements if until is None or day_of(one.content["cutoff"]) <= until]
    taken = tuple(one for one in reach if one.number > after_run)
    last = max(reach, key=lambda one: (one.number, one.seq), default=None)
    if level in FROM_LINES:
        parts = [line_rows(store, one, level, rules) for one in taken]
    else:
        parts = [_payable_rows(taken)]
    frame = pl.concat([pl.DataFrame(schema=SCHEMA), *parts])
    through = None if last is None else str(last.content["cutoff"])
    return Own(frame, taken, max(after_run, last.number if last else 0), through)


def payment_rows(  # noqa: PLR0913 -- whose, under which agreement, and which of them
    log: Log,
    party: str,
    agreement: str,
    zone: ZoneInfo,
    *,
    taken: Sequence[Reached],
    end: int,
    until: date | None,
) -> Own:
    """Return the payments released to a party before seq `end`, up to a day, that were not `taken` before.

    One that failed or was returned has a second row, which takes it back. A bank tells of days past, so an
    entry may come after one of a later day: what was taken goes by how far each reached, not by a last entry.
    """
    rows: list[list[object]] = []
    through: str | None = None
    last = -1
    for seq, payment, sign, kind in _payment_steps(log, party, agreement, end):
        when = log.entry(seq).occurred_at
        day = datetime.fromisoformat(when).astimezone(zone).date()
        known = any(one.holds(seq, day) for one in taken)
        if not known and not Reached(end, until).holds(seq, day):
            continue
        last = max(last, seq)
        if known:
            continue
        name = payment.reference if sign > 0 else f"{payment.reference}/{kind}"
        rows.append(
            [
                name,
                payment.reference,
                "",
                "",
                "",
                kind,
                sign * payment.amount_minor,
                day,
                payment.reference,
                "",
            ]
        )
        through = day.isoformat()
    return Own(pl.DataFrame(rows, schema=SCHEMA, orient="row"), (), 0, through, last)


def _payment_steps(
    log: Log, party: str, agreement: str, end: int
) -> list[tuple[int, Payment, Literal[1, -1], str]]:
    """Return the entries that release a party's payments or take them back, in order."""
    steps: tuple[tuple[str, Literal[1, -1], str], ...] = (
        (RELEASED_KIND, 1, "earned"), (FAILED_KIND, -1, "returned"), (RETURNED_KIND, -1, "returned"),
    )  # fmt: skip
    with reading(log.engine) as session:
        payments = [
            one
            for batch in batches_within(session, None, end)
            for one in batch.payments
            if one.payee == party and one.agreement_id == agreement
        ]
    found = [
        (one.seqs[kind], one, sign, told)
        for one in payments
        for kind, sign, told in steps
        if kind in one.seqs
    ]
    return sorted(found, key=lambda step: step[0])


def line_rows(store: LineStore, statement: Statement, level: Level, rules: Rules) -> pl.DataFrame:
    """Return the lines of one statement as rows, those of the legs that are compared."""
    lines = store.read(statement.root).with_row_index("place")
    if rules.legs:
        lines = lines.filter(pl.col("leg").is_in(rules.legs))
    return lines.select(
        (pl.lit(f"{statement.id}#") + pl.col("place").cast(pl.String)).alias("id"),
        reference_column(level).alias("ref"),
        "order",
        "line",
        "leg",
        "kind",
        "amount_minor",
        pl.lit(day_of(statement.content["cutoff"])).alias("day"),
        pl.lit(statement.id).alias("origin"),
        pl.lit("").alias("note"),
    )


def reference_column(level: Level) -> pl.Expr:
    """Return the reference of statement lines at a level, which is one of order lines."""
    return pl.concat_str(PARTS[level], separator=SEPARATOR)


def _payable_rows(statements: Sequence[Statement]) -> pl.DataFrame:
    rows = [
        [
            one.id,
            one.id,
            "",
            "",
            "",
            "",
            one.content["payable_minor"],
            day_of(one.content["cutoff"]),
            one.id,
            "",
        ]
        for one in statements
        if one.content["payable_minor"]
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
