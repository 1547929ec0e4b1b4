"""Dues: what a run posts of them is a difference, in postings, digest and statements alike."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from ledger.settlement.books import run_postings
from ledger.settlement.digest import run_digest
from ledger.settlement.dues import Due, Side, since, stated_dues
from ledger.settlement.run import RunResult, result_of
from ledger.settlement.state import Point
from ledger.settlement.terms import read_terms
from ledger.statements.content import Period, RunHeader, statement_content
from tests.settlement_world import book, instant, plain

TERMS = read_terms([plain()])
BRAND = Side("brand.balance", "6.1", "merchant_net", "merchant_net.window")


def due(amount: int, leg: str = "streamer_share", account: str = "streamer", key: str = "May") -> Due:
    payee = Side(account, "6.1", leg, f"{leg}.window")
    return Due(
        TERMS.versions[0],
        "window",
        key,
        payee,
        BRAND,
        amount,
        {"refund": abs(amount)},
        {"volume": "9.00"},
        {"own": "1"},
    )


def run(now: list[Due], before: list[Due]) -> RunResult:
    empty = result_of(book(TERMS, []), TERMS, Point(instant("2026-06-01"), 0), None)
    return replace(empty, dues=since(now, before))


def test_a_run_posts_what_stands_due_less_what_stood_before() -> None:
    result = run([due(500), due(70, "fee", "platform.fee")], [due(300)])
    amounts = {f"{one.owner}.{one.purpose}": one.amount_minor for one in run_postings(result)}
    assert amounts == {"streamer.balance": 200, "platform.fee": 70, "brand.balance": -270}


def test_what_stands_no_more_is_taken_back_and_what_stands_as_before_moves_nothing() -> None:
    (gone,) = run([], [due(300)]).dues
    assert (gone.amount_minor, gone.causes) == (-300, ("refund",))
    assert run([due(300)], [due(300)]).dues == ()


def test_months_one_by_one_post_what_all_at_once_posts() -> None:
    states: list[list[Due]] = [[], [due(10)], [due(-5)], [], [due(7)]]
    posted = sum(
        posting.amount_minor
        for before, now in pairwise(states)
        for posting in run_postings(run(now, before))
        if posting.owner == "streamer"
    )
    assert posted == 7


def test_a_run_names_the_causes_that_changed_since_the_run_before() -> None:
    before = replace(due(1), causes={"refund": 5})
    (move,) = since([replace(due(2), causes={"refund": 5, "late_line": 1})], [before])
    assert move.causes == ("late_line",)
    (move,) = since([replace(due(2), causes={"refund": 5})], [before])
    assert move.causes == ("refund",), "what stands is why, where nothing else changed"


def test_two_dues_for_the_same_between_the_same_accounts_stop_the_run() -> None:
    with pytest.raises(AssertionError, match="twice"):
        since([due(1), due(2)], [])


def test_each_end_reads_its_own_sum_and_only_the_payee_its_own_figures() -> None:
    moves = run([due(500), due(70, "fee", "platform.fee")], [due(300)]).dues
    (brand,) = stated_dues(moves, "brand")
    assert (brand.leg, brand.amount_minor, brand.before_minor) == ("merchant_net", -270, -300)
    assert brand.figures == {"volume": "9.00"}
    (streamer,) = stated_dues(moves, "streamer")
    assert (streamer.amount_minor, streamer.before_minor) == (200, 300)
    assert streamer.figures == {"volume": "9.00", "own": "1"}
    assert stated_dues(moves, "mcn") == ()


def test_a_due_unmoved_beside_one_that_moved_counts_in_what_was_posted_before() -> None:
    moves = run([due(500), due(70, "fee", "platform.fee")], [due(300), due(70, "fee", "platform.fee")]).dues
    (brand,) = stated_dues(moves, "brand")
    assert (brand.amount_minor, brand.before_minor) == (-200, -370)
    assert stated_dues(moves, "platform") == ()


def test_the_digest_covers_dues_and_a_run_without_any_keeps_its_digest() -> None:
    assert run_digest(run([due(5)], [])) != run_digest(run([due(6)], [])) != run_digest(run([], []))
    assert run_digest(run([due(5), due(6, key="June")], [])) == run_digest(
        run([due(6, key="June"), due(5)], [])
    )


def test_a_statement_adds_up_with_its_dues_and_has_no_such_key_without_them() -> None:
    header = RunHeader("plain-split", ((1, "00"),), "CNY", Period("2026-02-01", "2026-03-01"), 9)
    dues = stated_dues(run([due(500)], []).dues, "streamer")
    content = statement_content(header, "s.1.1", "streamer", [], [], (0, "00"), None, dues)
    assert content["closing_minor"] == content["payable_minor"] == 500
    assert content["dues"][0]["causes"] == ["refund"]
    assert "dues" not in statement_content(header, "s.1.1", "streamer", [], [], (0, "00"), None)
