"""`tallystick splitter`: a plan as a counterparty reads it, and an order file asked about line by line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.contract import reverted
from policies.agreement import Agreement
from policies.splits.opinion import AnsweredLine, AskedLine
from policies.splits.own_answer import own_answer
from tests.command_line import AGREEMENT, EXAMPLES, tally

HEADER = "order,line,currency,paid,confirmed_at,freight,platform_coupon,refunded"
ROWS = ("O-1,1,CNY,299.00,2026-03-02,10.00,20.00,0.00", "O-2,1,CNY,99.90,2026-03-02,0.00,0.00,33.33")


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([HEADER, *ROWS, ""]), encoding="utf-8")
    return path


def test_the_plan_is_shown_with_its_digest_the_code_and_what_it_reads(tmp_path: Path) -> None:
    ran = tally(tmp_path, "splitter", AGREEMENT)
    assert ran.code == 0
    digest = "0xe83fb85a9a1fe1482d69c7da24d8b3b86f3137828c80f17c0ff56996f0f14582"
    assert ran.out.startswith(f"plan of head-streamer@1: {digest}\n  for CommissionSplitter ")
    assert "  9 steps, 2 funders, 45 instructions\n  reads freight (money)\n" in ran.out
    shown = tally(tmp_path, "splitter", AGREEMENT, "--json").json
    assert (shown["plan"], shown["facts"][1]) == (digest, {"name": "paid", "type": "money", "parts": 100})
    assert shown["encoded"].startswith("0x")


def test_every_line_of_an_order_file_is_asked_about_with_its_refund(tmp_path: Path, orders: Path) -> None:
    ran = tally(tmp_path, "splitter", AGREEMENT, orders)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "2 lines asked of CommissionSplitter under head-streamer@1, 1 with refunds",
        "  every figure agrees to the unit",
    ]
    first = tally(tmp_path, "splitter", AGREEMENT, orders, "--lines", "1", "--json").json
    assert first == {"agreement": "head-streamer@1", "lines": 1, "refunded": 0, "differing": []}


def test_a_figure_that_differs_is_shown_with_both_amounts_and_exit_code_1(
    tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def otherwise(agreement: Agreement, line: AskedLine) -> AnsweredLine:
        answer = own_answer(agreement, line)
        legs = {**answer.legs, "mcn_share": answer.legs["mcn_share"] + 1}
        return AnsweredLine(answer.whole, answer.refundable, legs, answer.funding, answer.states)

    monkeypatch.setattr("policies.splits.own_answer.own_answer", otherwise)
    ran = tally(tmp_path, "splitter", AGREEMENT, orders)
    assert ran.code == 1
    assert "  order O-1, line 1: mcn_share 16.70, by the contract 16.69\n" in ran.out
    told = tally(tmp_path, "splitter", AGREEMENT, orders, "--json").json["differing"][0]
    assert told == {
        "order": "O-1",
        "line": "1",
        "figures": [{"figure": "mcn_share", "amount_minor": 1670, "by_contract_minor": 1669}],
    }


def test_a_line_that_the_contract_alone_refuses_is_shown_with_its_words(
    tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(_code: bytes) -> Callable[[bytes], bytes]:
        def run(_data: bytes) -> bytes:
            raise reverted("commission_splitter: division by zero")

        return run

    monkeypatch.setattr("contracts.splitter.run_here", refusing)
    ran = tally(tmp_path, "splitter", AGREEMENT, orders)
    assert ran.code == 1
    assert "  order O-2, line 1: the contract refuses it: commission_splitter: division by zero\n" in ran.out
    told = tally(tmp_path, "splitter", AGREEMENT, orders, "--json").json["differing"][0]
    assert told["refused"] == "commission_splitter: division by zero"


def test_what_cannot_be_asked_is_refused_by_name(tmp_path: Path, orders: Path) -> None:
    ran = tally(tmp_path, "splitter", EXAMPLES / "agreements" / "month-ladder.yaml")
    assert ran.code == 2
    assert "the window 'monthly' counts over many lines" in ran.err
    assert "[splitter.not-compiled]" in ran.err
    orders.write_text(f"{HEADER}\nO-1,1,CNY,,2026-03-02,,,\n", encoding="utf-8")
    ran = tally(tmp_path, "splitter", AGREEMENT, orders)
    assert (ran.code, "orders.csv, row 1: 'paid' is missing" in ran.err) == (2, True)
    orders.write_text(f"{HEADER}\nO-1,1,CNY,9.00,2026-03-02,,,x\n", encoding="utf-8")
    assert tally(tmp_path, "splitter", AGREEMENT, orders).code == 2
