"""Notices on the command line: listed, shown and dismissed, with words in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.notices.giving import give_notice
from tests.command_line import office_at, tally
from tests.integration.api.test_notices import NOTICE
from tests.ledger_samples import START


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with office_at(tmp_path) as office:
        give_notice(office.log, NOTICE, at=START, by="monitors")
    return tmp_path


def test_a_notice_is_listed_shown_and_dismissed(data: Path) -> None:
    assert "price-1  breach  open  A-17 was offered at 99.00" in tally(data, "notice", "list").out
    assert "承诺不低于" in tally(data, "notice", "show", "price-1", "--lang", "zh").out
    done = tally(data, "notice", "dismiss", "price-1", "--by", "brand", "--reason", "a sample", "--json")
    assert [one["by"] for one in done.json["dismissed"]] == ["brand"]
    assert "dismissed by brand" in tally(data, "notice", "show", "price-1").out
    assert tally(data, "notice", "list", "--for", "brand").out == "there are no notices\n"
    assert [one["notice"] for one in tally(data, "notice", "list", "--for", "streamer", "--json").json] == [
        "price-1"
    ]


def test_what_is_unknown_or_not_theirs_is_refused(data: Path) -> None:
    assert tally(data, "notice", "show", "n9").code == 2
    refused = tally(data, "notice", "dismiss", "price-1", "--by", "mcn", "--reason", "x")
    assert (refused.code, "brand, streamer" in refused.err) == (2, True)


def test_a_case_needs_the_agreement_that_the_notice_is_about(data: Path) -> None:
    refused = tally(data, "notice", "file", "price-1", "--by", "streamer")
    assert (refused.code, "head-streamer@1" in refused.err) == (2, True)
    assert tally(data, "notice", "file", "price-1", "--by", "mcn").code == 2
