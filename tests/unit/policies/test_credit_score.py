"""Points fade exactly, and a score is held to its range: what policies.credit says, without a log."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policies.credit.model import CreditModel, standard_model
from policies.credit.score import score, worth

MODEL = standard_model()
DAYS = st.integers(0, 5_000)


def test_points_are_worth_half_after_every_half_life_and_a_straight_line_between() -> None:
    assert [worth(-20, days, 180) for days in (0, 90, 180, 270, 360, 540)] == [
        -20, -15, -10, Fraction(-15, 2), -5, Fraction(-5, 2),
    ]  # fmt: skip


@given(st.integers(-1_000, 1_000), DAYS, DAYS, st.integers(1, 400))
def test_points_only_ever_fade_and_never_change_sides(points: int, day: int, more: int, half: int) -> None:
    sooner, later = worth(points, day, half), worth(points, day + more, half)
    assert abs(later) <= abs(sooner) <= abs(points)
    assert later * points >= 0


@given(st.lists(st.tuples(st.integers(-1_000, 1_000), DAYS)))
def test_a_score_lies_in_its_range_whatever_was_given_and_in_any_order(given_: list[tuple[int, int]]) -> None:
    found = score(MODEL, given_)
    assert MODEL.lowest <= found.points <= MODEL.highest
    assert found == score(MODEL, list(reversed(given_)))
    assert found.band.least <= found.points


def test_a_score_begins_in_the_middle_and_is_named_by_its_band() -> None:
    assert (score(MODEL, []).points, score(MODEL, []).band.id) == (500, "normal")
    assert score(MODEL, [(-100, 0), (-100, 0), (-1, 0)]).band.id == "restricted"
    assert score(MODEL, [(-5, 90)]).points == 496, "496.25 rounds to 496"
    assert score(MODEL, [(-1, 180)]).points == 500, "499.5 rounds up"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"start": "2000"}, "the start lies between"),
        (
            {"bands": [{"id": "low", "from": "10", "text": {"zh": "低", "en": "low"}}]},
            "first begins at the lowest",
        ),
        ({"half_days": "0"}, "greater than or equal to 1"),
        ({"rules": []}, "at least 1"),
    ],
)
def test_a_model_that_does_not_hold_together_is_refused(changed: dict[str, object], said: str) -> None:
    plain = MODEL.model_dump(mode="json", by_alias=True, exclude_none=True)
    with pytest.raises(ValidationError, match=said):
        CreditModel.model_validate({**plain, **changed})


def test_an_unknown_rule_is_answered_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="did you mean 'dispute_lost'"):
        MODEL.rule("dispute_lots")
