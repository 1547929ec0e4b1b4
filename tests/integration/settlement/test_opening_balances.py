"""Balances carried over from paper: signed with the document, posted once, on the first statement."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ledger.settlement.opening import OPENING_KIND, opening_entry
from ledger.statements.reading import list_statements
from policies.errors import AgreementRejected
from tests.settlement_world import World, plain

OPENING = """\
opening:
  on: 2026-02-01
  from: {title: {zh: 纸质协议, en: Paper}, sha256: %s}
  balances: {brand.deposit: 50_000.00, streamer.balance: 1_280.50, mcn.balance: -80.00}
  rest: escrow
clauses:
""" % ("ab" * 32)
CARRIED = plain(was_1="clauses:\n", now_1=OPENING)


def test_the_postings_sum_to_zero_and_are_read_by_every_party() -> None:
    entry = opening_entry(CARRIED, source="test", asserter="operator")
    assert entry is not None
    (group,) = entry.groups
    amounts = {posting.account: posting.amount_minor for posting in group.postings}
    assert amounts == {
        "brand.deposit": 5_000_000, "streamer.balance": 128_050, "mcn.balance": -8_000,
        "escrow.balance": -5_120_050,
    }  # fmt: skip
    assert group.readers == ("brand", "mcn", "platform", "streamer")
    assert entry.occurred_at.astimezone(UTC) == datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert opening_entry(plain(), source="test", asserter="operator") is None


def test_the_first_statement_carries_the_balance_and_no_deposit(world: World) -> None:
    world.agreements[:] = [CARRIED]
    entry = opening_entry(CARRIED, source="test", asserter="operator")
    assert entry is not None
    world.log.append([entry])
    world.log.append([entry])
    world.settle("2026-03-01")
    world.settle("2026-04-01")
    found = {(one.party, one.number): one.content for one in list_statements(world.log)}
    assert found["streamer", 1]["payable_minor"] == 128_050
    assert found["streamer", 1]["adjustments"][0]["kind"] == "opening_balance"
    assert found["mcn", 1]["carried_forward_minor"] == -8_000
    assert found["brand", 1]["payable_minor"] == 0
    assert found["streamer", 2]["adjustments"] == []
    assert [one.kind for one in world.log.entries(kinds=[OPENING_KIND])] == [OPENING_KIND]


def test_a_later_version_carries_nothing_over() -> None:
    with pytest.raises(AgreementRejected) as refused:
        plain(was_1="clauses:\n", now_1=OPENING, was_2="version: 1\n", now_2="version: 2\n")
    assert "opening.not-first" in {one.code for one in refused.value.findings}
