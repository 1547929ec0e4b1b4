"""Foreign sums settled by runs at recorded rates, exactly, as the clause says; held without one."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.accounts import Account
from ledger.entries import Group, NewEntry, Posting
from ledger.fx.books import Conversion, convert_sum
from ledger.fx.books import Terms as FxTerms
from ledger.fx.rates import record_rate
from ledger.log import Log
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.classes import class_sums
from policies.errors import AgreementRejected
from policies.loading import load_agreement
from tests.due_world import said
from tests.settlement_world import PLAIN, World, instant

CLAUSE = """
  - id: "31.1"
    kind: fx
    holder: platform
    toward: brand
    source: {zh: 中国人民银行中间价, en: central parity}
    band: 3%
    falls_due:
      by: case
      rates:
        rate_at_sale: {of: USD, source: pboc, on: occurred_on}
        rate_at_settlement: {of: USD, source: pboc, on: decided_at}
"""


@pytest.fixture
def abroad(engine: Engine, tmp_path: Path) -> World:
    """A log under an agreement whose foreign sums fall due case by case; 10,000 dollars of 2 March."""
    world = World(Log(engine), tmp_path / "data", [load_agreement(PLAIN + CLAUSE, name="abroad.yaml")])
    world.tell(said(world.agreement, "brand", "2026-03-02T12:00:00", "S-1", "31.1", foreign_sum="10000"))
    return world


def _rate(world: World, text: str, at: str, source: str = "pboc") -> int:
    return record_rate(
        world.log, "USD", "CNY", text, source=source, at=instant(at), agreement=world.agreement.ref,
        readers=("brand", "platform"), by="platform",
    )  # fmt: skip


def _dues(world: World) -> dict[str, int]:
    return {one["leg"]: one["amount_minor"] for one in world.statement("brand").content.get("dues", ())}


def test_a_foreign_sum_is_settled_at_the_rate_of_its_day_and_what_lies_beyond_the_band_is_shared(
    abroad: World,
) -> None:
    first = _rate(abroad, "7.1234", "2026-03-02T09:15:00")
    _rate(abroad, "9.9999", "2026-03-03T09:15:00", source="somebody-else")
    abroad.settle("2026-03-10")
    assert _dues(abroad) == {"fx_settlement": 7_123_400}
    (due,) = abroad.statement("brand").content["dues"]
    assert due["figures"]["rate_at_sale"] == "7.1234"
    assert first in due["entries"], "the rate is one of the facts that the due names"
    (stated,) = class_sums(abroad.statement("brand").content, abroad.agreement)
    assert (stated.name, stated.amount_minor, stated.figures) == ("fx", 7_123_400, ("/dues/0",))
    _rate(abroad, "7.40", "2026-04-01T09:15:00")
    abroad.settle("2026-04-02")
    assert _dues(abroad) == {"fx_adjustment": 31_449}, "half of 10,000 x (7.40 - 7.1234 x 1.03)"
    abroad.settle("2026-04-03")
    assert _dues(abroad) == {}
    assert rebuild_statements(abroad.log, abroad.agreements, data=abroad.data).runs == 3


def test_without_a_rate_the_due_is_held_by_name_until_one_is_recorded(abroad: World) -> None:
    abroad.settle("2026-03-10")
    (held,) = abroad.statement("brand").content["held_dues"]
    assert (held["because"], held["facts"]) == ("missing", ["rate_at_sale", "rate_at_settlement"])
    _rate(abroad, "50000/7021", "2026-03-02T09:15:00")
    abroad.settle("2026-03-11")
    assert _dues(abroad) == {"fx_settlement": 7_121_493}, "10,000 x 50000/7021, rounded once"


def test_a_rate_corrected_for_its_instant_moves_the_difference_and_a_later_one_nothing(
    abroad: World,
) -> None:
    _rate(abroad, "7.10", "2026-03-02T09:15:00")
    abroad.settle("2026-03-10")
    _rate(abroad, "7.11", "2026-03-02T09:15:00")
    _rate(abroad, "7.12", "2026-03-04T09:15:00")
    abroad.settle("2026-03-11")
    assert _dues(abroad) == {"fx_settlement": 10_000}


def test_what_a_party_says_of_a_rate_takes_no_recorded_rates_place(abroad: World) -> None:
    _rate(abroad, "7.10", "2026-03-02T09:15:00")
    abroad.tell(said(abroad.agreement, "brand", "2026-03-03", "S-1", "31.1", rate_at_sale="9.99"))
    abroad.settle("2026-03-10")
    assert _dues(abroad) == {"fx_settlement": 7_100_000}


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ("of: USD, source: pboc, on: occurred_on", "of: CNY, source: pboc, on: occurred_on", "due.rate-home"),
        ("rate_at_sale: {of", "foreign_sum: {of", "due.rate-fact"),
        ("on: decided_at", "on: foreign_sum", "formula.invalid"),
    ],
)
def test_rates_that_do_not_fit_are_refused_by_name(was: str, now: str, code: str) -> None:
    with pytest.raises(AgreementRejected) as refused:
        load_agreement(PLAIN + CLAUSE.replace(was, now), name="abroad.yaml")
    assert code in {one.code for one in refused.value.findings}


def test_a_converted_sum_stands_on_the_next_statement(abroad: World) -> None:
    _rate(abroad, "7.1234", "2026-03-02T09:15:00")
    agreement = abroad.agreement
    owed = tuple(
        Posting(owner=owner, purpose=purpose, agreement=agreement.id, currency="USD", amount_minor=amount,
                clause="6.1", kind="leg")
        for owner, purpose, amount in (("mcn", "balance", 10_000), ("consumers", "payment", -10_000))
    )  # fmt: skip
    abroad.tell(
        NewEntry(
            source="tests",
            id="dollars",
            kind="fact.stated",
            occurred_at=instant("2026-03-03"),
            asserter="platform",
            agreement=agreement.ref,
            groups=(Group("fact", ("mcn",), {}, owed),),
        )
    )
    terms = FxTerms(agreement=agreement.ref, home="CNY", bearer="platform", source="pboc", clause="31.1")
    account = Account("mcn", agreement.id, "balance", "USD")
    wanted = Conversion(id="C-1", account=account, amount_minor=10_000, into="CNY")
    convert_sum(abroad.log, terms, wanted, at=instant("2026-03-05"), by="platform")
    abroad.settle("2026-03-10")
    content = abroad.statement("mcn").content
    assert [(one["kind"], one["amount_minor"]) for one in content["adjustments"]] == [("fx_taken", 71_234)]
    assert content["payable_minor"] == 71_234
    abroad.settle("2026-03-12")
    assert abroad.statement("mcn").content["adjustments"] == []
