"""Why a line is what it is, and why a party got what it got out of an order: facts, clause, arithmetic.

Each answer is computed again from the log by the exact reader, so what is explained is what was settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from ledger.database import reading
from ledger.log import Log
from ledger.reading import LineEvent
from ledger.settlement.after_sales import released
from ledger.settlement.attributed import ELSEWHERE
from ledger.settlement.counted import PLACED, change, counted, placed
from ledger.settlement.deal import deal_terms
from ledger.settlement.errors import SettlementDiffers, SettlementRefused, StatementUnknown
from ledger.settlement.facts import KEY, LineBook, read_lines, read_order
from ledger.settlement.kernels import exact_values, refundable_minor, reversal_of
from ledger.settlement.moves import Move, moves_of
from ledger.settlement.run import lines_with_states, moved_lines, series_of
from ledger.settlement.runs import all_runs, numbered_run, settled_before, terms_of
from ledger.settlement.state import Point, lines_in_force
from ledger.settlement.terms import Terms, VersionTerms
from ledger.settlement.windows import Series, with_volumes_as_it_stands
from ledger.statements.arithmetic import ArithmeticStep, LineArithmetic
from ledger.statements.explanation import Explanation, FactUsed, LineAnswer, Standing
from ledger.statements.reading import Statement, StatementLine
from policies.agreement import Agreement
from policies.errors import FactError
from policies.money import from_minor

_SUSPENSE: Mapping[str, Standing] = {
    "none": "suspense_none", "tie": "suspense_tie", "unknown": "suspense_unknown",
}  # fmt: skip


def explain(
    log: Log, agreements: Iterable[Agreement], statement: Statement, line: StatementLine
) -> Explanation:
    """Explain one line of a statement, under the versions it was issued under.

    Raises SettlementDiffers when the log no longer gives that amount (it was altered, say), and
    SettlementRefused when a version is missing.
    """
    run = numbered_run(log, statement.agreement, statement.number)
    before = numbered_run(log, statement.agreement, statement.number - 1)
    assert run is not None, "a statement was issued by a run"
    terms = terms_of(log, run, agreements)
    key, earlier = (line.order, line.line), before.point if before else None
    for found in _moved(log, terms, key, run.point, earlier, statement.party):
        wanted = (line.version, line.clause, line.leg, line.kind)
        if (found.version, found.clause, found.leg, found.kind) == wanted:
            if found.amount_minor != line.amount_minor:
                break
            return found
    raise SettlementDiffers(
        "the log no longer gives this amount; run the doctor and rebuild", where=statement.id
    )


def _moved(  # noqa: PLR0913, PLR0917 -- a line, both points, and for whom
    log: Log, terms: Terms, key: tuple[str, str], point: Point, before: Point | None, party: str
) -> list[Explanation]:
    """Explain every amount that a line moved for a party between two points."""
    book, events = _told(log, terms, key, point)
    series = _series(log, terms, point)
    if before is not None and book.contested:
        what = change(book, before.end, point.end)
        if what:
            then = _Past.at(log, terms, what.then, events, before, None, series)
            now = _Past.at(log, terms, what.now, events, point, None, series)
            return _corrected(
                now.explanations(party) if now else [], then.explanations(party) if then else []
            )
    past = _Past.at(log, terms, counted(book, point.end), events, point, before, series)
    return past.explanations(party) if past else []


def _series(log: Log, terms: Terms, point: Point) -> Mapping[int, Series]:
    """Return what windows held before every line, by version, as the runs up to a point posted them."""
    if not any(version.plan.windows for version in terms.versions):
        return {}
    points = [run.point for run in all_runs(log, terms.id) if run.point.end < point.end]
    book = replace(read_lines(log, terms, point.end), settled=settled_before(log, terms.id, point))
    try:
        return series_of(book, terms, [*points, point], "columns")
    except SettlementRefused:  # what has no exact column is counted line by line
        return series_of(book, terms, [*points, point], "exact")


def _told(log: Log, terms: Terms, key: tuple[str, str], point: Point) -> tuple[LineBook, list[LineEvent]]:
    events = [event for event in log.line(terms.root.id, *key) if event[0] < point.end]
    book = replace(read_order(log, terms, key[0], point.end).line(key[1]), kernel="exact")
    if not book.cases.is_empty():
        book = replace(book, settled=settled_before(log, terms.id, point))
    return book, events


def _corrected(now: list[Explanation], then: list[Explanation]) -> list[Explanation]:
    """Return what other reports of a line make of what was settled: each amount less what it was."""
    earlier, found = {_which(one): one for one in then}, []
    for one in now:
        was = earlier.pop(_which(one), None)
        found.append(_less(one, one.amount_minor, was.amount_minor if was else 0))
    found += [_less(one, 0, one.amount_minor) for one in earlier.values()]
    return [one for one in found if one.amount_minor]


def _which(one: Explanation) -> tuple[int, str, str, str]:
    return one.version, one.clause, one.leg, one.kind


def _less(one: Explanation, now_minor: int, then_minor: int) -> Explanation:
    rest = now_minor - then_minor
    now, then, less = (from_minor(amount, one.currency) for amount in (now_minor, then_minor, rest))
    step = ArithmeticStep(
        {"zh": "更正", "en": "corrected"},
        f"按现行数据 {now} − 此前已结算 {then} = {less}",
        f"{now} as the line counts now − {then} settled before = {less}",
        rest,
    )
    return replace(one, amount_minor=rest, steps=(*one.steps, step))


def why(
    log: Log, agreements: Iterable[Agreement], order: str, party: str, *, at: datetime
) -> tuple[LineAnswer, ...]:
    """Say what a party gets out of each line of an order as things stand at a time, settled or not.

    Raises StatementUnknown when the agreement has no such order.
    """
    terms = deal_terms(log, agreements)
    point = Point(at.replace(microsecond=0), log.size())
    lines = order_lines(log, terms.root.id, order)
    if not lines:
        raise StatementUnknown(f"agreement {terms.id} has no order of that id", where=order[:100])
    found, series = [], _series(log, terms, point)
    for line in lines:
        book, events = _told(log, terms, (order, line), point)
        past = _Past.at(log, terms, counted(book, point.end), events, point, None, series)
        if past is not None:
            found.append(past.answer(party))
        elif book.attributing is not None:
            found += _not_its_own(terms, book, point)
    return tuple(found)


def _not_its_own(terms: Terms, book: LineBook, point: Point) -> Iterator[LineAnswer]:
    """Say of the line of a book, where it is not the agreement's own, whose it is or why nobody's."""
    others = placed(book, point.end)
    for version in terms.versions:
        lines = lines_in_force(others, terms, version).select(*KEY, PLACED).collect()
        for order, line, place in lines.iter_rows():
            standing: Standing = "elsewhere" if place == ELSEWHERE else _SUSPENSE[place]
            yield LineAnswer(order, line, version.version, standing, None, ())


def order_lines(log: Log, agreement: str, order: str) -> list[str]:
    """Return the line keys of an order, sorted."""
    sql = "SELECT DISTINCT line_id FROM line_event WHERE agreement = ? AND order_id = ? ORDER BY line_id"
    with reading(log.engine) as session:
        return [row[0] for row in session.rows(sql, (agreement, order))]


@dataclass(frozen=True)
class _Past:
    """One line at a point: what the log told of it, both states, and its split."""

    log: Log
    terms: VersionTerms
    point: Point
    row: Mapping[str, Any]
    events: Mapping[int, LineEvent]
    arithmetic: LineArithmetic | None
    amounts: Mapping[str, int]
    whole: tuple[LineBook, Terms]

    @classmethod
    def at(  # noqa: PLR0913, PLR0917 -- the reports that count, their events, and two points
        cls,
        log: Log,
        terms: Terms,
        book: LineBook,
        events: Iterable[LineEvent],
        point: Point,
        before: Point | None,
        series: Mapping[int, Series],
    ) -> _Past | None:
        """Compute a line at a point; None when no version was in force, or no sale of it counts."""
        result = moved_lines(book, terms, point, before, "exact", series)
        for version in terms.versions:
            frame = lines_with_states(book, terms, version, point, before).collect()
            if version.plan.windows and not frame.is_empty():
                held = with_volumes_as_it_stands(series[version.version], frame)
                frame = frame if held.is_empty() else held
            rows = frame.rows(named=True)
            if rows:
                moved = next((part.frame.row(0, named=True) for part in result.parts), {})
                by_seq = {event[0]: event for event in events}
                arithmetic = _arithmetic(version, rows[0])
                return cls(log, version, point, rows[0], by_seq, arithmetic, moved, (book, terms))
        return None

    def answer(self, party: str) -> LineAnswer:
        """Say where the line stands and explain what it gives, or will give, a party."""
        standing, earned_from = self._standing()
        if self.arithmetic is None:
            standing = "not_computed"
        order, line = self.row["order"], self.row["line"]
        return LineAnswer(
            order, line, self.terms.version, standing, earned_from, tuple(self.explanations(party, due=True))
        )

    def _standing(self) -> tuple[Standing, date | None]:
        """Say where the line stands, and from which day it is earned."""
        if self.row["us:confirmed"] is None:
            return "waiting_for_receipt", None
        day: date = self.row["day:confirmed"] + timedelta(days=self.terms.clearing_days)
        earned = self.row["now:earned"]
        book, terms = self.whole
        if self.terms.waits_for_cases and not book.cases.is_empty():
            if not earned and day <= self.point.day(terms):
                return "after_sale_open", None
            line = lines_in_force(book, terms, self.terms).collect()
            closed = released(line, book, self.terms, (self.point.us, self.point.end))
            day = max([day, *closed["day:released"].to_list()])
        return "earned" if earned else "clearing", day

    def explanations(self, party: str, *, due: bool = False) -> list[Explanation]:
        """Explain every amount of a party: those that moved, or with `due` all that the line gives it."""
        if self.arithmetic is None:
            return []
        found = []
        for move in moves_of(self.terms):
            if move.owner == party and move.stated:
                amount, steps = self._amount(move, self.arithmetic, due=due)
                if amount:
                    found.append(self._explained(move, amount, steps))
        return found

    def _amount(
        self, move: Move, arithmetic: LineArithmetic, *, due: bool
    ) -> tuple[int, list[ArithmeticStep]]:
        split = arithmetic.split
        if move.kind == "earned":
            amount = split.legs[move.leg].amount_minor if due else self.amounts.get(move.column, 0)
            return amount, arithmetic.leg(move.leg)
        index = int(move.column.partition(":")[2]) if move.kind in {"funded", "returned"} else 0
        if move.kind == "funded":
            amount = -split.funding[index] if due else self.amounts.get(move.column, 0)
            return amount, arithmetic.funding(index)
        refundable = refundable_minor(self.terms, split, self.row)
        now = reversal_of(self.terms, split, self.row, "now")
        if now is None:
            return 0, []
        earned = self.row["before:earned"]
        before = reversal_of(self.terms, split, self.row, "before") if earned else None
        refunded = min(self.row["now:refunded"], refundable)
        if move.kind == "reversed":
            amount = -now.legs[move.leg] if due else self.amounts.get(move.column, 0)
            return amount, arithmetic.reversal(move.leg, refunded, refundable, now, before)
        earlier = before.funding[index] if before else 0
        amount = now.funding[index] if due else self.amounts.get(move.column, 0)
        return amount, arithmetic.returned(index, now.funding[index], earlier, (refunded, refundable))

    def _explained(self, move: Move, amount: int, steps: list[ArithmeticStep]) -> Explanation:
        agreement = self.terms.agreement
        clause = agreement.clauses.get(move.clause)
        label = agreement.labels().get(move.leg, {"zh": move.leg, "en": move.leg})
        return Explanation(
            self.row["order"],
            self.row["line"],
            agreement.id,
            self.terms.version,
            move.clause,
            clause.text.model_dump() if clause else {},
            move.leg,
            label,
            move.kind,
            amount,
            agreement.currency,
            tuple(self._facts(with_refund=move.kind in {"reversed", "returned"})),
            tuple(steps),
            self._earning_run() if move.kind in {"reversed", "returned"} else None,
        )

    def _earning_run(self) -> int | None:
        """Return the entry of the first run by whose point the line was earned."""
        book, terms = self.whole
        for run in all_runs(self.log, terms.id):
            if run.point.end > self.point.end:
                break
            rows = lines_with_states(book, terms, self.terms, run.point, None).select("now:earned").collect()
            if rows["now:earned"].any():
                return run.seq
        return None

    def _facts(self, *, with_refund: bool) -> list[FactUsed]:
        labels = self.terms.agreement.labels()
        sale = self.events[self.row["seq:sale"]]
        told = _content(sale)
        found = []
        for name in self.terms.fact_names:
            text = told.get(name) or self.terms.agreement.document.facts[name].default
            if text is not None:
                found.append(self._fact(name, labels.get(name, {}), text, sale[0]))
        if self.terms.feed is not None:
            # who is party to this agreement alone reads what it is brought, and not what the buyer paid
            return found
        for name, seq in (
            ("confirmed_at", self.row["seq:receipt"]),
            ("refunded_total", self.row["now:refund"]),
        ):
            if seq is not None and (name == "confirmed_at" or with_refund):
                found.append(self._fact(name, _EVENT_LABELS[name], _content(self.events[seq])[name], seq))
        return found

    def _fact(self, name: str, label: Mapping[str, str], value: str, seq: int) -> FactUsed:
        entry = self.log.entry(seq)
        return FactUsed(name, label, value, seq, entry.asserter, entry.source)


_EVENT_LABELS = {
    "confirmed_at": {"zh": "确认收货时间", "en": "receipt confirmed"},
    "refunded_total": {"zh": "累计退款", "en": "refunded so far"},
}


def _content(event: LineEvent) -> dict[str, str]:
    return msgspec.json.decode(event[6], type=dict[str, str])


def _arithmetic(terms: VersionTerms, row: Mapping[str, Any]) -> LineArithmetic | None:
    try:
        return LineArithmetic(terms, terms.plan.split(exact_values(terms, row)))
    except FactError:
        return None
