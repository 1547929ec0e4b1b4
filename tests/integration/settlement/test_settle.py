"""Runs written into a log: the worked cases to the cent, once only, each party seeing its own."""

from __future__ import annotations

import shutil

import pytest

from ledger.accounts import balance, balances
from ledger.entries import NewEntry
from ledger.errors import EntryConflict, ErasureRefused
from ledger.settlement.errors import SettlementDiffers, SettlementRefused, StatementUnknown
from ledger.settlement.issue import settle
from ledger.settlement.rebuild import rebuild_statements
from ledger.settlement.runs import RUN_GROUP, last_run
from ledger.statements.lines import ndjson
from ledger.statements.reading import list_statements, read_statement
from ledger.triggers import drop_triggers
from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from tests.decided import post_decision
from tests.settlement_world import World, instant, plain, receipt, refund, sale

FACTS = {"paid": "299.00", "freight": "10.00", "platform_coupon": "20.00"}

D01_POSTINGS = [
    ("platform.subsidy", "escrow", 2_000_000, "platform_coupon"),
    ("escrow", "platform.tech_fee", 1_595_000, "tech_service_fee"),
    ("escrow", "platform.alliance_fee", 618_000, "alliance_service_fee"),
    ("escrow", "platform.leader_fee", 62_000, "leader_platform_fee"),
    ("escrow", "mcn.balance", 1_669_000, "mcn_share"),
    ("escrow", "streamer.balance", 3_893_000, "streamer_share"),
    ("escrow", "leader.balance", 556_000, "leader_service_fee_net"),
    ("escrow", "brand.balance", 23_507_000, "merchant_net"),
]
"""The settlement postings of the case about the order of the commission split: 1,000 orders, clause 6.2."""


def _thousand_orders(season: World) -> list[NewEntry]:
    agreement = season.agreement
    return [
        entry
        for number in range(1000)
        for entry in (
            sale(agreement, f"A{number:04}", **FACTS),
            receipt(agreement, f"A{number:04}", "2026-03-02T18:00:00"),
        )
    ]


def _sold(world: World, order: str, paid: str, confirmed: str, at: str = "2026-02-20") -> None:
    world.tell(sale(world.agreement, order, at=at, paid=paid), receipt(world.agreement, order, confirmed))


def test_a_thousand_orders_give_exactly_the_postings_of_the_case_and_empty_the_escrow(season: World) -> None:
    season.tell(*_thousand_orders(season))
    report = season.settle("2026-03-17")
    posted = [
        (posting["account"], posting["amount_minor"], posting["kind"])
        for group in season.log.groups(report.seq)
        for posting in group.postings
    ]
    wanted = []
    for source, target, amount, kind in D01_POSTINGS:
        for account, sign in ((source, -1), (target, 1)):
            wanted.append(("escrow.balance" if account == "escrow" else account, sign * amount, kind))
    assert sorted(posted) == sorted(wanted)
    assert balance(season.log.engine, season.account("escrow")) == 0
    assert {one.party: one.payable_minor for one in report.statements} == {
        "brand": 23_507_000,
        "leader": 556_000,
        "mcn": 1_669_000,
        "platform": 1_595_000 + 618_000 + 62_000 - 2_000_000,
        "streamer": 3_893_000,
    }


def test_settling_again_up_to_the_same_cutoff_adds_nothing(season: World) -> None:
    season.tell(*_thousand_orders(season)[:20])
    first = season.settle("2026-03-17")
    size = season.log.size()
    season.tell(refund(season.agreement, "A0001", "9.00", "2026-03-10"))
    again = season.settle("2026-03-17")
    assert (again.repeated, again.seq, again.statements) == (True, first.seq, first.statements)
    assert season.log.size() == size + 1


