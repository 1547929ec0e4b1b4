"""A grant permits fields, purpose, recipient and term; every answer is on record before it leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.office.agreements import signed_versions
from api.office.data_requests import DataAsked
from api.office.erasing import erase, erase_due
from api.office.opening import Office
from api.office.registers import tell_event
from api.office.sharing import Answered, share
from ledger.doctor import examine
from ledger.errors import EntryInvalid, ErasureRefused
from ledger.sharing.errors import SharingUnusable
from ledger.sharing.record import record_access, sharings
from tests.integration.sharing.conftest import NOW, row, tell

PHONES: dict[str, Any] = {"purpose": "after-sales service", "fields": ("buyer_phone",), "orders": ("A1",)}
REGIONS: dict[str, Any] = {
    "purpose": "选品", "fields": ("buyer_region", "paid"), "level": "aggregate", "by": ("buyer_region",),
    "from_day": "2026-03-01", "to_day": "2026-03-02",
}  # fmt: skip
AFTER_SALES = {**REGIONS, "purpose": "after-sales service"}


def ask(office: Office, who: str = "brand", **asked: Any) -> Answered:
    (agreement,) = (one.agreement for one in signed_versions(office, "head-streamer"))
    request = DataAsked(agreement="head-streamer", **asked)
    return share(office, request, recipient=agreement.party_id(who), member="someone")


def test_what_a_grant_covers_is_given_and_recorded_before_it_is(office: Office) -> None:
    done = ask(office, **{**PHONES, "orders": ("A1", "C1", "none such")})
    assert [(one["order"], one["values"], one["kept_until"]) for one in done.given.rows] == [
        ("A1", {"buyer_phone": "13800000001"}, "2026-06-08T10:00:00+08:00"),
        ("C1", {"buyer_phone": "13800000001"}, None),
    ]
    entry = office.log.entry(done.seq)
    groups = {group.name: group for group in office.log.groups(done.seq)}
    assert (entry.kind, entry.source, entry.seq) == ("data.shared", "tallystick.data", office.log.size() - 1)
    said = groups["sharing"].content
    assert (said["clause"], said["purpose"], said["fields"], said["given"]) == (
        "11.2", "after-sales service", ["buyer_phone"], 2,
    )  # fmt: skip
    assert groups["sharing"].readers == ("brand", "platform")
    assert "1380000" not in str([group.content for group in office.log.groups(done.seq)]), (
        "no value is copied"
    )
    assert examine(office.engine) == []


@pytest.mark.parametrize(
    ("who", "asked", "clause", "reason"),
    [
        ("leader", PHONES, None, "recipient"),
        ("brand", {**PHONES, "purpose": "marketing"}, "11.2", "purpose"),
        ("brand", {**PHONES, "fields": ("buyer_phone", "buyer")}, "11.2", "fields"),
        ("brand", AFTER_SALES, "11.2", "fields"),
        (
            "brand",
            {**REGIONS, "purpose": "after-sales service", "fields": ("paid",), "by": ()},
            "11.2",
            "level",
        ),
        ("streamer", {**PHONES, "purpose": "choosing goods", "fields": ("buyer_region",)}, "11.3", "level"),
    ],
)
def test_what_lies_beyond_a_grant_is_denied_with_the_clause_and_recorded(
    office: Office, who: str, asked: dict[str, Any], clause: str | None, reason: str
) -> None:
    done = ask(office, who, **asked)
    assert (done.permitted, done.access.reason, done.given.rows, done.given.groups) == (False, reason, (), ())
    assert done.access.clause == clause
    (one,) = sharings(office.log)
    assert (one.seq, one.permitted, one.content["reason"]) == (done.seq, False, reason)
    assert office.log.entry(done.seq).kind == "data.refused"


def test_a_grant_gives_nothing_once_its_term_is_over(office: Office) -> None:
    office.clock = lambda: datetime(2026, 5, 31, 12, tzinfo=UTC)
    assert ask(office, **REGIONS).permitted
    office.clock = lambda: datetime(2026, 6, 1, 0, tzinfo=UTC)
    assert ask(office, **REGIONS).access.reason == "term"


def test_each_order_is_kept_for_its_days_from_receipt_and_then_given_no_more(office: Office) -> None:
    office.clock = lambda: datetime(2026, 6, 8, 2, tzinfo=UTC)
    done = ask(office, **{**PHONES, "orders": ("A1", "C1")})
    assert [one["order"] for one in done.given.rows] == ["C1"]
    assert done.access.withheld == {"ended": 1}


def test_what_was_erased_is_left_out_and_said_to_be(office: Office) -> None:
    sale = office.log.find("orders", "A1/1/sale/1")
    assert sale is not None
    erase(office, sale.seq, "buyer", reason="asked", asserter="platform", request="r1")
    done = ask(office, **{**PHONES, "orders": ("A1", "A2")})
    assert ([one["order"] for one in done.given.rows], done.access.withheld) == (["A2"], {"erased": 1})
    assert ask(office, **{**PHONES, "fields": ("paid",)}).access.withheld == {}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({**PHONES, "fields": ("buyer_fone",)}, "did you mean 'buyer_phone'"),
        ({**PHONES, "fields": ()}, "different fields"),
        ({**PHONES, "from_day": "2026-03-01"}, "name orders, or a first and a last day"),
        ({**PHONES, "orders": (), "from_day": "2026-03-01"}, "is no day such as"),
        ({**PHONES, "orders": (), "from_day": "2026-03-02", "to_day": "2026-03-01"}, "the first before"),
        ({**PHONES, "orders": (), "from_day": "0001-01-01", "to_day": "0001-01-01"}, "days from 1970"),
        ({**PHONES, "orders": (), "from_day": "9999-12-31", "to_day": "9999-12-31"}, "to 9998"),
        ({**PHONES, "by": ("paid",)}, "only aggregates"),
        ({**PHONES, "orders": ("A1\0",)}, "no control characters"),
        ({**PHONES, "purpose": ""}, "must be 1 to 500"),
        ({**REGIONS, "to_day": "2026-03-20"}, "days that are over"),
        ({**REGIONS, "by": ("paid",)}, "'buyer_region' cannot be summed"),
        ({**REGIONS, "by": ("buyer",)}, "at most 2 of the fields"),
        ({**REGIONS, "from_day": None, "to_day": None, "orders": ("A1",)}, "whole days"),
    ],
)
def test_what_cannot_be_looked_up_is_refused_and_not_recorded(
    office: Office, asked: dict[str, Any], said: str
) -> None:
    size = office.log.size()
    with pytest.raises((SharingUnusable, EntryInvalid), match=said):
        ask(office, **asked)
    assert office.log.size() == size


def groups_of(done: Answered) -> list[tuple[str, int, int, str]]:
    named = [(one["values"] or {}).get("buyer_region", "…") for one in done.given.groups]
    counts = [(one["orders"], one["buyers"], one["sums"]["paid"]) for one in done.given.groups]
    return [(name, *count) for name, count in zip(named, counts, strict=True)]


def test_groups_of_too_few_buyers_are_put_together(office: Office) -> None:
    done = ask(office, **REGIONS)
    assert groups_of(done) == [
        ("Beijing", 10, 5, "1000.00"), ("Shanghai", 8, 4, "800.00"), ("…", 3, 3, "300.00"),
    ]  # fmt: skip
    assert groups_of(ask(office, "streamer", **{**REGIONS, "from_day": "2026-03-02"})) == [
        ("Beijing", 5, 5, "500.00"), ("Shanghai", 4, 4, "400.00"),
    ]  # fmt: skip
    few = ask(office, **{**REGIONS, "from_day": "2026-03-03", "to_day": "2026-03-03"})
    assert (few.permitted, few.access.reason, few.given.groups) == (False, "few", ())


def test_an_answer_that_shows_too_few_beside_another_is_denied(office: Office, tmp_path: Path) -> None:
    assert ask(office, **REGIONS).permitted
    assert ask(office, **REGIONS).permitted, "the same again tells nothing more"
    later = ask(office, **{**REGIONS, "to_day": "2026-03-03"})
    assert (later.permitted, later.access.reason) == (False, "difference"), "3 March has one buyer"
    assert ask(office, "streamer", **{**REGIONS, "to_day": "2026-03-03"}).permitted, "who was told nothing"
    tell(office, tmp_path, [row("D1", 1, "2026-03-02")])
    assert ask(office, **REGIONS).access.reason == "difference", "one sale came in late"
    tell(office, tmp_path, [row(f"D{one}", one, "2026-03-02") for one in (2, 3)])
    assert groups_of(ask(office, **REGIONS))[0] == ("Beijing", 13, 5, "1300.00")


@pytest.mark.parametrize("by", [(), ("buyer_region",)])
def test_days_that_do_not_meet_still_show_what_came_late_to_an_answer_of_both(
    office: Office, tmp_path: Path, by: tuple[str, ...]
) -> None:
    """1 March, then 1 and 2 March with one sale more, then 2 March alone: the rest is that sale."""
    total = {**REGIONS, "fields": ("paid",), "by": ()}
    assert ask(office, **{**total, "to_day": "2026-03-01"}).permitted
    tell(office, tmp_path, [row("D1", 1, "2026-03-01")])
    both_days = {**REGIONS, "by": by, "fields": (*by, "paid")}
    assert ask(office, **both_days).permitted
    second = ask(office, **{**total, "from_day": "2026-03-02"})
    assert (second.permitted, second.access.reason) == (False, "difference")


def test_who_received_groups_does_not_learn_which_order_is_in_which(office: Office) -> None:
    done = ask(office, "streamer", **REGIONS)
    readers = {group.name: group.readers for group in office.log.groups(done.seq)}
    assert (readers["sharing"], readers["delivered"]) == (("platform", "streamer"), ("platform",))


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something happen once after an answer is made, before it is recorded."""
    waiting = [act]

    def recorded(*given: Any, **more: Any) -> int:
        if waiting:
            waiting.pop()()
        return record_access(*given, **more)

    monkeypatch.setattr("api.office.sharing.record_access", recorded)


