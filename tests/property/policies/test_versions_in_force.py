"""Random histories of versions: one or none at every instant, and no amendment changes the past unasked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from policies.agreement import Agreement
from policies.versions.timeline import in_force, start_of, starts_at, timeline
from tests.unit.policies.test_versions import version

FIRST_DAY = date(2026, 1, 1)
EVENTS = {"signed": FIRST_DAY + timedelta(days=40)}

days = st.integers(0, 120)
instants = st.integers(-48, 24 * 200).map(
    lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
)


@cache
def a_version(number: int, day: int, transition: str, back: int) -> Agreement:
    """A version from some day on; `back` is how far a retroactive one reaches back."""
    stated = FIRST_DAY + timedelta(days=day)
    words = {
        "by_order_time": f"{{version: {number - 1}}}",
        "by_event": f"{{version: {number - 1}, transition: by_event, event: signed}}",
        "waiting": f"{{version: {number - 1}, transition: by_event, event: never}}",
        "retroactive": (
            f"{{version: {number - 1}, transition: retroactive, consents: each_party,"
            f" from: {stated - timedelta(days=back + 1)}}}"
        ),
    }
    return version(number, stated.isoformat(), words[transition] if number > 1 else None)


@st.composite
def histories(draw: st.DrawFn) -> list[Agreement]:
    """Between one and four versions, each from any day and by any transition."""
    transitions = st.sampled_from(["by_order_time", "by_event", "waiting", "retroactive"])
    count = draw(st.integers(1, 4))
    return [
        a_version(number, draw(days), draw(transitions), draw(st.integers(0, 30)))
        for number in range(1, count + 1)
    ]


@given(histories(), instants)
def test_every_instant_has_one_version_or_none_whatever_order_they_are_given_in(
    versions: list[Agreement], at: datetime
) -> None:
    holding = [one.agreement for one in timeline(versions, EVENTS) if one.holds(at)]
    assert len(holding) <= 1
    assert in_force(reversed(versions), at, EVENTS) == (holding[0] if holding else None)


@given(histories(), instants)
def test_the_newest_version_that_has_started_is_in_force(versions: list[Agreement], at: datetime) -> None:
    starts = {one.version: start_of(one, None, EVENTS) for one in versions}
    begun = [
        one
        for one in versions
        if (start := starts[one.version]) is not None and starts_at(one, start.day) <= at
    ]
    assert in_force(versions, at, EVENTS) == (begun[-1] if begun else None)


@given(histories(), days, st.integers(0, 30), instants)
def test_an_amendment_changes_nothing_before_the_day_it_states_unless_it_is_retroactive(
    versions: list[Agreement], day: int, back: int, at: datetime
) -> None:
    number = len(versions) + 1
    before = in_force(versions, at, EVENTS)
    for transition in ("by_order_time", "by_event", "waiting"):
        amendment = a_version(number, day, transition, 0)
        if at < starts_at(amendment, amendment.document.effective_from):
            assert in_force([*versions, amendment], at, EVENTS) == before
    retroactive = a_version(number, day, "retroactive", back)
    follows = retroactive.document.supersedes
    assert follows is not None
    assert follows.from_ is not None
    if at < starts_at(retroactive, follows.from_):
        assert in_force([*versions, retroactive], at, EVENTS) == before


@given(histories())
def test_periods_follow_one_another_without_a_gap(versions: list[Agreement]) -> None:
    periods = timeline(versions, EVENTS)
    for earlier, later in pairwise(periods):
        assert earlier.end == later.start
        assert earlier.start < later.start
        assert earlier.agreement.version < later.agreement.version
    assert not periods or periods[-1].end is None
