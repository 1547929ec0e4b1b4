"""Which version is in force: by the order's time, by an event, back in time with consent, later by notice."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from policies.agreement import Agreement
from policies.errors import AgreementRejected
from policies.loading import load_agreement
from policies.versions.notice import NoticeDays, lawful_effective
from policies.versions.timeline import VersionsUnrelated, in_force, start_of, timeline

DOCUMENT = """\
language: 1
agreement: side-deal
version: {version}
{supersedes}title: {{zh: 协议, en: Deal}}
effective_from: {day}
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  platform: {{id: platform, role: platform, name: {{zh: 平台, en: Platform}}}}
  brand: {{id: brand, role: merchant, name: {{zh: 品牌, en: Brand}}}}
facts:
  paid: {{type: money, of: order, text: {{zh: 实付, en: paid}}}}
clauses:
  - {{id: "1", kind: other, text: {{zh: 无, en: none}}}}
{more}"""


def version(number: int, day: str, supersedes: str | None = None, more: str = "") -> Agreement:
    """One version of a deal, with its `supersedes` as YAML in braces."""
    line = f"supersedes: {supersedes}\n" if supersedes else ""
    text = DOCUMENT.format(version=number, supersedes=line, day=day, more=more)
    return load_agreement(text, name=f"v{number}.yaml")


CLAUSE = NoticeDays(7, 15, "clause 14", "第 14 条")
FIRST = version(1, "2026-01-01")
SECOND = version(2, "2026-03-04", "{version: 1, transition: by_order_time}")
BY_EVENT = version(2, "2026-03-04", "{version: 1, transition: by_event, event: side_letter_signed}")
REACH_BACK = "transition: retroactive, from: 2026-02-01, consents: each_party"
BACK = version(2, "2026-03-04", f"{{version: 1, {REACH_BACK}}}")


def at(text: str) -> datetime:
    """A time in Shanghai."""
    return datetime.fromisoformat(f"{text}+08:00")


def test_an_order_goes_by_the_version_in_force_at_its_own_time() -> None:
    versions = (SECOND, FIRST)
    assert in_force(versions, at("2026-03-03T23:59:59")) == FIRST
    assert in_force(versions, at("2026-03-04T00:00:00")) == SECOND
    assert in_force(versions, datetime(2026, 3, 3, 16, tzinfo=UTC)) == SECOND


def test_before_the_first_version_none_is_in_force() -> None:
    assert in_force((FIRST, SECOND), at("2025-12-31T23:59:59")) is None
    assert in_force((), at("2026-01-01T00:00:00")) is None


def test_a_version_by_event_waits_until_the_event_is_recorded() -> None:
    later = at("2026-12-31T00:00:00")
    assert in_force((FIRST, BY_EVENT), later) == FIRST
    events = {"side_letter_signed": date(2026, 4, 10)}
    assert in_force((FIRST, BY_EVENT), at("2026-04-09T12:00:00"), events) == FIRST
    assert in_force((FIRST, BY_EVENT), at("2026-04-10T00:00:00"), events) == BY_EVENT


def test_an_event_recorded_early_starts_nothing_before_the_day_the_document_states() -> None:
    start = start_of(BY_EVENT, FIRST, {"side_letter_signed": date(2026, 1, 5)})
    assert start is not None
    assert (start.day, start.because) == (date(2026, 3, 4), "document")


def test_a_retroactive_version_reaches_back_to_its_day_and_no_further() -> None:
    assert in_force((FIRST, BACK), at("2026-01-31T23:59:59")) == FIRST
    assert in_force((FIRST, BACK), at("2026-02-01T00:00:00")) == BACK
    start = start_of(BACK, FIRST)
    assert start is not None
    assert start.because == "consent"


def test_a_version_that_a_later_one_overtakes_is_never_in_force() -> None:
    third = version(3, "2026-02-15", "{version: 2, transition: by_order_time}")
    periods = timeline((FIRST, SECOND, third))
    assert [one.agreement.version for one in periods] == [1, 3]
    assert in_force((FIRST, SECOND, third), at("2026-06-01T00:00:00")) == third


@pytest.mark.parametrize(("affects", "day"), [("few", date(2026, 3, 8)), ("many", date(2026, 3, 16))])
def test_a_change_on_short_notice_binds_when_notice_has_run(affects: str, day: date) -> None:
    notice = f"{{noticed_on: 2026-03-01, affects: {affects}}}"
    change = version(2, "2026-03-04", f"{{version: 1, notice: {notice}}}")
    lawful = lawful_effective(change, CLAUSE)
    assert (lawful.day, lawful.delayed) == (day, True)
    assert str(day) in lawful.reason("en")
    assert str(day) in lawful.reason("zh")
    assert "clause 14" in lawful.reason("en")


def test_the_longest_notice_counts_and_long_notice_delays_nothing() -> None:
    change = version(2, "2026-04-01", "{version: 1, notice: {noticed_on: 2026-03-01, affects: many}}")
    lawful = lawful_effective(change, CLAUSE, NoticeDays(7, 30, "law", "法"))
    assert (lawful.day, lawful.delayed, lawful.source) == (date(2026, 4, 1), False, "law")
    assert lawful_effective(change).day == date(2026, 4, 1)


def test_versions_of_two_agreements_or_one_version_twice_are_refused() -> None:
    other = load_agreement(
        DOCUMENT.format(version=2, supersedes="", day="2026-02-01", more="").replace("side-deal", "other"),
        name="other.yaml",
    )
    with pytest.raises(VersionsUnrelated, match="other, side-deal"):
        timeline((FIRST, other))
    with pytest.raises(VersionsUnrelated, match="twice"):
        timeline((FIRST, FIRST))


@pytest.mark.parametrize(
    ("supersedes", "code", "said"),
    [
        ("{version: 3}", "supersedes.version", "follows version 1"),
        ("{version: 1, transition: by_event}", "document.value", "event: NAME"),
        ("{version: 1, event: signed}", "document.value", "event: NAME"),
        ("{version: 1, transition: retroactive, from: 2026-02-01}", "document.value", "each_party"),
        (
            "{version: 1, transition: retroactive, from: 2026-03-04, consents: each_party}",
            "supersedes.not-past",
            "by_order_time",
        ),
        (
            f"{{version: 1, {REACH_BACK}, notice: {{noticed_on: 2026-01-01, affects: few}}}}",
            "document.value",
            "rests on consent",
        ),
        ("{version: 1, notice: {noticed_on: 2026-03-01, affects: all}}", "document.value", "'many'"),
    ],
)
def test_a_transition_that_does_not_fit_is_refused_with_what_to_do(
    supersedes: str, code: str, said: str
) -> None:
    with pytest.raises(AgreementRejected) as refused:
        version(2, "2026-03-04", supersedes)
    (finding,) = refused.value.findings
    assert finding.code == code
    assert said in finding.message
    assert finding.message_zh
    assert finding.line == 4


OPENING = """\
opening:
  on: 2026-03-01
  from: {title: {zh: 纸质协议, en: Paper agreement}, sha256: %s}
  balances: {brand.deposit: %s, platform.receivable: %s}
  volumes: {monthly: 1_250_000.00}
