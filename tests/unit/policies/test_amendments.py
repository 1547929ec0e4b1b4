"""What the parties of an amendment are told before they sign it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.errors import Finding
from policies.fields import Words
from policies.versions.amendment import amendment_findings
from policies.versions.notice import notice_of_law
from policies.versions.timeline import in_force, start_of
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
    assert finding.code == "amendment.notice-of-law"
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
    assert "brand, platform must each sign" in finding.message
    assert "effective_from" in finding.message


def test_a_party_that_leaves_is_told_to_sign_as_well() -> None:
    another = SECOND.parties["brand"].model_copy(update={"id": "another-brand"})
    parties = {**SECOND.parties, "brand": another}
    replaced = replace(SECOND, document=SECOND.document.model_copy(update={"parties": parties}))
    finding = only(amendment_findings(FIRST, replaced))
    assert finding.code == "amendment.party-leaves"
    assert "'brand'" in finding.message


class NoticeClause(Clause):
    """A clause that says how long notice is, whatever file its kind comes from."""

    days: str
    major_days: str


def with_notice(days: str, major_days: str) -> Agreement:
    """The first version with a notice clause 14."""
    words = Words(zh="变更须提前公示。", en="A change is shown ahead.")
    clause = NoticeClause(id="14", kind="notice", text=words, days=days, major_days=major_days)
    document = FIRST.document.model_copy(update={"clauses": (clause,)})
    return replace(FIRST, document=document)


def test_a_fee_raised_on_three_days_notice_binds_from_the_sixteenth() -> None:
    raised = version(2, "2026-03-04", NOTICED % "many")
    versions = (with_notice("7", "15"), raised)
    for day, number in (("03-04", 1), ("03-15", 1), ("03-16", 2)):
        found = in_force(versions, datetime.fromisoformat(f"2026-{day}T12:00:00+08:00"))
        assert found is not None
        assert found.version == number, day
    finding = only(amendment_findings(*versions))
    assert finding.code == "amendment.starts-later"
    assert "takes effect on 2026-03-16 instead of 2026-03-04" in finding.message
    assert "clause 14" in finding.message
    assert "第 14 条" in (finding.message_zh or "")


def test_an_amendment_that_states_no_notice_where_one_is_asked_for_is_told_so() -> None:
    finding = only(amendment_findings(with_notice("7", "15"), SECOND))
    assert finding.code == "amendment.notice-not-stated"
    assert "7 days of notice, 15 where many are affected" in finding.message
    assert amendment_findings(with_notice("7", "15"), BACK)[0].code == "amendment.retroactive"
