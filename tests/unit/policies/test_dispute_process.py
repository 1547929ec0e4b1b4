"""Where a dispute stands: windows from service, rest, extensions, late steps, rulings and appeals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from policies.calendars import load_calendar
from policies.decisions.case import read_case
from policies.process.folding import folded
from policies.process.standing import Standing, standing
from policies.process.terms import Level, ProcessTerms, Side

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = {"answer": 5, "evidence": 7, "appeal": 10}
BOUND: dict[Level, int] = {"rules": 2, "panel": 15, "arbitrator": 30}
TERMS = ProcessTerms(ZONE, DAYS, ("rules", "panel", "arbitrator"))  # type: ignore[arg-type]
START = datetime(2026, 11, 16, 9, tzinfo=ZONE)
"""A Monday."""


@dataclass(frozen=True)
class Step:
    kind: str
    day: int = 0
    content: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""

    @property
    def name(self) -> str:
        told = [str(self.content[one]) for one in ("of", "level", "side") if one in self.content]
        return "/".join([self.kind, *told])

    @property
    def recorded_at(self) -> datetime:
        return START + timedelta(days=self.day)


FILED, SERVED = Step("filed"), Step("served", 0, {"means": "inbox"})


def by(side: str, kind: str, day: int = 0, **more: Any) -> Step:
    return Step(kind, day, {"side": side, **more})


def on(day: int, *steps: Step, terms: ProcessTerms = TERMS) -> Standing:
    return standing(terms, steps, START + timedelta(days=day))


def test_nothing_runs_before_service_and_everything_counts_from_it() -> None:
    assert (on(90, FILED).state, on(90, FILED).deadlines) == ("filed", ())
    served = on(0, FILED, Step("served", 3, {"means": "address"}))
    assert served.state == "served"
    assert served.open_deadline is not None
    assert served.open_deadline.last_day == date(2026, 11, 24)


@pytest.mark.parametrize(("day", "state"), [(0, "served"), (5, "served"), (6, "evidence"), (12, "evidence"),
                                            (13, "deciding"), (400, "deciding")])  # fmt: skip
def test_a_step_may_be_taken_until_the_end_of_its_last_day(day: int, state: str) -> None:
    assert on(day, FILED, SERVED).state == state


def test_the_window_for_evidence_counts_from_the_answer_where_one_came_in_time() -> None:
    answered = by("respondent", "answered", 2)
    found = on(3, FILED, SERVED, answered)
    assert found.state == "evidence"
    assert [one.last_day for one in found.deadlines] == [date(2026, 11, 21), date(2026, 11, 25)]
    assert on(10, FILED, SERVED, answered).state == "deciding"


def test_an_answer_that_is_late_is_refused_unless_the_document_hears_it() -> None:
    late = on(6, FILED, SERVED)
    assert not late.may("answer", "respondent")
    heard = on(6, FILED, SERVED, terms=replace(TERMS, late_answer="heard"))
    assert heard.may("answer", "respondent")
    assert not heard.may("answer", "claimant")
    taken = on(7, FILED, SERVED, by("respondent", "answered", 7), terms=replace(TERMS, late_answer="heard"))
    assert taken.deadlines[1].last_day == late.deadlines[1].last_day  # it moves no window


def test_both_sides_at_rest_end_the_time_for_evidence_and_one_alone_does_not() -> None:
    first, second = by("claimant", "rested", 1), by("respondent", "rested", 1)
    assert on(1, FILED, SERVED, first).state == "served"
    assert not on(1, FILED, SERVED, first).may("evidence", "claimant")
    assert on(1, FILED, SERVED, first, second).state == "deciding"
    assert on(1, FILED, first, second).state == "deciding"
    assert on(1, FILED, SERVED, second).state == "evidence"


def test_what_passed_and_is_not_on_record_is_named_until_it_is() -> None:
    assert [one.name for one in on(13, FILED, SERVED).unrecorded] == ["answer", "evidence"]
    passed = Step("deadline_passed", 13, {"of": "answer"})
    assert [one.name for one in on(13, FILED, SERVED, passed).unrecorded] == ["evidence"]


def test_an_extension_adds_its_days_to_the_window_it_names() -> None:
    more = Step("extended", 4, {"of": "answer", "days": 3})
    assert on(8, FILED, SERVED, more).state == "served"
    assert on(9, FILED, SERVED, more).state == "evidence"


def test_business_days_leave_out_weekends_and_an_unknown_year_ends_nothing() -> None:
    terms = replace(TERMS, calendar=load_calendar("CN"))
    assert on(0, FILED, SERVED, terms=terms).deadlines[0].last_day == date(2026, 11, 23)
    far = standing(terms, [FILED, Step("served", 400)], START + timedelta(days=4000))
    assert (far.state, far.deadlines[0].last_day) == ("served", None)


def test_with_no_days_given_the_rules_decide_and_what_they_rule_stands_at_once() -> None:
    none = replace(TERMS, days={"answer": 0, "evidence": 0, "appeal": 0})
    assert on(0, FILED, terms=none).state == "deciding"
    ruled = on(0, FILED, Step("ruled", 0, {"level": "rules"}), terms=none)
    assert (ruled.state, ruled.final) == ("ruled", True)


def test_a_ruling_stands_when_the_window_is_over_or_both_sides_waived_it() -> None:
    ruled = Step("ruled", 20, {"level": "rules"})
    before = on(30, FILED, SERVED, ruled)
    assert (before.state, before.level, before.final) == ("ruled", "panel", False)
    assert on(31, FILED, SERVED, ruled).final
    one = by("claimant", "appeal_waived", 20, level="rules")
    other = by("respondent", "appeal_waived", 20, level="rules")
    assert not on(20, FILED, SERVED, ruled, one).final
    assert not on(20, FILED, SERVED, ruled, one).may("appeal", "claimant")
    assert on(20, FILED, SERVED, ruled, one, other).final


def test_an_appeal_goes_up_the_ladder_and_the_last_of_it_is_final() -> None:
    steps = [FILED, SERVED, Step("ruled", 20, {"level": "rules"})]
    waived = by("claimant", "appeal_waived", 21, level="rules")
    steps += [waived, by("respondent", "appealed", 22, level="panel")]
    appealed = on(50, *steps)
    assert (appealed.state, appealed.level) == ("appealed", "panel")
    steps.append(Step("ruled", 60, {"level": "panel"}))
    again = on(61, *steps)
    assert (again.state, again.level, again.final) == ("ruled", "arbitrator", False)
    assert again.may("appeal", "claimant"), "what was waived was the appeal of the first ruling"
    steps += [by("claimant", "appealed", 62, level="arbitrator"), Step("ruled", 90, {"level": "arbitrator"})]
    last = on(90, *steps)
    assert (last.state, last.level, last.final) == ("ruled", None, True)
    assert not last.may("settle", "claimant")


def test_a_case_of_a_log_from_before_the_process_goes_on_from_where_it_stood() -> None:
    assert on(50, FILED, Step("proposed", 1)).level == "panel"
    assert on(50, FILED, Step("decided", 1)).ended


def test_who_reviews_a_proposal_is_the_next_of_the_ladder() -> None:
    proposed = Step("proposed", 13)
    assert on(13, FILED, SERVED, proposed).level == "panel"
    alone = replace(TERMS, ladder=("rules",))
    assert on(13, FILED, SERVED, proposed, terms=alone).level == "rules"
    people = replace(TERMS, ladder=("arbitrator",))
    assert on(13, FILED, SERVED, proposed, terms=people).level == "arbitrator"


@pytest.mark.parametrize(("kind", "state"), [("withdrawn", "withdrawn"), ("settlement_accepted", "settled"),
                                             ("decided", "decided")])  # fmt: skip
def test_nothing_may_be_done_once_it_has_ended(kind: str, state: str) -> None:
    found = on(1, FILED, SERVED, Step("ruled", 1, {"level": "rules"}), Step(kind, 1))
    assert (found.state, found.ended, found.open_deadline) == (state, True, None)
    for act in ("answer", "evidence", "rest", "appeal", "waive", "settle", "withdraw"):
        assert not found.may(act, "claimant")


# ---- the facts that the rules get

CASE = read_case(
    """{"clause": "9.1", "claim": {"claimant": "brand", "respondent": "mcn"}, "facts": {
        "told": {"value": "1", "status": "asserted"},
        "shown": {"value": "2", "status": "proven", "evidence": "file"},
        "bare": {"value": "3", "status": "proven"},
        "presumed": {"value": "4", "status": "presumed"}}}""",
    name="case",
)
SIDES: dict[str, Side] = {"brand": "claimant", "mcn": "respondent"}


def statuses(*steps: Step, late_heard: bool = False, silence_admits: bool = False) -> dict[str, str]:
    steps = (FILED, *steps)
    found = folded(CASE, steps, SIDES, late_heard=late_heard, silence_admits=silence_admits)
    return {name: one.status for name, one in found.file.facts.items()}


def answered(**facts: Mapping[str, Any]) -> Step:
    return by("respondent", "answered", facts=facts)


def exhibit(party: str, *facts: str, late: bool = False) -> Step:
    return Step("evidence_filed", 0, {"exhibit": 1, "supports": list(facts), "late": late}, party)


AS_FILED = {"told": "asserted", "shown": "proven", "bare": "proven", "presumed": "presumed"}


def test_a_case_that_nobody_answered_is_the_case_as_filed() -> None:
    assert folded(CASE, [FILED, SERVED], SIDES) is CASE


@pytest.mark.parametrize(
    ("steps", "changed"),
    [
        ([answered(told={"admitted": True})], {"told": "proven"}),
        ([answered(told={"admitted": False}, shown={"admitted": False}, bare={"admitted": False})],
         {"told": "disputed", "bare": "disputed"}),
        ([answered(presumed={"admitted": False})], {}),
        ([answered(presumed={"value": "5", "evidence": "letter"})], {"presumed": "disputed"}),
        ([answered(shown={"value": "2"})], {}),
        ([answered(shown={"value": "9"}), exhibit("mcn", "shown")], {"shown": "disputed"}),
        ([exhibit("brand", "told")], {"told": "proven"}),
        ([exhibit("brand", "told", late=True)], {}),
        ([exhibit("platform", "told")], {}),
        ([answered(told={"admitted": False}), exhibit("brand", "told")], {"told": "proven"}),
        ([answered(own={"value": "7"})], {"own": "asserted"}),
        ([answered(own={"value": "7"}), exhibit("mcn", "own")], {"own": "proven"}),
        ([Step("deadline_passed", 6, {"of": "answer", "effect": "facts_admitted"})],
         {"told": "proven", "presumed": "proven"}),
        ([Step("deadline_passed", 6, {"of": "answer", "effect": "late_refused"})], {}),
    ],
)  # fmt: skip
def test_who_says_something_shows_it(steps: list[Step], changed: dict[str, str]) -> None:
    assert statuses(*steps) == AS_FILED | changed


def test_late_evidence_counts_where_the_document_hears_it() -> None:
    assert statuses(exhibit("brand", "told", late=True), late_heard=True)["told"] == "proven"


def test_who_rests_without_an_answer_is_silent_where_silence_admits() -> None:
    rested = by("respondent", "rested", 1)
    admitted = {"told": "proven", "presumed": "proven"}
    assert statuses(rested, silence_admits=True) == AS_FILED | admitted
    assert statuses(by("claimant", "rested", 1), silence_admits=True) == AS_FILED
    assert statuses(rested) == AS_FILED
    denied = answered(told={"admitted": False})
    assert statuses(denied, rested, silence_admits=True) == statuses(denied)


def test_those_who_decide_have_days_from_the_step_that_makes_it_their_turn() -> None:
    terms = replace(TERMS, ruling_days=BOUND, enforcement_days=10)
    rest = (by("claimant", "rested", 1), by("respondent", "rested", 3))
    assert on(2, FILED, SERVED, rest[0], terms=terms).turn is None
    assert on(3, FILED, SERVED, *rest).turns == ()  # where the document says nothing nobody's days count
    last = {
        "both rest": on(3, FILED, SERVED, *rest, terms=terms),
        "nobody answers": on(13, FILED, SERVED, terms=terms),
        "no hearing": on(0, FILED, terms=replace(terms, days=dict.fromkeys(DAYS, 0))),  # type: ignore[arg-type]
        "an answer": on(
            4, FILED, SERVED, by("respondent", "answered", 1),
            terms=replace(terms, days=DAYS | {"evidence": 0}),  # type: ignore[arg-type]
        ),
        "a proposal": on(9, FILED, SERVED, *rest, Step("proposed", 4), terms=terms),
        "an appeal": on(
            9, FILED, SERVED, *rest, Step("ruled", 4, {"level": "panel"}),
            by("claimant", "appealed", 5, level="arbitrator"), terms=terms,
        ),
        "what stands": on(9, FILED, SERVED, *rest, Step("ruled", 4, {"level": "rules"}), Step("decided", 8),
                          terms=terms),
    }  # fmt: skip
    assert {why: (one.turn.name, one.turn.last_day) for why, one in last.items() if one.turn} == {
        "both rest": ("ruling/rules", date(2026, 11, 21)),
        "nobody answers": ("ruling/rules", date(2026, 11, 30)),
        "no hearing": ("ruling/rules", date(2026, 11, 18)),
        "an answer": ("ruling/rules", date(2026, 11, 19)),
        "a proposal": ("ruling/panel", date(2026, 12, 5)),
        "an appeal": ("ruling/arbitrator", date(2026, 12, 21)),
        "what stands": ("enforcement", date(2026, 12, 4)),
    }


@pytest.mark.parametrize(
    ("late", "levels"), [("reminded", ["panel"] * 3), ("next_level", ["panel", "arbitrator", "arbitrator"])]
)
def test_a_level_that_is_late_keeps_its_turn_or_loses_it_as_the_document_says(
    late: Any, levels: list[str]
) -> None:
    terms = replace(TERMS, ruling_days=BOUND, late_ruling=late)
    steps = (FILED, SERVED, by("claimant", "rested"), by("respondent", "rested"), Step("proposed"))
    found = [on(day, *steps, terms=terms) for day in (15, 16, 90)]
    assert [one.level for one in found] == levels
    assert {one.state for one in found} == {"proposed"}
    assert [[each.name for each in one.unrecorded] for one in found][:2] == [[], ["ruling/panel"]]
    assert found[2].lost_turn("panel") == (late == "next_level")
    assert not found[2].lost_turn("arbitrator")
    if late == "next_level":
        assert found[1].turn is not None
        assert found[1].turn.last_day == date(2026, 12, 31)  # from the last day of who lost the turn
    rules = on(3, *steps[:4], terms=terms)
    assert rules.lost_turn("rules") == (late == "next_level")
    assert not on(3, *steps[:4], terms=replace(terms, ladder=("rules",))).lost_turn("rules")
