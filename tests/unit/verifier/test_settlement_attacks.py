"""A decision by consent holds as both sides signed it, and whatever else it says or posts is found."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.verifier.bundle_maker import Maker, failing
from verifier import verify


def test_what_both_sides_agreed_holds_as_they_signed_it() -> None:
    maker = Maker()
    maker.settle()
    report = verify(maker.bundle(), maker.trust)
    assert report.exit_code == 0, report.lines()
    (check,) = [check for check in report.checks if check.name == "settlement"]
    assert check.detail.startswith("streamer and brand signed proposal 2 of D-1")
    del maker.decision["settlement"]["payments"]
    assert verify(maker.bundle(), maker.trust).exit_code == 2


PAID = [{"source": "brand.balance", "target": "streamer.balance", "amount": "1.00"}]


@pytest.mark.parametrize(
    "otherwise",
    [
        {"terms": {"payments": PAID}}, {"terms": {"words": "not so"}}, {"dispute": "D-2"}, {"number": 1},
        {"agreement": "autumn-beauty@2"}, {"payments": "nothing"},
    ],
)  # fmt: skip
def test_a_settlement_of_which_the_sides_signed_anything_else_is_found(otherwise: dict[str, Any]) -> None:
    maker = Maker()
    maker.settle(**otherwise)
    assert failing(maker) == {("settlement", "decision.json")}


def resigned(settled: dict[str, Any], *signers: str) -> None:
    other = Maker()
    other.settle(*signers)
    settled["signatures"] = other.decision["settlement"]["signatures"]


def swap_sides(settled: dict[str, Any]) -> None:
    first, second = settled["signatures"]
    first["signature"], second["signature"] = second["signature"], first["signature"]


@pytest.mark.parametrize(
    "change",
    [
        lambda settled: settled.update(payments=PAID),
        lambda settled: settled.update(words="so be it?"),
        lambda settled: settled.update(chain_id=1),
        lambda settled: settled.update(offer=3),
        lambda settled: settled["signatures"].pop(),
        lambda settled: settled.update(signatures=settled["signatures"][:1] * 2),
        lambda settled: settled["signatures"][1].update(side="claimant"),
        lambda settled: resigned(settled, "streamer", "streamer"),  # one for both sides
        lambda settled: resigned(settled, "streamer", "mcn"),  # who pays has not signed
        swap_sides,
    ],
)
def test_a_settlement_that_is_bent_after_it_was_signed_is_found(change: Any) -> None:
    maker = Maker()
    maker.settle()
    change(maker.decision["settlement"])
    assert failing(maker) == {("settlement", "decision.json")}


@pytest.mark.parametrize(
    "change",
    [
        lambda posted: posted[1].update(amount_minor=120_051),
        lambda posted: posted[1].update(account="mcn-co.balance"),
        lambda posted: posted[0].update(currency="USD"),
        lambda posted: posted[0].update(agreement="another"),
        lambda posted: posted.append(posted[0] | {"account": "mcn-co.balance"}),
        list.pop,
    ],
)
def test_a_settlement_that_posts_anything_else_is_found(change: Any) -> None:
    maker = Maker()
    maker.settle()
    change(maker.posted_by_decision)
    assert failing(maker) == {("settlement", "decision.json")}