"""
DIGEST = "ab" * 32


def test_opening_balances_that_sum_to_zero_are_read_with_the_document() -> None:
    agreement = version(1, "2026-03-01", None, OPENING % (DIGEST, "50_000.00", "-50_000.00"))
    opening = agreement.document.opening
    assert opening is not None
    assert opening.volumes == {"monthly": "1_250_000.00"}
    assert b'"opening"' in agreement.canonical
    assert b'"opening"' not in FIRST.canonical


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (OPENING % (DIGEST, "50.00", "-49.00"), "opening.unbalanced", "sum to 1.00"),
        (OPENING % (DIGEST, "50.005", "-50.00"), "opening.amount", "places"),
        (OPENING % ("12", "50.00", "-50.00"), "document.value", "SHA-256"),
        ((OPENING % (DIGEST, "5.00", "-5.00")).replace("brand.", "brnad."), "party.unknown", "brand"),
        (
            OPENING % (DIGEST, "5.00", "-4.00") + "  rest: brand.deposit\n",
            "opening.rest",
            "no balance of its own",
        ),
    ],
)
def test_an_opening_that_does_not_add_up_is_refused(more: str, code: str, said: str) -> None:
    with pytest.raises(AgreementRejected) as refused:
        version(1, "2026-03-01", None, more)
    found = {one.code: one for one in refused.value.findings}
    assert said in found[code].message
    assert found[code].message_zh


def test_an_account_may_take_the_rest_of_an_opening() -> None:
    more = OPENING % (DIGEST, "5.00", "-4.00") + "  rest: escrow\n"
    assert version(1, "2026-03-01", None, more).document.opening is not None


def test_a_day_of_notice_is_a_calendar_day() -> None:
    change = version(2, "2026-03-04", "{version: 1, notice: {noticed_on: 2026-02-25, affects: few}}")
    lawful = lawful_effective(change, CLAUSE)
    assert lawful.day == date(2026, 2, 25) + timedelta(days=7)


PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "versions.md").read_text(encoding="utf-8")


def blocks(mark: str) -> list[str]:
    """The blocks of the reference page that carry a mark."""
    return re.findall(rf"^```yaml {mark}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_what_the_reference_page_shows_loads() -> None:
    shown = blocks("supersedes")
    for text in shown:
        version(2, "2026-03-04", text.removeprefix("supersedes: ").rstrip())
    assert all(any(word in text for text in shown) for word in ("by_event", "retroactive", "notice"))
    (opening,) = blocks("opening")
    version(1, "2026-03-01", None, opening.replace("streamer.", "platform."))