def test_a_refund_after_payout_is_carried_forward_and_recovered_from_the_next_settlement(
    world: World,
) -> None:
    _sold(world, "one", "1000.00", "2026-03-01")
    world.settle("2026-03-16")
    assert world.statement("streamer").content["payable_minor"] == 12_600
    # a line that leaves the streamer exactly 30.00 to take the refund from
    _sold(world, "small", "238.10", "2026-03-10")
    world.tell(refund(world.agreement, "one", "400.00", "2026-03-21"))
    _sold(world, "two", "1000.00", "2026-03-20")
    world.settle("2026-03-31")
    taken_back = {
        total["leg"]: total["amount_minor"]
        for party in ("platform", "mcn", "streamer", "brand")
        for total in world.statement(party).content["totals"]
        if total["kind"] == "reversed"
    }
    assert taken_back == {
        "tech_fee": -2_000,
        "alliance_fee": -800,
        "mcn_share": -2_160,
        "streamer_share": -5_040,
        "merchant_net": -30_000,
    }
    owed = world.statement("streamer").content
    assert (owed["closing_minor"], owed["payable_minor"]) == (3_000 - 5_040, 0)
    assert owed["carried_forward_minor"] == -2_040
    world.settle("2026-04-30")
    recovered = world.statement("streamer").content
    assert recovered["opening_minor"] == -2_040
    assert recovered["payable_minor"] == 12_600 - 2_040 == 10_560
    assert recovered["previous"] == owed["statement"]


def test_an_order_refunded_in_full_before_settlement_is_earned_and_reversed_in_one_run(world: World) -> None:
    _sold(world, "A", "100.01", "2026-03-01")
    world.tell(refund(world.agreement, "A", "100.01", "2026-03-05"))
    world.settle("2026-04-01")
    for party in ("brand", "mcn", "platform", "streamer"):
        content = world.statement(party).content
        assert {total["kind"] for total in content["totals"]} == {"earned", "reversed"}
        assert content["closing_minor"] == 0
    left = {account: amount for account, amount in balances(world.log.engine).items() if amount}
    assert left == {}


def test_month_by_month_leaves_every_account_as_one_run_does(engine_pair: tuple[World, World]) -> None:
    months, once = engine_pair
    for world in engine_pair:
        for number in range(12):
            _sold(world, f"A{number}", f"{100 + number}.07", f"2026-03-{10 + number}", at="2026-02-20")
            world.tell(
                refund(world.agreement, f"A{number}", f"{10 * number + 1}.03", f"2026-04-{1 + number:02}")
            )
    for cutoff in ("2026-03-28", "2026-04-05", "2026-04-30", "2026-06-01"):
        months.settle(cutoff)
    once.settle("2026-06-01")
    assert balances(months.log.engine) == balances(once.log.engine)


def test_both_engines_write_the_same_entries(engine_pair: tuple[World, World]) -> None:
    contents: list[list[object]] = []
    for world, engine in zip(engine_pair, ("columns", "exact"), strict=True):
        _sold(world, "A", "99.99", "2026-03-01")
        world.tell(refund(world.agreement, "A", "33.33", "2026-03-20"))
        world.settle("2026-03-17", engine=engine)
        world.settle("2026-04-17", engine=engine)
        run = last_run(world.log, world.agreement.id)
        assert run is not None
        opened = [group.opened for group in world.log.groups(run.seq)]
        contents.append([*opened, *(one.content for one in list_statements(world.log))])
    assert contents[0] == contents[1]


def test_a_period_once_settled_is_closed(world: World) -> None:
    _sold(world, "A", "1.00", "2026-03-01")
    world.settle("2026-04-01")
    with pytest.raises(SettlementRefused, match="choose a later cut-off"):
        world.settle("2026-03-31")


def _newer(from_day: str) -> Agreement:
    return plain(
        was_1="version: 1", now_1="version: 2", was_2="20% * paid", now_2="30% * paid",
        was_3="2026-02-01", now_3=from_day,
    )  # fmt: skip


def test_a_version_that_reaches_back_into_what_was_settled_without_it_is_refused(world: World) -> None:
    _sold(world, "A", "100.00", "2026-03-02", at="2026-03-01")
    world.settle("2026-03-20")
    size = world.log.size()
    world.agreements.append(_newer("2026-03-01"))
    with pytest.raises(SettlementRefused, match="takes effect on 2026-03-01, but run 1 settled up to 2026"):
        world.settle("2026-04-20")
    assert world.log.size() == size
    world.agreements[1:] = [_newer("2026-03-21")]
    assert world.settle("2026-04-20").number == 2


def test_a_run_without_a_version_that_the_last_one_had_is_refused(world: World) -> None:
    _sold(world, "A", "100.00", "2026-03-02")
    world.settle("2026-03-20")
    world.agreements[:] = [_newer("2026-04-01")]
    with pytest.raises(SettlementRefused, match="settle with every signed version"):
        world.settle("2026-04-20")


