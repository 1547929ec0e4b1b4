"""A notice is said once, whoever finds it again; each party dismisses it for itself, with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.errors import EntryInvalid, ErasureRefused, NoticeUnknown
from ledger.log import Log
from ledger.notices.giving import dismiss_notice, give_notice, give_notices, record_filing
from ledger.notices.notice import NewNotice
from ledger.notices.reading import notice, notices
from tests.ledger_samples import AGREEMENT, START


def new(name: str = "n1", **changed: Any) -> NewNotice:
    given: dict[str, Any] = {
        "id": name,
        "code": "price-below-promise",
        "agreement": AGREEMENT,
        "clause": "9.1",
        "about": {"sku": "A", "channel": "brand_store"},
        "cites": (3, 7),
        "figures": {"price": "99.00", "promised": "119.00"},
        "readers": ("brand", "streamer"),
        "severity": "breach",
    }
    return NewNotice(**{**given, **changed})


@pytest.fixture
def log(engine: Engine) -> Log:
    return Log(engine)


def test_a_notice_is_given_once_whoever_finds_it_again_and_when(log: Log) -> None:
    first = give_notice(log, new(), at=START, by="monitors")
    assert give_notice(log, new(), at=START + timedelta(days=1), by="monitors") == first
    assert give_notice(log, new(figures={}), at=START, by="another") == first
    assert give_notices(log, [(new(), START), (new("n2"), START), (new("n2"), START)], by="monitors") == 1
    assert [(one.new, one.seq, one.by) for one in notices(log)] == [
        (new(), first, "monitors"),
        (new("n2"), first + 1, "monitors"),
    ]


def test_a_party_dismisses_for_itself_alone(log: Log) -> None:
    give_notice(log, new(), at=START, by="monitors")
    seq = dismiss_notice(log, "n1", by="brand", reason="a sample, not for sale", at=START)
    assert dismiss_notice(log, "n1", by="brand", reason="another reason", at=START) == seq
    found = notice(log, "n1")
    assert [(one.by, one.reason) for one in found.dismissed] == [("brand", "a sample, not for sale")]
    assert (found.open_for("brand"), found.open_for("streamer")) == (False, True)


def test_a_notice_becomes_one_case_and_is_open_to_nobody_then(log: Log) -> None:
    give_notice(log, new(), at=START, by="monitors")
    seq = record_filing(log, "n1", "D-1", by="streamer", at=START)
    assert record_filing(log, "n1", "D-2", by="brand", at=START) == seq
    found = notice(log, "n1")
    assert found.filed is not None
    assert (found.filed.dispute, found.open_for("brand")) == ("D-1", False)


def test_notices_are_asked_for_by_agreement_reader_and_as_the_log_stood(log: Log) -> None:
    give_notice(log, new(), at=START, by="monitors")
    mark = log.size()
    give_notice(log, new("n2", agreement=None, clause=None, readers=("mcn",)), at=START, by="monitors")
    dismiss_notice(log, "n1", by="brand", reason="seen", at=START)

    def ids(**narrow: Any) -> list[str]:
        return [one.new.id for one in notices(log, **narrow)]

    assert ids() == ["n1", "n2"]
    assert ids(agreement="autumn-beauty") == ids(agreement=AGREEMENT) == ids(readers=["brand"]) == ["n1"]
    assert ids(readers=["mcn", "nobody"]) == ["n2"]
    (then,) = notices(log, end=mark)
    assert not then.dismissed


def test_what_cannot_be_addressed_worded_or_found_is_refused(log: Log) -> None:
    for changed in (
        {"id": "a/b"},
        {"code": "Price Below"},
        {"severity": "grave"},
        {"cites": (7, 3)},
        {"figures": {"price": ""}},
    ):
        with pytest.raises(EntryInvalid):
            new(**changed)
    give_notice(log, new(), at=START, by="monitors")
    with pytest.raises(EntryInvalid, match="reason"):
        dismiss_notice(log, "n1", by="brand", reason="", at=START)
    with pytest.raises(NoticeUnknown):
        dismiss_notice(log, "n2", by="brand", reason="seen", at=START)
    with pytest.raises(NoticeUnknown):
        notice(log, "n2")
    with pytest.raises(ErasureRefused):
        log.erase(0, "notice", reason="asked", asserter="brand", source="ops", id="e")
