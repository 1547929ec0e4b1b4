"""What the parties of an amendment are told before they sign it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policies.amendment import amendment_findings
from policies.errors import Finding
from policies.notice import notice_of_law
from policies.versions import start_of
from tests.unit.policies.test_versions import BACK, BY_EVENT, FIRST, SECOND, version

NOTICED = "{version: 1, notice: {noticed_on: 2026-03-01, affects: %s}}"


def only(found: list[Finding]) -> Finding:
    """The one finding there is, which says itself in both languages and stands at a line."""
    (finding,) = found
    assert finding.message_zh
    assert finding.line
    return finding


def test_an_amendment_from_its_own_day_by_signature_needs_no_word() -> None:
    assert amendment_findings(FIRST, SECOND) == []
    assert amendment_findings(FIRST, BY_EVENT) == []


@pytest.mark.parametrize(("affects", "day"), [("many", "2026-03-16"), ("few", "2026-03-08")])
def test_notice_that_is_shorter_than_the_law_asks_is_said_with_the_day_it_may_bind(
    affects: str, day: str
) -> None:
    change = version(2, "2026-03-04", NOTICED % affects)
    finding = only(amendment_findings(FIRST, change))
    assert finding.code == "notice.law"
    assert f"from {day} only" in finding.message
    assert day in (finding.message_zh or "")
    start = start_of(change, FIRST)
    assert start is not None
    assert start.day == date(2026, 3, 4), "only what was signed moves the start"


def test_notice_that_the_law_is_content_with_needs_no_word() -> None:
    assert amendment_findings(FIRST, version(2, "2026-03-16", NOTICED % "many")) == []
    assert notice_of_law(SECOND) is None


def test_a_retroactive_amendment_says_whom_it_concerns_and_what_it_changes() -> None:
    finding = only(amendment_findings(FIRST, BACK))
    assert finding.code == "amendment.retroactive"
    assert "from 2026-02-01 until 2026-03-04" in finding.message
    assert "platform, brand must each sign" in finding.message
    assert "effective_from" in finding.message


def test_a_party_that_leaves_is_told_to_sign_as_well() -> None:
    another = SECOND.parties["brand"].model_copy(update={"id": "another-brand"})
    parties = {**SECOND.parties, "brand": another}
    replaced = replace(SECOND, document=SECOND.document.model_copy(update={"parties": parties}))
    finding = only(amendment_findings(FIRST, replaced))
    assert finding.code == "amendment.party-leaves"
    assert "'brand'" in finding.message