def test_who_joins_with_a_later_version_is_told_of_no_order_before_it(world: World) -> None:
    world.tell(sale(world.agreement, "lacking"), receipt(world.agreement, "lacking", "2026-03-01"))
    joined = plain(
        was_1="version: 1", now_1="version: 2", was_2="2026-02-01", now_2="2026-03-10",
        was_3="payees:", now_3="  newcomer: {id: newcomer, role: leader, name: {zh: 新, en: New}}\npayees:",
    )  # fmt: skip
    world.agreements.append(joined)
    report = world.settle("2026-03-20")
    assert report.content["held"] == {"lines": 1}
    read = {party: world.log.groups(report.seq, party) for party in ("newcomer", "platform")}
    assert [group.name for group in read["newcomer"]] == [RUN_GROUP]
    assert b"lacking" not in (read["newcomer"][0].opened or b"")
    (kept,) = [group for group in read["platform"] if group.name == "escrow"]
    assert kept.content["held"] == [{"order": "lacking", "line": "1", "reason": "facts"}]


def test_sums_beyond_what_a_posting_holds_are_refused_with_what_to_do(world: World) -> None:
    for order in ("A", "B"):
        _sold(world, order, "90071992547409.91", "2026-03-01")
    with pytest.raises(SettlementRefused, match=r"sums to .* settle a shorter period"):
        world.settle("2026-03-20")
    assert last_run(world.log, "plain-split") is None


def test_the_same_cutoff_in_the_hour_that_a_clock_repeats_adds_nothing(world: World) -> None:
    world.agreements[:] = [plain(was_1="Asia/Shanghai", now_1="America/New_York")]
    _sold(world, "A", "100.00", "2026-03-01")
    first = world.settle("2026-11-01T14:30:00")
    assert first.content["cutoff"] == "2026-11-01T01:30:00-05:00"
    assert world.settle("2026-11-01T14:30:00").repeated


def test_a_line_told_late_settles_in_the_open_period(world: World) -> None:
    _sold(world, "A", "1.00", "2026-03-01")
    world.settle("2026-04-01")
    _sold(world, "B", "2.00", "2026-03-02")
    assert world.settle("2026-05-01").content["lines"] == 1
    assert world.statement("brand").content["lines"]["count"] == 1


def test_two_runs_at_once_cannot_both_be_written(world: World) -> None:
    _sold(world, "A", "1.00", "2026-03-01")

    def overtaken(what: str, _done: int, _total: int) -> None:
        if what == "computed":
            world.settle("2026-03-20")

    size = world.log.size()
    with pytest.raises(EntryConflict):
        settle(
            world.log,
            world.agreements,
            instant("2026-04-01"),
            data=world.data,
            asserter="platform",
            progress=overtaken,
        )
    assert world.log.size() == size + 5
    assert world.settle("2026-04-01").number == 2


def test_line_files_are_rebuilt_from_the_log_to_the_same_statements(world: World) -> None:
    _sold(world, "A", "100.00", "2026-03-01")
    world.tell(refund(world.agreement, "A", "40.00", "2026-03-20"))
    world.settle("2026-03-17")
    world.settle("2026-04-17")
    before = {one.id: ndjson(world.store.read(one.root)) for one in list_statements(world.log)}
    shutil.rmtree(world.data)
    rebuilt = rebuild_statements(world.log, world.agreements, data=world.data, engine="exact")
    assert (rebuilt.runs, rebuilt.statements) == (2, 8)
    assert {one.id: ndjson(world.store.read(one.root)) for one in list_statements(world.log)} == before


def test_rebuilding_with_another_document_or_without_its_version_is_refused(world: World) -> None:
    _sold(world, "A", "100.00", "2026-03-01")
    world.settle("2026-03-17")
    with pytest.raises(SettlementRefused, match="differs"):
        rebuild_statements(world.log, [plain(was_1="30% *", now_1="31% *")], data=world.data)


def test_rebuilding_from_altered_facts_names_the_statement_that_differs(world: World) -> None:
    _sold(world, "B", "5.00", "2026-03-01")
    world.settle("2026-03-17")
    with world.log.engine.begin() as connection:
        drop_triggers(connection, ["line_event"])
        connection.exec_driver_sql("DELETE FROM line_event WHERE event = 'receipt'")
    with pytest.raises(SettlementDiffers, match="differs"):
        rebuild_statements(world.log, world.agreements, data=world.data)


