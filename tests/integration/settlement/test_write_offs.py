"""Debts given up: by two members of who bears them, no more than is owed, and on the next statement."""

from __future__ import annotations

import pytest

from ledger.accounts import balance
from ledger.settlement.errors import DebtRefused, SettlementRefused
from ledger.settlement.issue import settle
from ledger.settlement.rebuild import rebuild_statements
from ledger.settlement.write_offs import WriteOff, confirm_write_off, owed, propose_write_off, write_offs
from tests.decided import post_decision
from tests.settlement_world import World, instant, receipt, sale

NOW = instant("2026-03-20")


@pytest.fixture
def owing(world: World) -> World:
    """A log in which a decision left 300.00 owed by the streamer to the brand."""
    agreement = world.agreement
    taken = {
        "from": "streamer.receivable", "to": "brand", "amount_minor": 30_000, "currency": "CNY",
        "kind": "commission_clawback",
    }  # fmt: skip
    decision = {"clause": "7.4", "outcome": "granted", "amount_minor": 30_000, "postings": [taken]}
    post_decision(
        world.log, agreement, case="C-1", decision=decision, decided_at=instant("2026-03-10"),
        asserter="panel", parties=("brand", "streamer"), clause="7.4",
    )  # fmt: skip
    return world


def _proposed(world: World, amount: int = 20_000, name: str = "W-1", by: str = "ann") -> WriteOff:
    return propose_write_off(
        world.log, world.agreement, name, debtor="streamer", bearer="platform", amount_minor=amount, by=by,
        reason="the streamer has left", now=NOW,
    )  # fmt: skip


def _confirmed(world: World, name: str = "W-1", by: str = "bob") -> WriteOff:
    return confirm_write_off(world.log, world.agreement, name, by=by, now=NOW)


def test_what_is_written_off_is_owed_no_more_and_charged_to_who_bears_it(owing: World) -> None:
    proposed = _proposed(owing)
    assert (proposed.confirmed_by, owed(owing.log, owing.agreement)) == (None, {"streamer": 30_000})
    done = _confirmed(owing)
    assert (done.proposed_by, done.confirmed_by, done.reason) == ("ann", "bob", "the streamer has left")
    assert owed(owing.log, owing.agreement) == {"streamer": 10_000}
    agreement = owing.agreement
    owing.tell(sale(agreement, "A", paid="1000.00"), receipt(agreement, "A", "2026-03-02"))
    owing.settle("2026-04-01")
    charged = owing.statement("platform").content["adjustments"]
    assert [(one["kind"], one["amount_minor"]) for one in charged] == [("written_off", -20_000)]
    streamer = owing.statement("streamer").content
    assert streamer["payable_minor"] == 12_600 - 10_000, "the rest is repaid"
    assert balance(owing.log.engine, owing.account("streamer", "receivable")) == 0
    assert rebuild_statements(owing.log, owing.agreements, data=owing.data).runs == 1


def test_asked_for_again_it_stands_and_adds_nothing(owing: World) -> None:
    assert _proposed(owing) == _proposed(owing)
    assert _confirmed(owing) == _confirmed(owing, by="carl") == _confirmed(owing)
    assert write_offs(owing.log, owing.agreement.id) == [_confirmed(owing)]


def test_who_proposed_it_does_not_confirm_it(owing: World) -> None:
    _proposed(owing)
    with pytest.raises(DebtRefused, match="'ann' proposed it; another member confirms"):
        _confirmed(owing, by="ann")


@pytest.mark.parametrize("amount", [0, -1, 30_001])
def test_no_more_than_is_owed_and_no_less_than_something_is_written_off(owing: World, amount: int) -> None:
    with pytest.raises(DebtRefused, match="at most the 30000 that stand as owed"):
        _proposed(owing, amount)


def test_what_was_repaid_meanwhile_is_not_written_off_too(owing: World) -> None:
    _proposed(owing, 30_000)
    _proposed(owing, 30_000, "W-2")
    _confirmed(owing)
    with pytest.raises(DebtRefused, match="at most the 0 that stand"):
        _confirmed(owing, "W-2")
    assert balance(owing.log.engine, owing.account("streamer", "receivable")) == 0


def test_what_nobody_proposed_is_not_confirmed_and_who_owes_does_not_bear_it(owing: World) -> None:
    with pytest.raises(DebtRefused, match="nobody has proposed"):
        _confirmed(owing, "W-9")
    with pytest.raises(DebtRefused, match="cannot bear it too"):
        propose_write_off(
            owing.log, owing.agreement, "W-1", debtor="streamer", bearer="streamer", amount_minor=1, by="ann",
            reason="none", now=NOW,
        )  # fmt: skip


def test_a_run_up_to_an_earlier_day_does_not_take_back_what_was_written_off_since(owing: World) -> None:
    _proposed(owing, 30_000)
    _confirmed(owing)
    agreement = owing.agreement
    owing.tell(sale(agreement, "A", paid="5000.00", sold="2026-02-01"), receipt(agreement, "A", "2026-02-20"))
    owing.settle("2026-03-15")
    assert owing.statement("streamer").content["payable_minor"] > 30_000
    assert balance(owing.log.engine, owing.account("streamer", "receivable")) == 0


def test_what_is_written_off_while_a_run_is_computed_is_not_repaid_by_it(owing: World) -> None:
    agreement = owing.agreement
    owing.tell(sale(agreement, "A", paid="5000.00"), receipt(agreement, "A", "2026-03-02"))

    def meanwhile(what: str, _done: int, _total: int) -> None:
        if what == "computed":
            _proposed(owing, 30_000)
            _confirmed(owing)

    with pytest.raises(SettlementRefused, match=r"streamer\.receivable was moved while the run was computed"):
        settle(
            owing.log, owing.agreements, instant("2026-04-01"), data=owing.data, asserter="platform",
            progress=meanwhile,
        )  # fmt: skip
    owing.settle("2026-04-01")
    assert balance(owing.log.engine, owing.account("streamer", "receivable")) == 0
