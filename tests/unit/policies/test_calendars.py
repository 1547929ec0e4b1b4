"""The business calendar: as announced, as others keep it, and an error where nothing was announced."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import chinese_calendar  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import calendars
from policies.calendars import known_calendars, load_calendar
from policies.errors import FormulaError
from policies.formulas.days import SPAN_LIMIT, add_days, add_months, months

CN = load_calendar("CN")
DAYS = [date(2025, 1, 1) + timedelta(one) for one in range(730)]


def test_every_day_of_the_known_years_is_as_a_second_calendar_has_it() -> None:
    assert [day for day in DAYS if CN.is_business_day(day) != chinese_calendar.is_workday(day)] == []


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 600))
def test_whole_months_are_those_that_adding_months_takes(start: date, count: int) -> None:
    end = add_months(start, Fraction(count))
    assert months(start, end) >= count
    assert months(start, end + timedelta(31)) > count
    assert months(end, start) == -months(start, end)
    assert add_months(start, Fraction(months(start, end + timedelta(5)))) <= end + timedelta(5)


def test_a_calendar_is_known_by_the_digest_of_its_file() -> None:
    data = (Path(calendars.__file__).parent / "CN.yaml").read_bytes()
    assert hashlib.sha256(data).hexdigest() == CN.sha256
    assert known_calendars() == ("CN",)


@given(st.sampled_from(DAYS[60:-60]), st.integers(-30, 30))
def test_counting_business_days_undoes_adding_them(day: date, count: int) -> None:
    there = CN.add(day, Fraction(count))
    if count > 0:
        assert CN.between(day, there) == count
    assert count == 0 or CN.is_business_day(there)


@pytest.mark.parametrize(("start", "count"), [(date(2026, 12, 31), 1), (date(2025, 1, 1), -1)])
def test_a_year_that_was_not_announced_is_an_error_that_says_so(start: date, count: int) -> None:
    with pytest.raises(FormulaError, match=r"CN does not know 20(24|27).*it knows 2025, 2026"):
        CN.add(start, Fraction(count))


def test_part_of_a_day_and_spans_without_end_are_refused() -> None:
    with pytest.raises(FormulaError, match="counted whole; this is 1/2"):
        CN.add(DAYS[0], Fraction(1, 2))
    with pytest.raises(FormulaError, match="at most 3660"):
        CN.add(DAYS[0], Fraction(10**9))
    with pytest.raises(FormulaError, match="too long"):
        CN.between(date(1000, 1, 1), date(2026, 1, 1))


def test_a_calendar_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(FormulaError, match="'XX' is not a calendar"):
        load_calendar("XX")


def test_as_many_business_days_as_the_limit_are_counted_and_one_more_is_refused() -> None:
    for refused, words in ((0, "does not know"), (1, f"at most {SPAN_LIMIT} business days are counted")):
        for sign in (1, -1):
            with pytest.raises(FormulaError, match=words):
                CN.add(DAYS[300], Fraction(sign * (SPAN_LIMIT + refused)))
        with pytest.raises(FormulaError, match="too long" if refused else "does not know"):
            CN.between(DAYS[0], DAYS[0] + timedelta(2 * SPAN_LIMIT + refused))


def test_business_days_from_a_later_day_back_are_negative_and_leave_the_first_day_out() -> None:
    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    assert (CN.between(friday, monday), CN.between(monday, friday), CN.between(friday, friday)) == (1, -1, 0)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-10-31", 1, "2026-11-30"),
        ("2026-10-31", 2, "2026-12-31"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-05-31", 24, "2028-05-31"),
        ("0001-02-15", -1, "0001-01-15"),
        ("9998-11-15", 1, "9998-12-15"),
    ],
)
def test_months_are_added_to_the_same_day_or_the_last_of_a_shorter_month(
    day: str, months: int, then: str
) -> None:
    assert add_months(date.fromisoformat(day), Fraction(months)) == date.fromisoformat(then)


@pytest.mark.parametrize(("day", "count"), [(date(1, 1, 15), -1), (date(9998, 12, 15), 1)])
def test_months_and_days_beyond_the_calendar_are_refused(day: date, count: int) -> None:
    with pytest.raises(FormulaError, match=f"^{count} months from {day} is outside the calendar"):
        add_months(day, Fraction(count))
    with pytest.raises(FormulaError, match=f"days from {day} is outside the calendar"):
        add_days(day, Fraction(count * 10**7))


def test_part_of_a_month_or_day_is_refused_by_its_name() -> None:
    with pytest.raises(FormulaError, match=r"^months are counted whole; this is 1/2"):
        add_months(DAYS[0], Fraction(1, 2))
    with pytest.raises(FormulaError, match=r"^days are counted whole; this is 3/2"):
        add_days(DAYS[0], Fraction(3, 2))
    with pytest.raises(FormulaError, match=r"^business days are counted whole"):
        CN.add(DAYS[0], Fraction(1, 2))
