"""A legal hold keeps what it covers from being erased, until it is lifted; both stand in the log."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.errors import EntryConflict, EntryInvalid, EntryUnknown, ErasureRefused
from ledger.legal_holds import LegalHold, legal_hold, legal_holds, lift_hold, place_hold
from ledger.log import Log
from tests.ledger_samples import PARTIES, START, sale


@pytest.fixture
def log(engine: Engine) -> Log:
    log = Log(engine)
    log.append([sale("O1"), sale("O2")])
    return log


def place(log: Log, name: str = "case-17", **changed: Any) -> LegalHold:
    given: dict[str, Any] = {
        "agreement": "autumn-beauty",
        "order": None,
        "reason": "court of first instance, file 17",
        "asserter": "platform",
        "readers": PARTIES,
        "now": START,
    }
    return place_hold(log, name, **{**given, **changed})


def lift(log: Log, name: str = "case-17") -> LegalHold:
    return lift_hold(log, name, reason="the case is closed", asserter="platform", now=START)


def erase(log: Log, seq: int) -> int:
    return log.erase(seq, "buyer", reason="asked", asserter="platform", source="ops", id=f"E{seq}")


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        ({"agreement": None}, {0, 1}),
        ({"agreement": "autumn-beauty"}, {0, 1}),
        ({"agreement": "autumn-beauty", "order": "O1"}, {0}),
        ({"agreement": "autumn"}, set()),
        ({"agreement": "autumn", "order": "O1"}, set()),
    ],
)
def test_a_hold_keeps_what_it_covers_and_nothing_else(
    log: Log, scope: dict[str, Any], held: set[int]
) -> None:
    place(log, **scope)
    for seq in (0, 1):
        if seq in held:
            with pytest.raises(ErasureRefused, match="legal hold 'case-17' stands"):
                erase(log, seq)
        else:
            erase(log, seq)
    lift(log)
    for seq in held:
        erase(log, seq)


def test_of_two_holds_the_second_still_keeps_when_the_first_is_lifted(log: Log) -> None:
    place(log)
    place(log, "tax-3", agreement=None)
    lift(log)
    with pytest.raises(ErasureRefused, match="tax-3"):
        erase(log, 0)
    assert [(one.name, one.stands) for one in legal_holds(log)] == [("case-17", False), ("tax-3", True)]


def test_the_same_hold_again_changes_nothing_and_another_under_its_name_is_refused(log: Log) -> None:
    first = place(log)
    assert place(log, now=START.replace(year=2027)) == first
    with pytest.raises(EntryConflict, match=r"groups\.legal_hold\.content\.order"):
        place(log, order="O1")
    size = log.size()
    assert lift(log) == lift(log)
    assert log.size() == size + 1


def test_its_parties_and_auditors_may_read_a_hold_and_nobody_may_erase_it(log: Log) -> None:
    hold = place(log)
    assert {group.name for group in log.groups(hold.placed_seq, "brand")} == {"legal_hold"}
    assert not log.groups(hold.placed_seq, "stranger")
    with pytest.raises(ErasureRefused, match="what later entries rest on"):
        log.erase(hold.placed_seq, "legal_hold", reason="x", asserter="platform", source="ops", id="E")


def test_a_hold_that_is_not_there_or_has_no_usable_name_is_refused(log: Log) -> None:
    place(log)
    with pytest.raises(EntryUnknown, match="there are case-17"):
        lift(log, "case-71")
    with pytest.raises(EntryInvalid, match="legal hold, name"):
        place(log, "a\nb")
    assert legal_hold(log, "case-17").stands
