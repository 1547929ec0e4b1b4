"""A version that waits for an event settles nothing until it is on record, and from that day on then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ledger.leaves import instant_of
from ledger.settlement.events import EVENT_KIND, event_entry, recorded_events
from ledger.settlement.runs import last_run, terms_of
from ledger.settlement.terms import read_terms
from policies.versions.timeline import starts_at
from tests.settlement_world import World, plain, receipt, sale

WAITING = plain(
    was_1="version: 1\n",
    now_1="version: 2\nsupersedes: {version: 1, transition: by_event, event: side_letter_signed}\n",
    was_2="20% * paid", now_2="30% * paid",
)  # fmt: skip


def record(world: World) -> None:
    """Record the side letter; again adds nothing that counts."""
    world.log.append(
        [
            event_entry(
                WAITING,
                "side_letter_signed",
                source="test",
                asserter="brand",
                occurred_at=datetime(2026, 2, 2, tzinfo=UTC),
                sha256="ab" * 32,
            )
        ]
    )


def test_the_day_the_log_took_it_counts_and_not_the_day_it_is_said_to_have_been(world: World) -> None:
    assert recorded_events(world.log, WAITING) == {}
    record(world)
    (entry,) = world.log.entries(kinds=[EVENT_KIND])
    day = instant_of(entry.recorded_us).astimezone(WAITING.zone).date()
    assert recorded_events(world.log, WAITING) == {"side_letter_signed": day}
    assert recorded_events(world.log, WAITING, entry.seq) == {}
    terms = read_terms((plain(), WAITING), recorded_events(world.log, WAITING))
    assert [one.version for one in terms.versions] == [1, 2]
    assert terms.versions[1].starts == starts_at(WAITING, day)


def test_orders_before_the_event_stay_under_the_version_before(world: World) -> None:
    world.agreements.append(WAITING)
    for order, at in (("A", "2026-03-01"), ("B", "2026-03-02")):
        world.tell(sale(plain(), order, paid="100.00", at=at), receipt(plain(), order, at))
    assert world.settle("2026-04-01").content["versions"] == [{"version": 1, "sha256": plain().sha256}]
    run = last_run(world.log, "plain-split")
    assert run is not None
    record(world)
    assert [one.version for one in terms_of(world.log, run, world.agreements).versions] == [1]
    later = datetime.now(UTC) + timedelta(days=60)
    report = world.settle(later.strftime("%Y-%m-%d"))
    assert [one["version"] for one in report.content["versions"]] == [1, 2]
