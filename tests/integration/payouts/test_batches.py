"""What is payable, and batches of it by two people, on both databases."""

from __future__ import annotations

import pytest

from ledger.doctor import examine
from ledger.holds import NewHold, place_hold
from ledger.payouts.batches import batch_of, cancel, payables
from ledger.payouts.errors import PayoutChanged, PayoutRefused, PayoutSamePerson
from ledger.rebuild import rebuild
from ledger.settlement.write_offs import confirm_write_off, propose_write_off
from tests.decided import post_decision
from tests.payout_world import Payday

EACH = {"mcn": 5_400, "streamer": 12_600, "brand": 75_000}
MONTH = {payee: 3 * minor for payee, minor in EACH.items()}


def test_nothing_is_payable_before_a_statement_is_accepted(payday: Payday) -> None:
    rows = payday.payables()
    assert {payee: one.open_minor for payee, one in rows.items()} == MONTH
    assert [one.payable_minor for one in rows.values()] == [0, 0, 0]
    with pytest.raises(PayoutRefused, match="nothing is payable"):
        payday.prepare()


def test_what_is_accepted_is_prepared_by_one_and_released_by_another(payday: Payday) -> None:
    payday.accept("mcn", "streamer")
    batch = payday.prepare()
    assert {one.payee: one.amount_minor for one in batch.payments} == {"mcn": 16_200, "streamer": 37_800}
    assert batch.payments[0].parts[0].statement == payday.world.statement("mcn").id
    assert payday.balance("mcn", "balance") == 16_200
    with pytest.raises(PayoutSamePerson):
        payday.release(batch, "one")
    payday.release(batch)
    assert (payday.balance("mcn", "balance"), payday.balance("mcn", "clearing")) == (0, 16_200)
    payday.tell(payday.say(batch, "mcn"), payday.say(batch, "streamer"))
    assert (payday.balance("mcn", "clearing"), payday.balance("platform", "bank")) == (0, 54_000)
    assert {one.payee: one.paid_minor for one in payday.payables().values()} == {
        "brand": 0, "mcn": 16_200, "streamer": 37_800,
    }  # fmt: skip
    assert examine(payday.world.log.engine) == []
    rebuild(payday.world.log.engine)
    assert payday.balance("platform", "bank") == 54_000


def test_a_debt_written_off_at_a_payees_charge_is_paid_to_it_no_more(payday: Payday) -> None:
    payday.accept("mcn")
    log, agreement = payday.world.log, payday.world.agreement
    owing = {
        "from": "streamer.receivable", "to": "brand", "amount_minor": 3_000, "currency": "CNY",
        "kind": "commission_clawback",
    }  # fmt: skip
    post_decision(
        log, agreement, case="C-1", decision={"clause": "7.4", "outcome": "granted", "postings": [owing]},
        decided_at=payday.act().at, asserter="panel", parties=("brand", "streamer"), clause="7.4",
    )  # fmt: skip
    propose_write_off(
        log, agreement, "W-1", debtor="streamer", bearer="mcn", amount_minor=2_000, by="ann", reason="left",
        now=payday.act().at,
    )  # fmt: skip
    assert payday.payable("mcn") == 16_200, "what is proposed charges nobody"
    confirm_write_off(log, agreement, "W-1", by="bob", now=payday.act().at)
    charged = payday.payables()["mcn"]
    assert (charged.decided_minor, charged.payable_minor) == (2_000, 14_200)
    payday.month("D", sold="2026-03-10", until="2026-05-01")
    counted = payday.payables()["mcn"]
    assert (counted.decided_minor, counted.open_minor, counted.payable_minor) == (0, 3_400, 16_200)


def test_a_batch_is_released_once_and_not_after_it_was_cancelled(payday: Payday) -> None:
    payday.accept("mcn", "streamer")
    batch = payday.release(payday.prepare())
    with pytest.raises(PayoutRefused, match="released already"):
        payday.release(batch, "three")
    with pytest.raises(PayoutRefused):
        cancel(payday.world.log, batch.id, payday.act(), reason="late")
    payday.accept("brand")
    other = payday.prepare()
    assert cancel(payday.world.log, other.id, payday.act(), reason="wrong day").state == "cancelled"
    with pytest.raises(PayoutRefused, match="cancelled already"):
        payday.release(other)
    assert payday.payable("brand") == MONTH["brand"]
    assert [other.id, batch.id] == ["platform.2", "platform.1"]


def test_what_stands_in_a_batch_is_not_prepared_again(payday: Payday) -> None:
    payday.accept("mcn")
    batch = payday.prepare()
    with pytest.raises(PayoutRefused):
        payday.prepare()
    payday.accept("streamer")
    assert [one.payee for one in payday.prepare().payments] == ["streamer"]
    assert payday.release(batch).state == "released"


def test_a_hold_since_stops_the_release_and_is_named(payday: Payday) -> None:
    payday.accept("mcn")
    batch = payday.prepare()
    hold = payday.world
    place_hold(
        hold.log,
        NewHold(
            id="H1", account=hold.account("mcn"), amount_minor=200, reason="claim", clause="13.1",
            agreement=hold.agreement.ref, readers=("mcn", "platform"),
        ),
        at=payday.act().at,
        by="operator",
    )  # fmt: skip
    size = hold.log.size()
    with pytest.raises(PayoutChanged, match=r"160\.00 CNY is payable now, 162\.00 was prepared"):
        payday.release(batch)
    assert hold.log.size() == size
    cancel(hold.log, batch.id, payday.act(), reason="held")
    assert payday.release(payday.prepare()).total_minor == 16_000


def test_another_account_since_stops_the_release(payday: Payday) -> None:
    payday.accept("mcn", "streamer")
    batch = payday.prepare()
    payday.account("mcn", "6222020200009999")
    with pytest.raises(PayoutChanged, match="mcn: the payee recorded another account"):
        payday.release(batch)


def test_a_contested_line_is_held_and_the_rest_is_paid(payday: Payday) -> None:
    statement = payday.world.statement("mcn")
    number = payday.contest(statement, 0)
    payday.accept("mcn")
    row = payday.payables()["mcn"]
    assert (row.contested_minor, row.payable_minor) == (5_400, 10_800)
    batch = payday.release(payday.prepare())
    assert batch.total_minor == 10_800
    payday.end(statement, number)
    assert payday.payable("mcn") == 5_400


def test_as_of_an_entry_the_answer_stays(payday: Payday) -> None:
    payday.accept("mcn")
    end, at = payday.world.log.size(), payday.clock()
    before = payables(payday.world.log, payday.agreements, at, end=end)
    payday.release(payday.prepare())
    payday.accept("streamer", "brand")
    assert payables(payday.world.log, payday.agreements, at, end=end) == before


def test_the_batch_names_what_it_rests_on(payday: Payday) -> None:
    payday.accept("mcn")
    end = payday.world.log.size()
    batch = batch_of(payday.world.log, payday.prepare().id)
    assert (batch.as_of_seq, batch.prepared_by, len(batch.digest)) == (end, "one", 64)
    assert batch.payments[0].masked.endswith("1234")
    assert len(batch.payments[0].reference) <= 22
