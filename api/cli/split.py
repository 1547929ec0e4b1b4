"""`tallystick split`: the exact split of every order line of a file, with no database."""

from __future__ import annotations

import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, Self

import click

from api.cli.output import json_option, money, read_agreement, readable_file, say
from api.office.tables import REQUIRED, Row, read_rows
from policies.agreement import Agreement
from policies.errors import FactError, did_you_mean
from policies.facts import order_facts
from policies.links import Linked, link_agreements
from policies.splits.chain import ChainSplit, party_ids, split_chain
from policies.splits.line import LineSplit, SplitPlan, split_plan

SPOOLED_CHARACTERS = 16 * 1024 * 1024


@click.command()
@click.argument("agreements", nargs=-1, required=True, type=readable_file)
@click.argument("orders", type=readable_file)
@click.option("--as", "party", metavar="PARTY", help="Show the documents that this party signs, no other.")
@json_option
def command(agreements: tuple[Path, ...], orders: Path, party: str | None, as_json: bool) -> None:
    """Split every line of ORDERS (CSV or Parquet) under AGREEMENTS, ignoring refunds and eligibility.

    Several AGREEMENTS are a deal of linked documents: a leg of one may be the whole of the next. ORDERS has
    the columns order, line, currency, paid and confirmed_at; every other column is the fact of that name.
    Amounts are decimal text in major units, such as 299.00. Nothing is printed unless every line splits.
    """
    read = [read_agreement(path) for path in agreements]
    if len(read) == 1 and party is None:
        _split_one(split_plan(read[0]), orders, as_json=as_json)
    else:
        _split_linked(link_agreements(read), orders, party, as_json=as_json)


# ---- one document


def _split_one(plan: SplitPlan, orders: Path, *, as_json: bool) -> None:
    totals: dict[str, int] = defaultdict(int)
    currency = plan.agreement.currency
    with _Report(as_json=as_json) as report:
        for row, split in _splits(plan, orders):
            for leg in split.legs.values():
                totals[leg.party] += leg.amount_minor
            report.line({"order": row["order"], "line": row["line"], "legs": _legs(split)})
        report.end(plan.agreement.ref, totals, currency)


def _splits(plan: SplitPlan, orders: Path) -> Iterator[tuple[Row, LineSplit]]:
    read = plan.fact_names()
    for where, row in _rows(orders, plan.agreement.currency):
        try:
            yield row, plan.split(order_facts(plan.agreement, row, where=where, only=read))
        except FactError as fault:
            raise FactError(
                fault.message, where=fault.where if fault.where != plan.clause.id else where
            ) from None


# ---- documents that feed each other


def _split_linked(linked: Linked, orders: Path, party: str | None, *, as_json: bool) -> None:
    root = _root(linked)
    shown = _shown(linked, party)
    totals: dict[str, int] = defaultdict(int)
    with _Report(as_json=as_json) as report:
        for row, split in _chain_splits(linked, root, orders):
            for owner, amount in split.net(shown).items():
                totals[owner] += amount
            parts = {
                ref: {"whole_minor": one.whole.posted, "legs": _legs(one)}
                for ref, one in split.splits.items()
                if ref in shown
            }
            report.line({"order": row["order"], "line": row["line"], "agreements": parts})
        refs = [one.ref for one in linked.chain(root) if one.ref in shown]
        report.end(" → ".join(refs), totals, root.currency)


def _root(linked: Linked) -> Agreement:
    roots = linked.roots()
    if len(roots) != 1:
        names = ", ".join(one.ref for one in roots) or "none"
        raise FactError(f"one of the documents must split the order itself; these do: {names}")
    return roots[0]


def _shown(linked: Linked, party: str | None) -> frozenset[str]:
    """Return the versions that a party, by its id or by its key in them, signs; all where none is named."""
    if party is None:
        return frozenset(one.ref for one in linked.agreements)
    found = frozenset(
        one.ref for one in linked.agreements if party in {*one.parties, *party_ids(one)} and one.commission
    )
    if not found:
        known = {key for one in linked.agreements for key in one.parties}
        raise FactError(f"'{party}' signs none of these documents{did_you_mean(party, known)}", where="--as")
    return found


def _chain_splits(linked: Linked, root: Agreement, orders: Path) -> Iterator[tuple[Row, ChainSplit]]:
    plans = {one.ref: split_plan(one) for one in linked.chain(root)}
    for where, row in _rows(orders, root.currency):
        facts = {
            ref: order_facts(plan.agreement, row, where=where, only=plan.fact_names())
            for ref, plan in plans.items()
        }
        try:
            yield row, split_chain(linked, root, facts)
        except FactError as fault:
            raise FactError(f"{fault.message} ({fault.where})", where=where) from None


# ---- rows in, lines out


def _rows(orders: Path, currency: str) -> Iterator[tuple[str, Row]]:
    """Yield each row with its place. Raises FactError for one with no key of its own or another currency."""
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(read_rows(orders, REQUIRED), 1):
        where = f"{orders.name}, row {number}"
        key = (row["order"] or "", row["line"] or "")
        if not all(key):
            raise FactError("every row names its order and line", where=where)
        if key in seen:
            raise FactError(f"order {key[0]}, line {key[1]} stands there twice", where=where)
        seen.add(key)
        if row["currency"] != currency:
            message = f"'{row['currency']}' is not the agreement's currency, {currency}"
            raise FactError(message, where=f"{where}, column currency")
        yield where, row


class _Report:
    """What is printed, held back until every line has split.

    It waits in a file, in memory while it is small: a fault in the last row must not leave half of a JSON
    value behind, nor millions of rows be held.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.count = 0
        self.out = SpooledTemporaryFile(SPOOLED_CHARACTERS, "w+", encoding="utf-8", newline="")  # noqa: SIM115 (closed on exit)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.out.close()

    def line(self, line: dict[str, Any]) -> None:
        if self.as_json:
            self.out.write((",\n" if self.count else "") + json.dumps(line, ensure_ascii=False))
        self.count += 1

    def end(self, under: str, totals: dict[str, int], currency: str) -> None:
        if self.as_json:
            self.out.seek(0)
            sys.stdout.write('{"lines":[')
            shutil.copyfileobj(self.out, sys.stdout)
            sys.stdout.write(f'],"totals":{json.dumps(totals)},"currency":{json.dumps(currency)}}}\n')
            return
        say(f"{self.count} line{'s' * (self.count != 1)} split under {under}, {currency}")
        for party, amount in totals.items():
            say(f"  {party:<16}{money(amount, currency):>20}")
        say(f"  {'the whole':<16}{money(sum(totals.values()), currency):>20}")


def _legs(split: LineSplit) -> dict[str, dict[str, object]]:
    return {name: {"party": leg.party, "amount_minor": leg.amount_minor} for name, leg in split.legs.items()}
