"""Known breaks injected into two sides that agree: each is found with its class, and all is explained."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.reconciliation.breaks import BreakClass, Expected, Known, Reach
from ledger.reconciliation.matching import reconcile
from ledger.reconciliation.result import Result
from ledger.reconciliation.rows import Ids, Row, Which, frame_of
from ledger.reconciliation.rules import Rules

DAY = date(2026, 3, 1)
THROUGH = date(2026, 3, 31)
REACH = Reach(THROUGH, THROUGH)
RULES = Rules(0, 3)

Injection = st.sampled_from([
    "timing_own", "timing_file", "rate_version", "refund", "rounding", "missing_own", "missing_file",
    "duplicate", "unknown",
])  # fmt: skip
CLASS_OF: dict[str, BreakClass] = {
    "timing_own": "timing", "timing_file": "timing", "rate_version": "rate_version", "refund": "refund",
    "rounding": "rounding", "missing_own": "missing", "missing_file": "missing", "duplicate": "duplicate",
    "unknown": "unknown",
}  # fmt: skip


def row(side: Which, number: int, amount: int, day: date, kind: str = "earned", row_id: str = "") -> Row:
    order = f"O{number:04}"
    return Row(side, row_id, order, order, "1", "share", kind, amount, day, "s", "")


class Case:
    """Two sides that agree but for what was injected, and what the log knows of the references."""

    def __init__(self, lines: list[tuple[int, int]], injected: dict[int, str]) -> None:
        self.a: list[Row] = []
        self.b: list[Row] = []
        self.known: dict[str, Known] = {}
        self.expected: Counter[BreakClass] = Counter()
        for number, (amount, late) in enumerate(lines):
            self._line(number, amount, DAY + timedelta(days=late), injected.get(number))
        ids = Ids()
        self.a = [replace(one, id=f"s#{place}") for place, one in enumerate(self.a)]
        self.b = [replace(one, id=ids.next(one.ref, one.kind, str(one.amount_minor), one.day.isoformat()))
                  for one in self.b]  # fmt: skip

    def _line(self, number: int, amount: int, day: date, what: str | None) -> None:
        own, told = row("a", number, amount, day), row("b", number, amount, day)
        if what is not None:
            self.expected[CLASS_OF[what]] += 1
        if what == "timing_own":
            own = replace(own, day=THROUGH)
        if what == "timing_file":
            self.known[told.ref] = Known(True, 1, (Expected(1, amount, amount),))
        if what == "rate_version":
            told = replace(told, amount_minor=amount + 1_000)
            expected = (Expected(1, amount, amount), Expected(2, amount + 1_000, amount + 1_000))
            self.known[told.ref] = Known(True, 1, expected)
        if what == "refund":
            self.a.append(row("a", number, -amount // 2, day, "reversed"))
        if what == "rounding":
            told = replace(told, amount_minor=amount + 1)
        if what == "unknown":
            told = replace(told, amount_minor=amount + 777)
        self.a += [own] if what not in {"missing_own", "timing_file"} else []
        self.b += [told] if what not in {"missing_file", "timing_own"} else []
        self.b += [told] if what == "duplicate" else []

    def run(self, shuffled: int | None = None) -> Result:
        a, b = list(self.a), list(self.b)
        if shuffled is not None:
            random.Random(shuffled).shuffle(a)
            random.Random(shuffled + 1).shuffle(b)
        return reconcile(frame_of(a), frame_of(b), RULES, REACH, lambda _: self.known)


cases = st.builds(
    Case,
    st.lists(st.tuples(st.integers(50, 10**9), st.integers(0, 20)), min_size=1, max_size=60),
    st.dictionaries(st.integers(0, 59), Injection, max_size=12),
)


@given(cases)
def test_each_known_break_is_found_with_its_class_and_the_total_explained_to_zero(case: Case) -> None:
    injected = case.expected
    result = case.run()
    found = Counter(one.kind for one in result.breaks)
    assert found == injected
    total = sum(one.amount_minor for one in case.a) - sum(one.amount_minor for one in case.b)
    assert result.a_minor - result.b_minor == total
    assert sum(one.difference_minor for one in result.by_class()) == total


@given(cases, st.integers(0, 1_000))
def test_the_order_of_rows_changes_nothing(case: Case, seed: int) -> None:
    plain, shuffled = case.run(), case.run(seed)
    assert plain.digest() == shuffled.digest()
    assert plain.breaks == shuffled.breaks


amounts = st.lists(st.integers(1, 10**7), min_size=2, max_size=10)


@given(amounts, st.lists(st.integers(-500, 500), max_size=8), st.integers(0, 500), st.integers(0, 9))
def test_any_two_sides_are_explained_to_zero_in_any_order(
    own: list[int], told: list[int], tolerance: int, seed: int
) -> None:
    source = random.Random(seed)

    def side(which: Which, numbers: list[int]) -> list[Row]:
        made = [row(which, source.randrange(5), amount, DAY + timedelta(days=source.randrange(4)))
                for amount in numbers if amount]  # fmt: skip
        return [
            replace(one, id=f"{which}{place}", ref="" if source.randrange(3) == 0 else one.ref)
            for place, one in enumerate(made)
        ]

    a, b = side("a", own), side("b", [*told, *own[: len(own) // 2], sum(own)])
    rules = Rules(tolerance, source.randrange(4))
    plain = reconcile(frame_of(a), frame_of(b), rules, REACH)
    turned = reconcile(frame_of(a[::-1]), frame_of(b[::-1]), rules, REACH)
    assert plain.digest() == turned.digest()
    assert plain.suggestions == turned.suggestions
    assert sum(one.difference_minor for one in plain.breaks) == sum(one.amount_minor for one in a) - sum(
        one.amount_minor for one in b
    )
