"""The change between two statements of a party, as causes that come to it exactly.

Each statement is cut into causes that come to what it pays: its lines by why they stand on it, dues,
decisions, what was carried and what is held. The change of a cause is its part of the later one less its part
of the earlier one, so all changes come to the difference. Where lines go by a version that the earlier
statement did not know, what the version changed is a cause apart from what they come to without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

from ledger.database import reading
from ledger.log import Log
from ledger.settlement.errors import ChangeRefused, SettlementRefused
from ledger.settlement.facts import KEY, read_lines
from ledger.settlement.moved import moved_by
from ledger.settlement.moves import moves_of
from ledger.settlement.runs import StoredRun, numbered_run, terms_of
from ledger.settlement.state import lines_in_force, local_day, with_state
from ledger.settlement.terms import Terms, VersionTerms
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement
from policies.agreement import Agreement

CauseKind = Literal[
    "opening", "new_lines", "told_late", "reports_changed", "version", "refunds_at_once",
    "refunds_of_earlier", "refunds_told_late", "window", "rounding", "clause", "recovery", "suspense",
    "decided", "held", "debt",
]  # fmt: skip
"""Why a part of a statement stands on it.

opening             what the statement before carried forward
new_lines           lines that were earned in its period, at the terms that the earlier statement knew
version             what a version that the earlier statement did not know changed of such lines
told_late           lines that an earlier statement would have had, had they been told in time
reports_changed     lines of which another report counts since
refunds_at_once     refunds of lines that stand on the same statement
refunds_of_earlier  refunds of lines that an earlier statement had
refunds_told_late   the same, of before the earlier cut-off and told since
window, rounding,
clause, recovery,
suspense            what is due beside the lines, by its kind
decided             what decisions, conversions and write-offs moved, and balances carried over
held, debt          what of the closing is held, and a closing below zero, which is carried forward
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of a change: under which clause, how much it was of each statement and over how many lines.

    `clause` is None for what no clause moves. Amounts are minor units, signed as what they add to the party.
    """

    kind: CauseKind
    clause: str | None
    before_minor: int
    after_minor: int
    lines_before: int
    lines_after: int

    @property
    def change_minor(self) -> int:
        """How much of the difference it is."""
        return self.after_minor - self.before_minor


@dataclass(frozen=True, slots=True)
class StatementChange:
    """What each of two statements pays, and causes whose changes come to the difference.

    `separated` tells whether what a version changed is a cause of its own; it is not where windows, rounding
    once per statement or another agreement have a part in what its lines come to.
    """

    before: str
    after: str
    party: str
    currency: str
    before_minor: int
    after_minor: int
    causes: tuple[Cause, ...]
    separated: bool

    @property
    def change_minor(self) -> int:
        """How much more the later one pays."""
        return self.after_minor - self.before_minor


@dataclass(slots=True)
class _Part:
    amount_minor: int = 0
    lines: int = 0


_Parts = dict[tuple[CauseKind, str | None], _Part]


def change_between(
    log: Log, store: LineStore, agreements: Iterable[Agreement], before: Statement, after: Statement
) -> StatementChange:
    """Return why one statement pays another amount than an earlier one of the same party and agreement.

    Raises ChangeRefused for statements of several parties or agreements, or in the wrong order;
    SettlementRefused where a version is lacking, LinesUnavailable.
    """
    if (before.party, before.agreement) != (after.party, after.agreement):
        raise ChangeRefused("they are of different parties or agreements", where=f"{before.id} {after.id}")
    if before.number >= after.number:
        raise ChangeRefused("name the earlier statement first", where=f"{before.id} {after.id}")
    given = tuple(agreements)
    known = _Made(log, store, given, before)
    later = _Made(log, store, given, after)
    was, now = known.parts(), later.parts()
    separated = later.part_versions(now, known.versions)
    causes = [
        Cause(
            *key,
            was.get(key, _Part()).amount_minor,
            now.get(key, _Part()).amount_minor,
            was.get(key, _Part()).lines,
            now.get(key, _Part()).lines,
        )
        for key in sorted({*was, *now}, key=lambda one: (_ORDER.index(one[0]), one[1] or ""))
    ]
    found = StatementChange(
        before.id,
        after.id,
        after.party,
        str(after.content["currency"]),
        int(before.content["payable_minor"]),
        int(after.content["payable_minor"]),
        tuple(one for one in causes if one.change_minor),
        separated,
    )
    assert sum(one.change_minor for one in found.causes) == found.change_minor, "causes sum"
    return found


_ORDER: tuple[CauseKind, ...] = (
    "opening", "new_lines", "version", "told_late", "reports_changed", "refunds_at_once",
    "refunds_of_earlier", "refunds_told_late", "window", "rounding", "clause", "recovery", "suspense",
    "decided", "held", "debt",
)  # fmt: skip
_DUES: dict[str, CauseKind] = {
    "window": "window", "rounding": "rounding", "recovery": "recovery", "suspense": "suspense",
}  # fmt: skip


class _Made:
    """One statement with the run that issued it and the one before, cut into causes."""

    def __init__(
        self, log: Log, store: LineStore, agreements: tuple[Agreement, ...], statement: Statement
    ) -> None:
        run = numbered_run(log, statement.agreement, statement.number)
        assert run is not None, "a statement was issued by a run"
        self.log, self.statement, self.run = log, statement, run
        self.before: StoredRun | None = numbered_run(log, statement.agreement, statement.number - 1)
        self.terms: Terms = terms_of(log, run, agreements)
        self.lines = store.scan(statement.root).collect().with_row_index("row")
        self.classes = self._classes()

    @property
    def versions(self) -> frozenset[int]:
        """The versions that its run was made under."""
        return frozenset(one.version for one in self.terms.versions)

    def parts(self) -> _Parts:
        """Return its causes, which come to what it pays."""
        content, found = self.statement.content, defaultdict[tuple[CauseKind, str | None], _Part](_Part)
        found["opening", None].amount_minor += content["opening_minor"]
        for kind, clause, amount, count in (
            self.classes.group_by("kind", "clause")
            .agg(pl.col("amount_minor").cast(pl.Int128).sum(), pl.len().alias("lines"))
            .select("kind", "clause", "amount_minor", "lines")
            .iter_rows()
        ):
            found[kind, clause] = _Part(int(amount), int(count))
        for due in content.get("dues", ()):
            found[_DUES.get(due["kind"], "clause"), due["clause"]].amount_minor += due["amount_minor"]
        for one in content["adjustments"]:
            found["decided", one["clause"]].amount_minor += one["amount_minor"]
        held = content.get("held_minor", 0)
        found["held", None].amount_minor -= held
        found["debt", None].amount_minor -= content["carried_forward_minor"] - held
        assert sum(one.amount_minor for one in found.values()) == content["payable_minor"], "causes sum"
        return dict(found)

    def _classes(self) -> pl.DataFrame:
        """Return the lines with why each stands on the statement: a column `kind`."""
        given = pl.col("kind").is_in(["earned", "funded"])
        if self.before is None:  # nothing was settled before, so nothing is late
            kind = pl.when(given).then(pl.lit("new_lines")).otherwise(pl.lit("refunds_at_once"))
            return self.lines.with_columns(kind=kind)
        since, cutoff = self.before.point.end, self.before.point
        told = self._told()
        lines = self.lines.join(told, on="row", how="left")
        clearing = pl.col("version").replace_strict(
            {one.version: self.terms.clearing_days(one) for one in self.terms.versions},
            return_dtype=pl.Int64,
        )
        received = local_day("us:receipt", self.terms.zone.key)
        earned_then = (received + pl.duration(days=clearing) <= pl.lit(cutoff.day(self.terms))) & (
            pl.col("us:receipt") <= cutoff.us
        )
        waiting = [one.version for one in self.terms.versions if self.terms.may_wait(one)]
        same = self.lines.filter(given).select(*KEY, "version").unique().with_columns(here=pl.lit(value=True))
        lines = lines.join(same, on=[*KEY, "version"], how="left")
        late = earned_then.fill_null(value=False)
        of_given = (
            pl.when(late & (pl.col("newest") >= since))
            .then(pl.lit("told_late"))
            .when(late & ~pl.col("version").is_in(waiting))
            .then(pl.lit("reports_changed"))
            .otherwise(pl.lit("new_lines"))
        )
        of_taken = (
            pl.when(pl.col("seq:refund").is_null())
            .then(pl.lit("reports_changed"))
            .when(pl.col("here").fill_null(value=False))
            .then(pl.lit("refunds_at_once"))
            .when((pl.col("us:refund") <= cutoff.us) & (pl.col("seq:refund") >= since))
            .then(pl.lit("refunds_told_late"))
            .otherwise(pl.lit("refunds_of_earlier"))
        )
        return lines.with_columns(kind=pl.when(given).then(of_given).otherwise(of_taken))

    def _told(self) -> pl.DataFrame:
        """Return, per line, when its receipt and its refund were so, and which entry was told last."""
        events = self._events()
        cited = self.lines.select("row", seq="entries").explode("seq").join(events, on="seq", how="left")
        of = {name: pl.col("event") == name for name in ("receipt", "refund")}
        return cited.group_by("row").agg(
            pl.col("us").filter(of["receipt"]).max().alias("us:receipt"),
            pl.col("us").filter(of["refund"]).max().alias("us:refund"),
            pl.col("seq").filter(of["refund"]).max().alias("seq:refund"),
            pl.col("seq").filter(pl.col("event") != "refund").max().alias("newest"),
        )

    def _events(self) -> pl.DataFrame:
        """Return the events of the agreement's lines up to the run: seq, event and when it was so."""
        sql = "SELECT seq, event, occurred_us FROM line_event WHERE agreement = ? AND seq < ?"
        with reading(self.log.engine) as session:
            rows = session.rows(sql, (self.terms.root.id, self.run.point.end))
        schema = {"seq": pl.Int64, "event": pl.String, "us": pl.Int64}
        return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")

    def part_versions(self, parts: _Parts, known: frozenset[int]) -> bool:
        """Part what versions not among the known ones changed from what their lines come to without them.

        Tell whether it could be done for all of them.
        """
        old = [one for one in self.terms.versions if one.version in known]
        new = [one for one in self.terms.versions if one.version not in known]
        mine = self.classes.filter(
            pl.col("kind") == "new_lines", pl.col("version").is_in([one.version for one in new])
        )
        if mine.is_empty():
            return True
        if not old or self.terms.feeding is not None or any(map(_counts, (*new, old[-1]))):
            return False
        for version in new:
            keys = mine.filter(pl.col("version") == version.version)
            for clause, amount in self._under(version, old[-1], keys):
                parts.setdefault(("version", clause), _Part()).amount_minor -= amount
                parts.setdefault(("new_lines", clause), _Part()).amount_minor += amount
            for clause, amount in _by_clause(keys):
                parts.setdefault(("version", clause), _Part()).amount_minor += amount
                parts.setdefault(("new_lines", clause), _Part()).amount_minor -= amount
        return True

    def _under(
        self, version: VersionTerms, instead: VersionTerms, keys: pl.DataFrame
    ) -> Iterator[tuple[str, int]]:
        """Yield by clause what lines under one version would have given the party under another.

        A line that lacks a fact of the other version counts with what it gave.
        """
        end = self.run.point.end
        book = read_lines(self.log, self.terms, end)
        wanted = keys.select(KEY).unique()
        lines = lines_in_force(book, self.terms, version).join(wanted.lazy(), on=list(KEY), how="semi")
        frame = (
            with_state(lines, book, self.terms, instead, None, "now")
            .with_columns(pl.lit(value=True).alias("now:earned"))
            .collect()
        )
        try:
            moved = moved_by("columns", instead, frame)
        except SettlementRefused:  # what has no exact column is computed line by line
            moved = moved_by("exact", instead, frame)
        for move in moves_of(instead):
            if move.owner == self.statement.party and move.stated and move.kind in {"earned", "funded"}:
                yield move.clause, int(moved.frame[move.column].cast(pl.Int128).sum() or 0)
        if moved.held.height:
            yield from _by_clause(keys.join(moved.held, on=list(KEY), how="semi"))


def _by_clause(lines: pl.DataFrame) -> Iterator[tuple[str, int]]:
    sums = lines.group_by("clause").agg(pl.col("amount_minor").cast(pl.Int128).sum())
    for clause, amount in sums.sort("clause").iter_rows():
        yield clause, int(amount)


def _counts(version: VersionTerms) -> bool:
    """Tell whether what a line comes to under a version is not its own alone."""
    return bool(version.plan.windows) or version.plan.clause.rounding.at == "statement"