def test_a_refund_once_counted_cannot_be_erased_and_then_taken_back_twice(world: World) -> None:
    _sold(world, "A", "100.00", "2026-03-01")
    world.tell(refund(world.agreement, "A", "40.00", "2026-03-10"))
    world.settle("2026-03-20")
    for seq in range(3):
        with pytest.raises(ErasureRefused, match="what was settled"):
            world.log.erase(seq, "order", reason="r", asserter="platform", source="t", id=str(seq))
    world.tell(refund(world.agreement, "A", "100.00", "2026-03-25"))
    world.settle("2026-04-20")
    assert not any(balances(world.log.engine).values())


def test_a_party_reads_its_own_statement_and_postings_and_no_others(world: World) -> None:
    _sold(world, "A", "100.00", "2026-03-01")
    report = world.settle("2026-03-17")
    mine = world.statement("mcn")
    assert [one.party for one in list_statements(world.log, party="mcn")] == ["mcn"]
    assert read_statement(world.log, mine.id, party="mcn") == mine
    with pytest.raises(StatementUnknown):
        read_statement(world.log, mine.id, party="brand")
    with pytest.raises(StatementUnknown):
        read_statement(world.log, "plain-split.1.9")
    seen = world.log.groups(report.seq, "mcn")
    assert {posting["account"] for group in seen for posting in group.postings} == {"mcn.balance"}
    leaves = b"".join(world.log.entry(seq).leaf for seq in range(report.seq, world.log.size()))
    assert b"mcn" not in leaves


def test_a_decision_moves_accounts_once_and_stands_on_the_next_statement(world: World) -> None:
    _sold(world, "A", "1000.00", "2026-03-01")
    world.settle("2026-03-16")
    decision = {
        "clauses": ["9.2"],
        "postings": [
            {"from": "brand.balance", "to": "consumers(12000)", "amount_minor": 30_000, "currency": "CNY",
             "kind": "price_difference", "phase": "decision", "status": "settled"},
            {"from": "brand.balance", "to": "streamer.balance", "amount_minor": 500, "currency": "CNY",
             "kind": "liquidated_damages", "phase": "decision", "status": "settled"},
        ],
    }  # fmt: skip
    for _ in range(2):
        report = post_decision(
            world.log,
            world.agreement,
            case="case-1",
            decision=decision,
            decided_at=instant("2026-03-18"),
            asserter="platform",
            parties=["brand", "streamer"],
            clause="9.2",
        )
    assert report.repeated
    assert balance(world.log.engine, world.account("consumers")) == 30_000
    world.settle("2026-04-01")
    world.settle("2026-05-01")
    brand = list_statements(world.log, party="brand")
    assert brand[0].content["adjustments"] == []
    assert [(one["clause"], one["kind"], one["amount_minor"]) for one in brand[1].content["adjustments"]] == [
        ("9.2", "liquidated_damages", -500),
        ("9.2", "price_difference", -30_000),
    ]
    assert brand[0].content["carried_forward_minor"] == -30_500
    assert world.log.groups(report.repeated[0], "mcn") == []


def test_statements_and_runs_hold_what_the_reference_says(world: World) -> None:
    _sold(world, "A", "100.00", "2026-03-01")
    world.settle("2026-03-16")
    content = world.statement("streamer").content
    assert content == {
        "statement": "plain-split.1.4",
        "agreement": "plain-split",
        "versions": [{"version": 1, "sha256": world.agreement.sha256}],
        "party": "streamer",
        "period": {"from": "2026-02-01T00:00:00+08:00", "to": "2026-03-16T00:00:00+08:00"},
        "cutoff": "2026-03-16T00:00:00+08:00",
        "as_of_seq": 2,
        "currency": "CNY",
        "opening_minor": 0,
        "totals": [
            {"clause": "6.1", "leg": "streamer_share", "kind": "earned", "amount_minor": 1260, "lines": 1}
        ],
        "adjustments": [],
        "closing_minor": 1260,
        "payable_minor": 1260,
        "carried_forward_minor": 0,
        "lines": {"count": 1, "root": content["lines"]["root"]},
        "previous": None,
    }
    run = last_run(world.log, "plain-split")
    assert run is not None
    assert {group.name for group in world.log.groups(run.seq)} == {
        RUN_GROUP, "party.1", "party.2", "party.3", "party.4", "escrow", "concerns"
    }  # fmt: skip
    assert ndjson(world.store.read(content["lines"]["root"])).encode() == (
        canonical_bytes(
            {
                "order": "A", "line": "1", "clause": "6.1", "leg": "streamer_share", "kind": "earned",
                "amount_minor": 1260, "version": 1, "entries": [0, 1],
            }
        )
        + b"\n"
    )  # fmt: skip
