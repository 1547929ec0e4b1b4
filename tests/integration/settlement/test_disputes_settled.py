"""What of each worked dispute is settlement, to the cent: order facts imported, real runs, and statements.

The figures stand beside each dispute, in examples/disputes/*/settlement.yaml; nothing here knows any of them.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from api.office.orders import intake_terms
from ledger.accounts import Account, balance
from ledger.intake import import_file, load_mapping
from ledger.log import Log
from ledger.settlement.accounts import owner_and_purpose
from ledger.settlement.opening import opening_entry
from ledger.settlement.rebuild import rebuild_statements
from ledger.settlement.recorded_facts import FactsGiven, facts_entry
from policies.agreement import Agreement
from policies.loading import load_agreement
from policies.money import to_minor
from policies.source import read_source
from tests.settlement_world import World, instant
from tests.signing import held_as

DISPUTES = Path(__file__).parents[3] / "examples" / "disputes"
FOLDERS = ("D01", "D02", "D03", "D05", "D06", "D08", "D10", "D11", "D13", "D16")
STATED = ("opening", "payable", "carried_forward")


def _plan(folder: str) -> tuple[Agreement, list[dict[str, Any]]]:
    path = DISPUTES / folder / "settlement.yaml"
    plan: dict[str, Any] = read_source(path.read_text(encoding="utf-8"), f"{folder}/settlement.yaml").plain
    document = path.parent / plan["agreement"]
    return load_agreement(document.read_text(encoding="utf-8"), name=document.name), plan["steps"]


def _import(world: World, groups: list[dict[str, str]], path: Path) -> None:
    """Import an order file of groups of alike orders, as a platform would export it at that time."""
    columns = ["order", "line", "currency", *dict.fromkeys(name for group in groups for name in group)]
    columns = list(dict.fromkeys(name for name in columns if name != "count"))
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, columns)
        rows.writeheader()
        for group in groups:
            alike = {name: text for name, text in group.items() if name not in {"count", "order"}}
            for place in range(int(group.get("count", "1"))):
                rows.writerow({"order": f"{group['order']}-{place}", "line": "1", "currency": "CNY", **alike})
    held = held_as(world.agreement, signed=False)
    report = import_file(world.log, path, load_mapping("tallystick-orders"), intake_terms((held,)))
    assert report.clean, (report.rejected, report.conflicts)


def _record(world: World, given: Mapping[str, Any]) -> None:
    agreement = world.agreement
    facts = FactsGiven(given["facts"], (), given.get("about"), given.get("clause"))
    at, by = instant(given["at"]), agreement.party_id(given["party"])
    world.tell(facts_entry(agreement, facts, source=given["source"], asserter=by, occurred_at=at))


def _stated(world: World, party: str) -> dict[str, int]:
    """Return every figure of a party's newest statement by name; none of zero."""
    content = world.statement(party).content
    found: dict[str, int] = defaultdict(int)
    for one in content["totals"]:
        found[f"{one['leg']}.{one['kind']}"] += one["amount_minor"]
    for one in content.get("dues", ()):
        found[f"{one['leg']}.due"] += one["amount_minor"]
    for name in STATED:
        found[name] = content[f"{name}_minor"]
    return {name: amount for name, amount in found.items() if amount}


def _summed(stated: Mapping[str, int]) -> dict[str, int]:
    """Return what a statement says of each leg in all: earned, reversed and made up."""
    found: dict[str, int] = defaultdict(int)
    for name, amount in stated.items():
        if name not in STATED:
            found[name.rpartition(".")[0]] += amount
    return {name: amount for name, amount in found.items() if amount}


def _minor(figures: Mapping[str, str]) -> dict[str, int]:
    return {name: amount for name, text in figures.items() if (amount := to_minor(text, "CNY"))}


def _account(agreement: Agreement, name: str) -> Account:
    owner, purpose = owner_and_purpose(agreement, name)
    return Account(owner, agreement.id, purpose, agreement.currency)


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_dispute_settles_to_the_cent(engine_alone: Engine, tmp_path: Path, folder: str) -> None:
    _settled(engine_alone, tmp_path, folder)


@pytest.mark.parametrize("folder", ["D02", "D06", "D13"])
def test_disputes_settle_alike_on_each_database(engine: Engine, tmp_path: Path, folder: str) -> None:
    _settled(engine, tmp_path, folder)


def _settled(engine: Engine, tmp_path: Path, folder: str) -> None:
    """Go through the steps of a dispute's settlement and hold every figure against its statement."""
    agreement, steps = _plan(folder)
    world = World(Log(engine), tmp_path / "data", [agreement])
    opening = opening_entry(agreement, source="tests", asserter="platform")
    if opening is not None:
        world.tell(opening)
    runs = 0
    for place, step in enumerate(steps):
        if "orders" in step:
            _import(world, step["orders"], tmp_path / f"orders-{place}.csv")
        elif "record" in step:
            _record(world, step["record"])
        else:
            world.settle(step["settle"])
            runs += 1
            for party, figures in step.get("statements", {}).items():
                assert _stated(world, party) == _minor(figures), (step["settle"], party)
            for party, figures in step.get("sums", {}).items():
                assert _summed(_stated(world, party)) == _minor(figures), (step["settle"], party)
            for name, text in step.get("accounts", {}).items():
                there = balance(world.log.engine, _account(agreement, name))
                assert there == to_minor(text, "CNY"), (step["settle"], name)
    assert rebuild_statements(world.log, [agreement], data=world.data).runs == runs


def test_every_worked_dispute_with_a_known_result_is_settled() -> None:
    assert tuple(sorted(path.parent.name for path in DISPUTES.glob("*/settlement.yaml"))) == FOLDERS
