"""An entry validates itself: what is refused, and how it says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace

from ledger.entries import Group, NewEntry, Posting
from ledger.errors import EntryInvalid
from ledger.leaves import OPENED_LIMIT_BYTES, instant_of, microseconds, occurred_text, opened_bytes
from tests.ledger_samples import PARTIES, START, pair, sale


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("source", "", "entry.source"),
        ("source", "a\nb", "entry.source"),
        ("id", "x" * 513, "entry.id"),
        ("id", "\ud800", "entry.id"),
        ("kind", "sale", "entry.kind"),
        ("kind", "Sale.Recorded", "entry.kind"),
        ("asserter", "two words", "entry.asserter"),
        ("agreement", "autumn-beauty", "entry.agreement"),
        ("agreement", "autumn-beauty@0", "entry.agreement"),
        ("occurred_at", datetime(2026, 1, 1), "entry.occurred_at"),  # noqa: DTZ001
        ("occurred_at", "2026-01-01T00:00:00Z", "entry.occurred_at"),
        ("occurred_at", datetime(1, 1, 1, tzinfo=UTC), "entry.occurred_at"),
        ("concerns", ("",), "entry.concerns"),
    ],
)
def test_a_field_out_of_its_rule_is_refused_by_name(field: str, value: Any, where: str) -> None:
    with pytest.raises(EntryInvalid) as caught:
        replace(sale(), **{field: value})
    assert caught.value.where == where


def test_an_offset_with_seconds_is_refused() -> None:
    odd = timezone(timedelta(hours=8, seconds=1))
    with pytest.raises(EntryInvalid, match="whole minutes"):
        replace(sale(), occurred_at=datetime(2026, 1, 1, tzinfo=odd))


@pytest.mark.parametrize("amount", [0, 2**53, -(2**53), True, 1.0, "5"])
def test_an_amount_is_an_integer_that_is_not_zero(amount: Any) -> None:
    with pytest.raises(EntryInvalid, match="minor units"):
        replace(pair(5)[0], amount_minor=amount)


def test_an_account_purpose_has_no_dot_so_that_the_last_dot_parts_it() -> None:
    posting = replace(pair(5)[0], owner="shop.example")
    assert posting.account == "shop.example.payment"
    with pytest.raises(EntryInvalid, match="purpose"):
        replace(posting, purpose="a.b")


def test_postings_sum_to_zero_per_currency_over_all_groups() -> None:
    minus, plus = pair(5)
    halves = (Group("a", ("x",), {}, (minus,)), Group("b", ("x",), {}, (plus,)))
    assert len(NewEntry(**{**_plain(), "groups": halves}).groups) == 2
    dollars = replace(plus, currency="USD")
    with pytest.raises(EntryInvalid, match="-5 minor units of CNY"):
        NewEntry(**{**_plain(), "groups": (Group("a", ("x",), {}, (minus, dollars)),)})


@pytest.mark.parametrize(("currency", "said"), [("CNX", "did you mean 'CNY'"), ("XAU", "unknown currency")])
def test_a_currency_whose_minor_unit_is_not_known_is_refused(currency: str, said: str) -> None:
    with pytest.raises(EntryInvalid, match=said) as refused:
        NewEntry(**{**_plain(), "groups": (Group("a", ("x",), {}, pair(5, currency=currency)),)})
    assert (refused.value.code, refused.value.where) == ("entry.invalid", "i, posting.currency")


def _plain() -> dict[str, Any]:
    return {
        "source": "s",
        "id": "i",
        "kind": "leg.posted",
        "occurred_at": START,
        "asserter": "platform",
    }


def test_readers_and_concerns_are_kept_sorted_each_once() -> None:
    group = Group("order", ("streamer", "brand", "brand"), {})
    assert group.readers == ("brand", "streamer")
    assert sale(concerns=["b", "a", "b"]).concerns == ("a", "b")


def test_a_group_needs_a_reader_and_a_name_of_its_own() -> None:
    with pytest.raises(EntryInvalid, match="at least one reader"):
        Group("order", (), {})
    with pytest.raises(EntryInvalid, match="must differ"):
        sale(groups=(sale().groups[0], sale().groups[0]))
    with pytest.raises(EntryInvalid, match="the log writes that group itself"):
        sale(groups=(Group("concerns", PARTIES, {}),))


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ({"a": 1.5}, "no canonical form"),
        ({"a": {"b": 2**53}}, "beyond 2\\^53"),
        ({"é": "x"}, "must be ASCII"),
        ({"a": "\ud800"}, "lone surrogate"),
        ({"a": ["\ud800"]}, "lone surrogate"),
        ({1: "x"}, "must be ASCII"),
        ({"a": "x" * OPENED_LIMIT_BYTES}, "more than 1048576"),
    ],
)
def test_content_without_canonical_bytes_is_refused(content: Any, match: str) -> None:
    with pytest.raises(EntryInvalid, match=match):
        opened_bytes(Group("order", ("x",), content), "entry")


def test_times_keep_their_offset_and_count_in_microseconds() -> None:
    shanghai = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert occurred_text(shanghai) == "2026-01-01T08:00:00+08:00"
    assert occurred_text(shanghai.astimezone(UTC)) == "2026-01-01T00:00:00Z"
    assert microseconds(shanghai) == 1_767_225_600_000_000
    assert instant_of(microseconds(shanghai)) == shanghai


def test_a_posting_cannot_be_changed() -> None:
    posting: Posting = pair(1)[0]
    with pytest.raises(AttributeError):
        posting.amount_minor = 3  # type: ignore[misc]
