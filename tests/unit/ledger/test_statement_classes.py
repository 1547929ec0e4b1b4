"""The class of a statement's figure follows from the names of its clause, leg and posting."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.statements.classes import CLASSES, class_of, class_sums
from policies.agreement import Agreement
from tests.settlement_world import head_streamer


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    return head_streamer()


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ({"clause": "6.2", "leg": "mcn_share", "kind": "earned"}, "earned"),
        ({"clause": "6.2", "leg": "mcn_share", "kind": "reversed"}, "reversed"),
        ({"clause": "6.2", "leg": "mcn_share", "kind": "window"}, "earned"),
        ({"clause": "6.1", "leg": "brand_coupon", "kind": "funded"}, "funded"),
        ({"clause": "6.1", "leg": "brand_coupon", "kind": "returned"}, "funded"),
        ({"clause": "6.1", "leg": "output_vat", "kind": "reversed"}, "tax"),
        ({"clause": "0", "leg": "tax_withheld", "kind": "clause"}, "tax"),
        ({"clause": "0", "leg": "fx_settlement", "kind": "clause"}, "fx"),
        ({"clause": "0", "leg": "guarantee_refund", "kind": "clause"}, "guarantees"),
        ({"clause": "0", "leg": "late_penalty", "kind": "clause"}, "penalties"),
        ({"clause": "0", "leg": "bonus", "kind": "clause"}, "other"),
        ({"clause": "9.1", "leg": "deposit", "kind": "recovery"}, "debts"),
        ({"clause": "9.1", "kind": "liquidated_damages", "seq": 3}, "penalties"),
        ({"clause": "9.1", "kind": "fx_taken", "seq": 3}, "fx"),
        ({"clause": "9.1", "kind": "written_off", "seq": 3}, "debts"),
        ({"clause": "9.1", "kind": "opening_balance", "seq": 3}, "other"),
    ],
)
def test_a_figure_is_classed_by_what_it_is_called(
    agreement: Agreement, part: dict[str, Any], name: str
) -> None:
    assert class_of(part, agreement) == name
    assert name in CLASSES


def test_classes_and_opening_come_to_the_closing_in_the_order_of_classes(agreement: Agreement) -> None:
    content = {
        "opening_minor": -5,
        "totals": [
            {"clause": "6.2", "leg": "mcn_share", "kind": "earned", "amount_minor": 100},
            {"clause": "6.2", "leg": "mcn_share", "kind": "reversed", "amount_minor": -30},
        ],
        "adjustments": [{"clause": "9.1", "kind": "fx_taken", "seq": 3, "amount_minor": 7}],
        "dues": [
            {"clause": "29.1", "leg": "tax_withheld", "kind": "clause", "amount_minor": -20},
            {"clause": "6.2", "leg": "mcn_share", "kind": "window", "amount_minor": 3},
        ],
        "closing_minor": 55,
    }
    found = {one.name: (one.amount_minor, one.figures) for one in class_sums(content, agreement)}
    assert list(found.items()) == [
        ("earned", (103, ("/totals/0", "/dues/1"))),
        ("reversed", (-30, ("/totals/1",))),
        ("tax", (-20, ("/dues/0",))),
        ("fx", (7, ("/adjustments/0",))),
    ]