def test_two_who_ask_at_once_cannot_get_round_each_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each alone would be given; whoever is recorded second is answered with the first in view."""
    meanwhile(monkeypatch, lambda: ask(office, **REGIONS))
    second = ask(office, **{**REGIONS, "to_day": "2026-03-03"})
    assert (second.permitted, second.access.reason) == (False, "difference")
    assert [one.permitted for one in sharings(office.log)] == [True, False]


def test_an_opt_out_told_while_an_answer_is_made_is_heeded_by_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opt_out() -> None:
        fields = {"scope": "sharing", "order": "A1"}
        tell_event(office, "opt_out", "1", "received", fields, by="platform", party="platform")

    meanwhile(monkeypatch, opt_out)
    done = ask(office, **PHONES)
    assert (done.given.rows, done.access.withheld) == ((), {"opted_out": 1})


def test_erasing_a_buyer_is_not_shown_by_the_next_answer(office: Office) -> None:
    assert ask(office, **REGIONS).permitted
    for order in ("A1", "B1"):
        sale = office.log.find("orders", f"{order}/1/sale/1")
        assert sale is not None
        erase(office, sale.seq, "buyer", reason="asked", asserter="platform", request=order)
    assert ask(office, **REGIONS).access.reason == "difference"


def test_who_was_given_what_stays_and_which_entries_can_go(office: Office) -> None:
    done = ask(office, **PHONES)
    with pytest.raises(ErasureRefused, match="who was given what stays"):
        erase(office, done.seq, "sharing", reason="x", asserter="brand", request="r1")
    erase(office, done.seq, "delivered", reason="x", asserter="brand", request="r2")
    (one,) = sharings(office.log)
    assert (one.sets, one.content["given"]) == (None, 1)


def test_time_over_is_over_for_log_and_answer_alike(office: Office) -> None:
    later = NOW + timedelta(days=100)
    assert sum(gone for gone, _ in erase_due(office, later, "operator")) == 21
    office.clock = lambda: later
    assert ask(office, **{**PHONES, "orders": ("A1",)}).access.withheld == {"ended": 1}
