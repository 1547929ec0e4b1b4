"""Credit on both databases: points with their reasons, appealed, upheld, removed and restored by entries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.credit.errors import CreditRefused, CreditUnknown
from ledger.credit.following import RULES, follow
from ledger.credit.points import REMOVED, UPHELD, Points, all_points, standings
from ledger.credit.record import NewPoints, Said, appeal, give, points_of, remove, restore, uphold
from ledger.entries import Group, NewEntry
from ledger.errors import EntryConflict, ErasureRefused
from ledger.log import Log
from policies.credit.model import standard_model
from tests.ledger_samples import AGREEMENT, START, FixedClock, sale

MODEL = standard_model()
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def log(engine: Engine, clock: FixedClock) -> Log:
    log = Log(engine, clock=clock)
    log.append([sale("O1")])
    return log


def new(name: str = "P1", **changed: Any) -> NewPoints:
    fields: dict[str, Any] = {
        "party": "brand", "keeper": "platform", "rule": "violation_proven", "clause": "15.1",
        "agreement": AGREEMENT, "reason": "a claim about the goods was false", "severity": 2, "cites": (0,),
    }  # fmt: skip
    return NewPoints(id=name, **{**fields, **changed})


def given(log: Log, name: str = "P1", **changed: Any) -> Points:
    return give(log, MODEL, new(name, **changed), at=START, by="reviewer")


def score_at(log: Log, at: datetime, end: int | None = None) -> int | None:
    found = standings(MODEL, all_points(log).values(), at, end)
    return found[0].score.points if found else None


def said(reason: str = "read", by: str = "arbiter", at: datetime = START + DAY) -> Said:
    return Said(reason, by, at)


def test_points_stand_with_rule_clause_reason_and_what_shows_them_and_fade(log: Log) -> None:
    one = given(log)
    assert (one.points, one.rule, one.clause, one.cites) == (-40, "violation_proven", "15.1", (0,))
    assert (one.given.reason, one.given.by, one.model) == (
        "a claim about the goods was false", "reviewer", MODEL.digest,
    )  # fmt: skip
    assert [score_at(log, START + days * DAY) for days in (0, 90, 180, 360)] == [460, 470, 480, 490]
    assert score_at(log, START - DAY) is None, "before they were given"


def test_the_same_points_again_add_nothing_and_other_ones_under_the_id_are_a_conflict(log: Log) -> None:
    given(log)
    size = log.size()
    give(log, MODEL, new(), at=START + 9 * DAY, by="reviewer")
    assert log.size() == size
    with pytest.raises(EntryConflict):
        given(log, severity=3)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"rule": "bad_manners"}, "no rule 'bad_manners'"),
        ({"severity": 6}, "from 1 to 5, not 6"),
        ({"severity": 0}, "from 1 to 5, not 0"),
        ({"cites": (0, 99)}, "no entry 99 to cite"),
    ],
)
def test_points_that_cannot_be_are_refused_and_nothing_is_written(
    log: Log, changed: dict[str, Any], what: str
) -> None:
    with pytest.raises(CreditRefused, match=what):
        given(log, **changed)
    assert log.size() == 1


def test_an_appeal_that_is_right_removes_points_from_then_on_and_a_later_ruling_restores_them(
    log: Log,
) -> None:
    given(log)
    appeal(log, MODEL, "P1", said("we had the test report", by="brand"))
    assert (points_of(log, "P1").state, score_at(log, START + DAY)) == ("appealed", 460)
    removed = remove(log, "P1", said("the report is there", at=START + 2 * DAY))
    assert removed.state == "removed"
    assert score_at(log, START + DAY) == 460, "what counted before it was removed stays so"
    assert score_at(log, START + 2 * DAY) == 500
    before = log.size()
    restore(log, "P1", said("the report was forged", at=START + 3 * DAY))
    assert (points_of(log, "P1").state, score_at(log, START + 3 * DAY)) == ("standing", 460)
    assert score_at(log, START + 3 * DAY, end=before) == 500, "as it was known then"


def test_an_appeal_that_is_dismissed_leaves_them_counting_and_is_made_once(log: Log) -> None:
    given(log)
    appeal(log, MODEL, "P1", said("no", by="brand"))
    size = log.size()
    appeal(log, MODEL, "P1", said("no", by="brand"))
    assert log.size() == size, "the same again adds nothing"
    assert uphold(log, "P1", said("the record shows it")).state == "upheld"
    with pytest.raises(CreditRefused, match="it is upheld"):
        appeal(log, MODEL, "P1", said("again", by="brand"))
    with pytest.raises(CreditRefused, match="it is upheld"):
        uphold(log, "P1", said("x"))
    remove(log, "P1", said("mistake"))
    restore(log, "P1", said("no mistake"))
    with pytest.raises(CreditRefused, match="appealed before"):
        appeal(log, MODEL, "P1", said("again", by="brand"))


def test_who_gave_points_or_has_them_does_not_decide_the_appeal(log: Log) -> None:
    given(log)
    appeal(log, MODEL, "P1", said("no", by="brand"))
    for by in ("reviewer", "brand"):
        with pytest.raises(CreditRefused, match="does not decide"):
            uphold(log, "P1", said(by=by))
        with pytest.raises(CreditRefused, match="does not decide"):
            remove(log, "P1", said(by=by))


def test_an_appeal_too_late_is_refused(log: Log, clock: FixedClock) -> None:
    given(log)
    late = clock.now + (MODEL.appeal_days * DAY) + timedelta(seconds=1)
    with pytest.raises(CreditRefused, match="time to appeal was over"):
        appeal(log, MODEL, "P1", said("no", by="brand", at=late))


def test_two_who_decide_at_once_do_not_both(log: Log) -> None:
    given(log)
    appeal(log, MODEL, "P1", said("no", by="brand"))

    def decide(number: int) -> str:
        try:
            act = remove if number % 2 else uphold
            return act(log, "P1", said(f"word {number}", by=f"judge-{number}")).state
        except CreditRefused:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(decide, range(4)))
    assert points_of(log, "P1").state in {"removed", "upheld"}
    kinds = [step.kind for step in points_of(log, "P1").steps[2:]]
    assert kinds in ([REMOVED], [UPHELD], [UPHELD, REMOVED]), "upheld points may still be removed later"
    assert found.count("refused") == 4 - len(kinds)


def test_points_are_not_erased(log: Log) -> None:
    one = given(log)
    with pytest.raises(ErasureRefused):
        log.erase(one.given.seq, "credit", reason="asked", asserter="operator", source="ops", id="E1")


def test_unknown_points_are_unknown(log: Log) -> None:
    with pytest.raises(CreditUnknown):
        appeal(log, MODEL, "P9", said())


def told(entry_id: str, kind: str, group: str, **content: object) -> NewEntry:
    return NewEntry(
        source="tests", id=entry_id, kind=kind, occurred_at=START, asserter="platform", agreement=AGREEMENT,
        concerns=("brand",), groups=(Group(group, ("brand",), content),),
    )  # fmt: skip


def who(agreement: str, party: str) -> tuple[str, str] | None:
    return (party, "platform") if (agreement, party) == (AGREEMENT, "brand") else None


def test_entries_that_a_rule_names_give_points_once_with_their_seq_as_reason(log: Log) -> None:
    log.append(
        [
            told("I1", "incident.confirmed", "register", fields={"responsible": "brand", "severity": "3"}),
            told("I2", "incident.confirmed", "register", fields={"responsible": "nobody"}),
        ]
    )
    assert follow(log, MODEL, who) == 1
    assert follow(log, MODEL, who) == 0
    (one,) = all_points(log).values()
    assert (one.id, one.points, one.cites, one.given.by) == ("violation_proven-1", -60, (1,), RULES)


def test_a_dispute_gives_points_to_its_respondent_where_it_was_lost(log: Log) -> None:
    for place, (outcome, respondent) in enumerate(
        (("granted", "brand"), ("rejected", "brand"), ("granted_in_part", "platform"))
    ):
        log.append(
            [
                told(f"F{place}", "dispute.filed", "case", dispute=f"D{place}", respondent=respondent),
                told(
                    f"D{place}",
                    "dispute.decided",
                    "decision",
                    dispute=f"D{place}",
                    outcome=outcome,
                    clause="9.1",
                ),
            ]
        )
    assert follow(log, MODEL, who) == 1
    (one,) = all_points(log).values()
    assert (one.rule, one.party, one.clause, one.cites) == ("dispute_lost", "brand", "9.1", (1, 2))
