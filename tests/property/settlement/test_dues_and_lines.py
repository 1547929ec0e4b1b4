"""Lines and what falls due beside them: random orders and recorded facts, settled by the month or at once.

Each example has a log of its own; runs are computed over it and not written, since a due counts no run's own
postings.
"""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.database import open_engine
from ledger.entries import NewEntry
from ledger.log import Log
from ledger.settlement.books import run_postings
from ledger.settlement.moved import Engine
from ledger.settlement.run import RunResult
from ledger.settlement.state import Point
from ledger.settlement.terms import read_terms
from ledger.settlement.whole_run import compute_whole_run
from policies.agreement import Agreement
from tests.due_world import said, season_dues
from tests.settlement_world import after_sale, instant, plain, receipt, refund, sale

FEWER = settings(max_examples=max(settings().max_examples // 20, 1))
"""Each example writes logs and settles several months; the soak profile still asks for many."""


@pytest.fixture(scope="module")
def template(_sqlite_template: Path) -> Path:
    """An empty database, copied for each example."""
    return _sqlite_template


CUTOFFS = ["2026-03-20", "2026-04-01", "2026-04-20", "2026-05-20", "2026-07-20"]
Told = tuple[int, NewEntry]
"""On which day after the end of February something is told, and what."""


def _day(number: int) -> str:
    month, day = divmod(number - 1, 30)
    return f"2026-{3 + month:02}-{day + 1:02}T12:00:00"


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


@st.composite
def lines(draw: st.DrawFn, agreement: Agreement, cents: int = 1, prefix: str = "A") -> list[Told]:
    """Some order lines, most received and refunded in parts, some with after-sale cases, told late or not."""
    found: list[Told] = []
    for number in range(draw(st.integers(3, 8))):
        order, paid = f"{prefix}{number}", draw(st.integers(1, 300_000)) * cents
        sold, late = draw(st.integers(1, 20)), draw(st.sampled_from([0, 0, 9, 25]))
        received = draw(st.sampled_from([None, sold, sold + 3, sold + 10, sold + 40]))
        found.append((sold, sale(agreement, order, at=_day(sold), paid=_text(paid))))
        if received is not None:
            found.append((received + late, receipt(agreement, order, _day(received))))
        day = received or sold
        for total in sorted({draw(st.integers(1, paid // cents)) * cents for _ in range(number % 3)}):
            day += draw(st.integers(0, 28))
            found.append((day + late, refund(agreement, order, _text(total), _day(day))))
        if draw(st.booleans()):
            opened = (received or sold) + draw(st.sampled_from([2, 10, 14, 16]))
            closed = opened + draw(st.sampled_from([1, 8, 30]))
            late = draw(st.sampled_from([0, 12, 30]))
            found.append((opened + late, after_sale(agreement, order, "opened", _day(opened))))
            found.append((closed + late, after_sale(agreement, order, "closed", _day(closed))))
    return found


@st.composite
def facts(draw: st.DrawFn, agreement: Agreement) -> list[Told]:
    """What is recorded of scores, costs, a fine and a late payment: each on time, late, or not at all."""
    found: list[Told] = []
    for about, day in (("2026-03", 32), ("2026-04", 62)):
        if draw(st.booleans()):
            late = day + draw(st.integers(0, 60))
            score = str(draw(st.integers(0, 100)))
            found.append((late, said(agreement, "platform", _day(day), about, source="platform-records",
                                     period_score=score)))  # fmt: skip
    if draw(st.booleans()):
        spent = _text(draw(st.integers(0, 40_000_000)))
        found.append((draw(st.integers(31, 80)), said(agreement, "brand", _day(31), "2026-Q1",
                                                      advertising_spend=spent)))  # fmt: skip
    if draw(st.booleans()):
        told = draw(st.integers(10, 60))
        found.append((told, said(agreement, "platform", _day(10), "V-1", "15.1", violation="absolute_terms",
                                 reasons_given="true", notified_on=_day(10)[:10])))  # fmt: skip
    if draw(st.booleans()):
        due = draw(st.integers(5, 60))
        owed = _text(draw(st.integers(1, 50_000_000)))
        found.append((due, said(agreement, "brand", _day(due), "I-1", "7.6", amount_due=owed,
                                due_on=_day(due)[:10])))  # fmt: skip
        if draw(st.booleans()):
            paid = due + draw(st.integers(0, 60))
            found.append((paid, said(agreement, "brand", _day(paid), "I-1", "7.6", paid_on=_day(paid)[:10])))
    return found


@contextmanager
def _log(template: Path, told: Sequence[NewEntry]) -> Iterator[tuple[Log, Path]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        shutil.copy(template, path)
        engine = open_engine(f"sqlite:///{path}")
        log = Log(engine)
        log.append(told)
        yield log, Path(folder)
        engine.dispose()


def _runs(
    template: Path,
    agreement: Agreement,
    told: Sequence[Told],
    cutoffs: Sequence[str],
    engine: Engine = "columns",
) -> list[RunResult]:
    """Compute runs at some cut-offs, each over what was told by its day, the last over everything."""
    ordered = sorted(told, key=lambda one: one[0])
    with _log(template, [entry for _, entry in ordered]) as (log, folder):
        terms = read_terms([agreement])
        found: list[RunResult] = []
        points: list[Point] = []
        for cutoff in cutoffs:
            at = instant(cutoff)
            known = sum(1 for day, _ in ordered if instant(_day(day)) <= at)
            point = Point(at, log.size() if cutoff == cutoffs[-1] else known)
            result = compute_whole_run(log, terms, point, points, engine, folder=folder)
            assert sum(posting.amount_minor for posting in run_postings(result)) == 0
            _assert_lines_sum(result)
            found.append(result)
            points.insert(0, point)
        return found


def _assert_lines_sum(result: RunResult) -> None:
    for part in result.parts:
        for row in part.frame.iter_rows(named=True):
            legs = sum(row[move.column] for move in part.moves if move.kind in {"earned", "reversed"})
            assert legs + sum(row[name] for name in row if name.startswith(("funded:", "returned:"))) == 0


def _totals(runs: Sequence[RunResult]) -> dict[tuple[str, str, str, str], int]:
    sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for run in runs:
        for posting in run_postings(run):
            sums[posting.owner, posting.purpose, posting.clause, posting.kind] += posting.amount_minor
    return {key: amount for key, amount in sums.items() if amount}


def _by_account(runs: Sequence[RunResult]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for (owner, purpose, _, _), amount in _totals(runs).items():
        sums[owner, purpose] += amount
    return {key: amount for key, amount in sums.items() if amount}


@FEWER
@given(st.data())
def test_months_one_by_one_come_to_what_all_at_once_come_to(template: Path, data: st.DataObject) -> None:
    agreement = season_dues()
    told = [*data.draw(lines(agreement)), *data.draw(facts(agreement))]
    one_by_one = _runs(template, agreement, told, CUTOFFS)
    at_once = _runs(template, agreement, told, CUTOFFS[-1:], "exact")
    assert _totals(one_by_one) == _totals(at_once)


@FEWER
@given(st.data(), st.randoms(use_true_random=False))
def test_neither_the_order_of_what_is_told_nor_another_agreement_changes_anything(
    template: Path, data: st.DataObject, shuffler: random.Random
) -> None:
    agreement, other = season_dues(), plain()
    told = [*data.draw(lines(agreement)), *data.draw(facts(agreement))]
    mixed = [*told, *data.draw(lines(other, prefix="B")), *data.draw(facts(other))]
    shuffler.shuffle(mixed)
    alone = _runs(template, agreement, told, CUTOFFS[-1:])
    together = _runs(template, agreement, [(1, entry) for _, entry in mixed], CUTOFFS[-1:])
    assert _totals(alone) == _totals(together)
    assert [one.held_dues for one in alone] == [one.held_dues for one in together]


def waits() -> Agreement:
    """Return the plain split whose lines wait while an after-sale case is open."""
    return plain(was1="    days: 15\n", now1="    days: 15\n    open_after_sale: waits\n")


@FEWER
@given(st.data())
def test_lines_that_wait_for_after_sale_cases_come_to_the_same_by_any_months(
    template: Path, data: st.DataObject
) -> None:
    agreement = waits()
    told = data.draw(lines(agreement))
    monthly = [_runs(template, agreement, told, CUTOFFS, engine) for engine in ("columns", "exact")]
    assert _totals(monthly[0]) == _totals(monthly[1])
    assert _totals(monthly[0]) == _totals(_runs(template, agreement, told, CUTOFFS[-1:]))


PER_STATEMENT = plain(was1="half_up, at: line", now1="half_up, at: statement")


@pytest.mark.parametrize(
    ("agreement", "cents"), [(plain(), 1_000), (PER_STATEMENT, 1)], ids=["unrounded", "per-statement"]
)
@FEWER
@given(st.data())
def test_splitting_an_order_into_two_lines_changes_nothing_that_the_document_does_not_round(
    template: Path, agreement: Agreement, cents: int, data: st.DataObject
) -> None:
    told = data.draw(lines(agreement, cents))
    split = [one for entry in told for one in _halved(agreement, entry, cents)]
    whole, parts = (_runs(template, agreement, one, CUTOFFS) for one in (told, split))
    assert _by_account(whole) == _by_account(parts)


def _halved(agreement: Agreement, told: Told, cents: int) -> Iterator[Told]:
    """Yield the same of two lines that share what was paid, and what was refunded, by halves."""
    day, entry = told
    content = entry.groups[0].content
    order = content["order"]
    if entry.kind == "receipt.confirmed":
        for line in "12":
            yield day, receipt(agreement, order, _day(day), line=line)
    elif entry.kind.startswith("after_sale."):
        for line in "12":
            yield day, after_sale(agreement, order, entry.kind.partition(".")[2], _day(day), line=line)
    else:
        name = "paid" if entry.kind == "sale.recorded" else "refunded_total"
        total = int(content[name].replace(".", ""))
        first = total // cents // 2 * cents
        for line, part in (("1", first), ("2", total - first)):
            if entry.kind == "sale.recorded":
                yield day, sale(agreement, order, line=line, at=_day(day), paid=_text(part))
            elif part:
                yield day, refund(agreement, order, _text(part), _day(day), line=line)
