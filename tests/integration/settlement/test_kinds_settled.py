"""Guarantees, ROI, deposits and penalties through runs: each named kind's own figures, dated and posted once.

The season of tests/due_world.py has the other kinds that fall due. What a clause comes to in a decision is
tested by the kind's own cases.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.accounts import balance, balances
from ledger.entries import NewEntry
from ledger.log import Log
from ledger.settlement.rebuild import rebuild_statements
from ledger.settlement.recorded_facts import FactsGiven, facts_entry
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.settlement_world import PLAIN, World, instant, receipt, refund, sale

REFUNDED = '  refunded: {type: money, of: order, default: "0.00", text: {zh: 已退, en: refunded}}\nclauses:\n'


@dataclass(frozen=True)
class Settled:
    """A clause, what is recorded for it, and what each run posts under it to one party, by cut-off."""

    clause: str
    party: str
    dues: dict[str, dict[str, int]]
    recorded: tuple[dict[str, str], ...] = ()


CASES = {
    "guarantee": Settled(
        """
  - id: "4.1"
    kind: guarantee
    holder: streamer
    toward: brand
    guaranteed: 400_000.00
    shortfall_rate: 10%
    cap: 50_000.00
    falls_due: {on: 2026-04-15, facts: {valid_sales: sum(paid - refunded for orders)}}
""",
        "brand",
        # 10% of the 20,000.00 that 380,000.00 fall short; what is refunded after the count changes nothing
        {"2026-04-14": {}, "2026-04-15": {"guarantee_compensation": 200_000}, "2026-05-15": {}},
    ),
    "roi": Settled(
        """
  - id: "4.2"
    kind: roi
    holder: mcn
    toward: brand
    fee: 20_000.00
    ratio: "25"
    returns_limit: 5%
    falls_due:
      on: add_days(session_on, 45)
      facts: {gross_sales: sum(paid for orders), returned_sales: sum(refunded for orders)}
""",
        "brand",
        # 380,000.00 of 500,000.00 reached; 40,000.00 of 420,000.00 came back, 5% may
        {"2026-04-14": {}, "2026-04-15": {"roi_refund": 480_000, "returns_refund": 90_476}, "2026-05-15": {}},
        ({"session_on": "2026-03-01"},),
    ),
    "deposit": Settled(
        """
  - id: "8.1"
    kind: deposit
    holder: platform
    toward: brand
    tiers: [{upto: 50_000.00, amount: 500.00}, {upto: 100_000.00, amount: 2_000.00}, {amount: 5_000.00}]
    return_days: "30"
    falls_due: {by: month, facts: {deposit_held: balance.brand.deposit, month_sales: sum(paid for orders)}}
""",
        "brand",
        # topped up for the 320,000.00 of March, given back once 30 days have passed since the end of April
        {
            "2026-04-01": {"deposit_top_up": -500_000},
            "2026-05-15": {},
            "2026-06-01": {"deposit_return": 500_000},
        },
        ({"about": "2026-05", "ended": "true", "ended_on": "2026-04-30"},),
    ),
    "penalty": Settled(
        """
  - id: "34.1"
    kind: penalty
    holder: brand
    toward: streamer
    breach: days_in_breach > 3
    described: {zh: 样品迟到, en: samples come late}
    daily: 500.00
    falls_due: {by: case}
""",
        "streamer",
        # ten days at 500.00; cured in time the other costs nothing
        {"2026-03-31": {"penalty": 500_000}, "2026-05-15": {}},
        (
            {"clause": "34.1", "about": "S-1", "days_in_breach": "10"},
            {"clause": "34.1", "about": "S-2", "days_in_breach": "20", "cured": "true"},
        ),
    ),
}


def _agreement(kind: str) -> Agreement:
    text = PLAIN.replace("clauses:\n", REFUNDED, 1) + CASES[kind].clause
    return load_agreement(text, name=f"{kind}.yaml")


def _told(agreement: Agreement, one: Settled) -> list[NewEntry]:
    """Return three orders, two of March; one is refunded in part, one after every count; and the facts."""
    entries = [
        sale(agreement, "O1", at="2026-03-05", paid="200000.00"),
        receipt(agreement, "O1", "2026-03-08T10:00:00"),
        sale(agreement, "O2", at="2026-03-06", paid="120000.00"),
        receipt(agreement, "O2", "2026-03-20T10:00:00"),
        refund(agreement, "O2", "40000.00", "2026-03-30T10:00:00"),
        sale(agreement, "O3", at="2026-03-28", paid="100000.00"),
        receipt(agreement, "O3", "2026-04-10T10:00:00"),
        refund(agreement, "O3", "50000.00", "2026-04-20T10:00:00"),
    ]
    for facts in one.recorded:
        names = {name: text for name, text in facts.items() if name not in {"about", "clause"}}
        given = FactsGiven(names, (), facts.get("about"), facts.get("clause"))
        at = instant("2026-03-10")
        entries.append(facts_entry(agreement, given, source="tests", asserter="brand", occurred_at=at))
    return entries


def _world(kind: str, engine: Engine, data: Path) -> World:
    world = World(Log(engine), data, [_agreement(kind)])
    world.tell(*_told(world.agreement, CASES[kind]))
    return world


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_settles_its_figures_on_their_day_and_once(
    engine: Engine, tmp_path: Path, kind: str
) -> None:
    world, one = _world(kind, engine, tmp_path / "data"), CASES[kind]
    for cutoff, dues in one.dues.items():
        world.settle(cutoff)
        content = world.statement(one.party).content
        found: dict[str, int] = defaultdict(int)
        for row in content.get("dues", ()):
            found[row["leg"]] += row["amount_minor"]
        assert found == dues, cutoff
        assert content.get("held_dues", []) == []
    assert rebuild_statements(world.log, world.agreements, data=world.data).runs == len(one.dues)
    assert sum(balances(world.log.engine, agreement=world.agreement.id).values()) == 0
    if kind == "deposit":
        assert balance(world.log.engine, world.account("brand", "deposit")) == 0


@pytest.mark.parametrize("kind", CASES)
def test_months_of_each_kind_come_to_what_all_at_once_comes_to(
    engine_pair: tuple[World, World], tmp_path: Path, kind: str
) -> None:
    monthly, at_once = engine_pair
    cutoffs = list(CASES[kind].dues)
    for world in engine_pair:
        world.agreements = [_agreement(kind)]
        world.tell(*_told(world.agreement, CASES[kind]))
    for cutoff in cutoffs:
        monthly.settle(cutoff)
    at_once.settle(cutoffs[-1], engine="exact")
    assert balances(monthly.log.engine) == balances(at_once.log.engine)
