"""Monitors find what breaks a signed clause or the law, cite it, and find nothing where all is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.database import open_engine, reading
from ledger.entries import Group, NewEntry
from ledger.log import Log
from ledger.monitors import running
from ledger.monitors.memory import Memory, read_memory
from ledger.monitors.plan import Plan, plan_of
from ledger.monitors.running import run_monitors, still_there
from ledger.notices.notice import NewNotice
from ledger.notices.reading import notices
from policies.loading import load_agreement
from tests.ledger_samples import FixedClock

EXAMPLE = Path(__file__).parents[3] / "examples" / "simulated_month" / "agreement.yaml"
AGREEMENT = load_agreement(EXAMPLE.read_text(encoding="utf-8"), name=EXAMPLE.name)
PARTIES = tuple(AGREEMENT.party_id(key) for key in AGREEMENT.parties)
PLAN = plan_of({AGREEMENT.id: [AGREEMENT]})
NOW = datetime.fromisoformat("2026-04-01T09:00:00+08:00")
EARLY = datetime.fromisoformat("2026-03-05T20:00:00+08:00")

_numbers = count(1)


def told(
    kind: str,
    *,
    at: str = "2026-03-10T20:00:00+08:00",
    group: str = "register",
    readers: tuple[str, ...] | None = None,
    **fields: Any,
) -> NewEntry:
    """An entry as a register, or recorded facts, tell it."""
    within = {"register": "fields", "facts": "facts"}.get(group)
    clause = {"clause": fields.pop("clause")} if "clause" in fields else {}
    content: dict[str, Any] = {**clause, within: fields} if within else fields
    return NewEntry(
        source="test",
        id=f"{kind}/{next(_numbers)}",
        kind=kind,
        occurred_at=datetime.fromisoformat(at),
        asserter="platform",
        agreement=AGREEMENT.ref,
        concerns=PARTIES,
        groups=(Group(group, PARTIES if readers is None else readers, content),),
    )


def listed(sku: str = "A", price: str = "100.00", **more: Any) -> NewEntry:
    return told("session.item_listed", sku=sku, price=price, **more)


def inspected(sku: str = "A", until: str = "2027-01-01") -> list[NewEntry]:
    at, item = "2026-03-02T10:00:00+08:00", f"I-{sku}"
    return [
        told("inspection.asked", item=item, sku=sku, at=at, event="asked"),
        told("inspection.passed", item=item, valid_until=until, at=at, event="passed"),
    ]


def seen(price: str, sku: str = "A", channel: str = "brand_store", **more: Any) -> NewEntry:
    given: dict[str, Any] = {
        "at": "2026-03-12T10:00:00+08:00",
        "seen_at": "2026-03-12T09:30:00+08:00",
        **more,
    }
    return told("price_observation.observed", sku=sku, channel=channel, price=price, **given)


def spoken(said: str) -> NewEntry:
    return told("session.spoken", said=said, at_ms="61000")


def elsewhere(**changed: str) -> NewEntry:
    given: dict[str, Any] = {
        "host": "streamer", "for_whom": "another brand", "within_field": "true",
        "seen_at": "2026-03-14T21:00:00+08:00", **changed,
    }  # fmt: skip
    return told("session_observation.observed", **given)


def ended(noticed_on: str, ended_on: str, **more: str) -> NewEntry:
    given: dict[str, Any] = {"clause": "33.1", "noticed_on": noticed_on, "ended_on": ended_on, **more}
    return told("facts.recorded", group="facts", **given)


def line(order: int, *, sku: str = "A", refunded: bool = False, sold: str = "2026-03-10") -> list[NewEntry]:
    at = f"{sold}T12:00:00+08:00"
    facts: dict[str, Any] = {"order": f"O{order}", "line": "1"}
    found = [told("sale.recorded", group="order", at=at, **facts, paid="100.00", sku=sku, paid_at=at)]
    if refunded:
        found.append(told("refund.recorded", group="order", at=at, **facts, refunded_total="100.00"))
    return found


@pytest.fixture
def log(engine: Engine) -> Log:
    return Log(engine, clock=FixedClock(NOW))


@pytest.fixture
def light(sqlite_url: str) -> Iterator[Log]:
    """A log on SQLite alone, for what no database decides."""
    engine = open_engine(sqlite_url)
    yield Log(engine, clock=FixedClock(NOW))
    engine.dispose()


def run(log: Log, memory: Memory | None = None, plan: Plan = PLAN, now: datetime = NOW) -> list[NewNotice]:
    run_monitors(log, plan, memory or Memory(plan.digest), now)
    return [one.new for one in notices(log)]


def codes(found: list[NewNotice]) -> list[tuple[str, str | None, tuple[int, ...]]]:
    return [(one.code, one.clause, one.cites) for one in found]


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([*inspected(), listed(), seen("99.99")], [("price-below-promise", "9.1", (2, 3))]),
        ([*inspected(), listed(at="2026-03-11T09:00:00+08:00")], []),
        ([listed()], [("report-missing", "10.1", (0,))]),
        ([*inspected(until="2026-03-09"), listed()], [("report-missing", "10.1", (1, 2))]),
        ([spoken("这款面霜全国第一，闭眼入")], [("absolute-terms", "15.1", (0,))]),
        ([elsewhere()], [("exclusivity-breached", "12.1", (0,))]),
        ([ended("2026-03-01", "2026-03-15")], [("notice-period-broken", "33.1", (0,))]),
    ],
    ids=["price", "quiet", "report", "report-over", "words", "exclusivity", "notice"],
)
def test_what_breaks_a_clause_is_found_with_the_clause_and_its_entries(
    light: Log, entries: list[NewEntry], found: list[Any]
) -> None:
    light.append(entries)
    assert codes(run(light)) == found


@pytest.mark.parametrize(
    "entries",
    [
        [*inspected(), listed(), seen("100.00")],
        [*inspected(), listed(), seen("80.00", channel="another_store")],
        [*inspected(), listed(), seen("80.00", sku="B")],
        [*inspected(), listed(), seen("80.00", quantity="2")],
        [*inspected(), listed(), seen("80.00", conditions="members only")],
        [*inspected(), listed(), seen("80.00", seen_at="2026-10-01T00:00:00+08:00")],
        [seen("80.00"), *inspected(), listed()],
        [*inspected(), listed(), seen("not a price")],
        [spoken("不敢说全国第一，但真的好用"), spoken("按最高级别的标准出厂"), spoken("性价比很高")],
        [elsewhere(within_field="false"), elsewhere(host="mcn")],
        [elsewhere(seen_at="2027-01-01T00:00:00+08:00")],
        [ended("2026-03-01", "2026-03-31"), ended("2026-03-01", "2026-03-02", for_breach="true")],
        [told("facts.recorded", group="facts", clause="9.9", noticed_on="2026-03-01", ended_on="2026-03-02")],
    ],
    ids=lambda entries: entries[-1].id,
)
def test_what_keeps_to_the_clause_or_cannot_be_told_is_not_found(light: Log, entries: list[NewEntry]) -> None:
    light.append(entries)
    assert run(light) == []


def shared(**changed: Any) -> NewEntry:
    given: dict[str, Any] = {"recipient": "mcn", "purpose": "对账", "fields": ["paid", "sku"], **changed}
    return told("data.shared", group="sharing", **given)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"purpose": " Reconciliation "}, None),
        ({"purpose": "marketing"}, "purpose"),
        ({"fields": ["paid", "buyer_phone"]}, "fields"),
        ({"recipient": "streamer"}, "recipient"),
        ({"at": "2026-07-01T00:00:00+08:00"}, "term"),
        ({"level": "aggregate"}, "level"),
    ],
)
def test_data_that_no_grant_covers_is_found_with_the_reason(
    light: Log, changed: dict[str, Any], reason: str | None
) -> None:
    light.append([shared(**changed)])
    assert [(one.clause, one.figures["reason"]) for one in run(light)] == (
        [("11.1", reason)] if reason else []
    )


def test_an_inspection_that_failed_after_it_passed_no_longer_shows_the_goods(light: Log) -> None:
    failed = told("inspection.failed", item="I-A", event="failed")
    light.append([*inspected(), *inspected("B"), failed, listed(), listed("B")])
    assert [(one.code, one.about["sku"]) for one in run(light)] == [("report-missing", "A")]


def test_a_promise_is_held_against_the_price_that_was_listed_last(log: Log) -> None:
    changed = told("session.price_changed", sku="A", price="90.00")
    log.append([*inspected(), listed(), changed, seen("95.00"), seen("89.00")])
    (found,) = run(log)
    assert dict(found.about) == {"sku": "A", "channel": "brand_store", "seen_on": "2026-03-12"}
    assert dict(found.figures) == {"price": "89.00", "promised": "90.00"}
    assert (found.cites, found.readers, found.severity) == ((3, 5), ("brand", "streamer"), "breach")


def test_a_notice_goes_to_nobody_who_may_not_read_what_it_rests_on(light: Log) -> None:
    apart = told("session.spoken", said="全国第一", at_ms="1", readers=("mcn", "streamer"))
    light.append([apart, told("session.spoken", said="顶级", at_ms="2", readers=("mcn",))])
    assert [one.readers for one in run(light)] == [("streamer",)]


def test_the_same_thing_seen_again_is_said_once_a_day(light: Log) -> None:
    light.append([*inspected(), listed(), seen("90.00"), seen("91.00"), seen("92.00")])
    assert len(run(light)) == 1
    light.append([seen("90.00", seen_at="2026-03-13T09:00:00+08:00")])
    assert len(run(light)) == 2


def test_a_rate_counts_lines_once_and_only_from_enough_of_them(log: Log) -> None:
    few = [one for order in range(19) for one in line(order, refunded=True)]
    log.append(few)
    assert run(log) == []
    log.append([one for order in range(100, 150) for one in line(order, sku="B", refunded=order < 115)])
    assert run(log) == [], "15 of 50 are 30%, which may be"
    again = told("refund.recorded", group="order", order="O100", line="1", refunded_total="100.01")
    log.append([again, *line(116, sku="B", refunded=True)[1:]])
    (found,) = run(log)
    assert (found.code, found.about, found.clause) == ("return-rate-high", {"sku": "B"}, "7.5")
    assert found.figures == {"returned": "16", "sold": "50", "month": "2026-03", "ceiling": "30%"}


@pytest.mark.parametrize(
    ("day", "found"),
    [("2026-06-15", 0), ("2026-06-16", 1), ("2026-06-30", 1), ("2026-07-01", 0)],
)
def test_a_term_that_ends_is_said_before_it_does_and_not_after(light: Log, day: str, found: int) -> None:
    now = datetime.fromisoformat(f"{day}T00:30:00+08:00")
    shown = run(light, now=now)
    assert [(one.code, one.clause, dict(one.figures)) for one in shown] == [
        ("grant-expiring", "11.1", {"ends_on": "2026-06-30"})
    ] * found


MIXED = [
    *inspected(), listed(), listed("B"), seen("99.00"), spoken("全网第一"), elsewhere(),
    *[one for order in range(30) for one in line(order, refunded=order % 2 == 0)],
    seen("50.00", sku="B"), ended("2026-03-01", "2026-03-02"),
]  # fmt: skip


def test_however_the_log_is_cut_the_same_is_found(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 7)
    memory = Memory(PLAN.digest)
    for entry in MIXED:
        log.append([entry])
        run(log, memory)
        memory = read_memory(memory.as_bytes(), PLAN.digest)
    found = {(one.code, one.clause, one.id, tuple(one.figures.items())) for one in run(log)}
    assert {code for code, *_ in found} == {
        "price-below-promise", "report-missing", "absolute-terms", "exclusivity-breached",
        "return-rate-high", "notice-period-broken",
    }  # fmt: skip
    size = log.size()
    run(log)
    assert log.size() == size, "read again from the first entry on, nothing is said twice"


def test_what_is_remembered_is_for_one_log_and_one_set_of_documents(log: Log) -> None:
    log.append([*inspected(), listed()])
    memory = Memory(PLAN.digest)
    run(log, memory)
    assert memory.position == 3
    assert read_memory(memory.as_bytes(), "another").position == 0
    assert read_memory(b"{", PLAN.digest).position == 0
    with reading(log.engine) as session:
        assert still_there(session, memory)
        memory.last_hash = "00"
        assert not still_there(session, memory)
        memory.position = 99
        assert not still_there(session, memory)


def test_law_counts_from_the_day_it_is_in_force_and_is_cited() -> None:
    (one,) = [one for one in PLAN.monitors if one.monitor.code == "absolute-terms"]
    assert one.rule == "cn-advertising.absolute-terms"
    assert one.counts_on(EARLY.date())
    assert not one.counts_on(EARLY.date().replace(year=2015, month=8))


def test_a_change_that_is_proposed_too_late_is_told_under_the_version_in_force(light: Log) -> None:
    canonical = '{"effective_from":"2026-04-01","version":2}'
    content = {"agreement": AGREEMENT.id, "version": 2, "canonical": canonical}
    proposed = NewEntry(
        source="test", id="v2", kind="agreement.proposed", agreement=f"{AGREEMENT.id}@2", asserter="operator",
        occurred_at=datetime.fromisoformat("2026-03-20T10:00:00+08:00"), concerns=PARTIES,
        groups=(Group("agreement", PARTIES, content),),
    )  # fmt: skip
    light.append([proposed])
    (found,) = run(light)
    assert (found.code, found.clause, found.agreement) == ("change-noticed-late", "32.1", AGREEMENT.ref)
