"""`tallystick split`: the exact split of every order line of a file, with no database."""

from __future__ import annotations

import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, Self
from zoneinfo import ZoneInfo

import click

from api.cli.output import json_option, money, read_agreement, readable_file, say
from api.office.tables import Row, order_rows
from policies.agreement import Agreement
from policies.errors import FactError, did_you_mean
from policies.facts import order_facts
from policies.links import Linked, link_agreements
from policies.splits.attribution import Attributed, attribute, attribution_facts
from policies.splits.chain import ChainSplit, party_ids, split_chain
from policies.splits.line import LineSplit, SplitPlan, split_plan
from policies.splits.series import WindowCount
from policies.splits.statements import RunningStatement

SPOOLED_CHARACTERS = 16 * 1024 * 1024

SUSPENSE_SHOWN = 20
"""How many lines in suspense people are shown; all are counted, and JSON holds them all."""


@click.command()
@click.argument("agreements", nargs=-1, required=True, type=readable_file)
@click.argument("orders", type=readable_file)
@click.option("--as", "party", metavar="PARTY", help="Show the documents that this party signs, no other.")
@json_option
def command(agreements: tuple[Path, ...], orders: Path, party: str | None, as_json: bool) -> None:
    """Split every line of ORDERS (CSV or Parquet) under AGREEMENTS, ignoring refunds and eligibility.

    Several AGREEMENTS may be linked: a leg of one is the whole of the next. Where they are not, their
    attribution clauses say whose each line is; what is nobody's, or two parties', is listed as suspense.
    ORDERS has the columns order, line, currency, paid and confirmed_at; every other column is the fact of
    that name. Amounts are decimal text in major units, such as 299.00. Nothing is printed unless every line
    splits or waits in suspense.
    """
    read = [read_agreement(path) for path in agreements]
    if len(read) == 1 and party is None and read[0].attribution is None:
        _split_one(split_plan(read[0]), orders, as_json=as_json)
    else:
        _split_linked(link_agreements(read), orders, party, as_json=as_json)


# ---- one document


def _split_one(plan: SplitPlan, orders: Path, *, as_json: bool) -> None:
    totals: dict[str, int] = defaultdict(int)
    currency = plan.agreement.currency
    count = WindowCount(plan)
    with _Report(as_json=as_json) as report:
        for row, split in _splits(count, orders):
            for leg in split.legs.values():
                totals[leg.party] += leg.amount_minor
            report.line({"order": row["order"], "line": row["line"], "legs": _legs(split)})
        _count_entries(count, totals, report)
        report.end(plan.agreement.ref, totals, currency)


def _splits(count: WindowCount, orders: Path) -> Iterator[tuple[Row, LineSplit]]:
    plan, statement = count.plan, RunningStatement(count.plan)
    read = plan.fact_names()
    for where, row, at in _rows(orders, [plan]):
        try:
            facts = order_facts(plan.agreement, row, where=where, only=read)
            split = plan.split(facts | count.before(at) if at else facts)
        except FactError as fault:
            raise FactError(
                fault.message, where=fault.where if fault.where != plan.clause.id else where
            ) from None
        if at:
            count.add(at, split)
        yield row, statement.add(split) if plan.clause.rounding.at == "statement" else split


# ---- several documents


@dataclass(frozen=True)
class _Deal:
    """Documents that fit together, those at which orders come in, and the versions that are shown."""

    linked: Linked
    roots: tuple[Agreement, ...]
    shown: frozenset[str]

    @property
    def attributes(self) -> bool:
        """Tell whether each line must first be told whose it is."""
        return len(self.roots) > 1 or self.roots[0].attribution is not None

    def claimable(self, found: Attributed) -> bool:
        """Tell whether a line in suspense may be claimed under a version that is shown."""
        return any(one.agreement in self.shown for one in found.claims)


def _split_linked(linked: Linked, orders: Path, party: str | None, *, as_json: bool) -> None:
    deal = _Deal(linked, _roots(linked), _shown(linked, party))
    totals: dict[str, int] = defaultdict(int)
    with _Report(as_json=as_json, by_id=True) as report:
        counts = {one.ref: WindowCount(split_plan(one)) for root in deal.roots for one in linked.chain(root)}
        for row, found, split in _chain_splits(deal, counts, orders):
            line = {"order": row["order"], "line": row["line"]}
            if split is None:
                if found is not None and deal.claimable(found):
                    report.suspend({**line, **_why(found)})
                continue
            parts = {ref: one for ref, one in split.splits.items() if ref in deal.shown}
            for owner, amount in split.net(parts).items():
                totals[owner] += amount
            if parts:
                legs = {
                    ref: {"whole_minor": one.whole.posted, "legs": _legs(one)} for ref, one in parts.items()
                }
                report.line({**line, **_credited(found), "agreements": legs})
        for ref in sorted(counts.keys() & deal.shown):
            _count_entries(counts[ref], totals, report)
        under = "; ".join(_path(deal, root) for root in deal.roots if _path(deal, root))
        report.end(under, totals, deal.roots[0].currency, suspense=deal.attributes)


def _path(deal: _Deal, root: Agreement) -> str:
    return " → ".join(one.ref for one in deal.linked.chain(root) if one.ref in deal.shown)


def _roots(linked: Linked) -> tuple[Agreement, ...]:
    """Return the documents at which orders come in. Raises FactError where lines could not be told apart."""
    roots = linked.roots()
    if not roots:
        raise FactError("none of the documents splits an order: a commission clause is missing")
    silent = [one.ref for one in roots if one.attribution is None]
    if len(roots) > 1 and silent:
        message = "does not say which of several documents' orders are its own; add an attribution clause"
        raise FactError(message, where=silent[0])
    if len({one.currency for one in roots}) > 1:
        names = ", ".join(f"{one.ref} in {one.currency}" for one in roots)
        raise FactError(f"the documents are in several currencies; split them apart: {names}")
    return roots


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


def _chain_splits(
    deal: _Deal, counts: Mapping[str, WindowCount], orders: Path
) -> Iterator[tuple[Row, Attributed | None, ChainSplit | None]]:
    """Yield each row with where it falls, where that is asked, and its split; none in suspense."""
    plans = {ref: count.plan for ref, count in counts.items()}
    statements = {
        ref: RunningStatement(plan) for ref, plan in plans.items() if plan.clause.rounding.at == "statement"
    }
    read = {ref: plan.fact_names() | attribution_facts(plan.agreement) for ref, plan in plans.items()}
    for where, row, at in _rows(orders, list(plans.values())):
        facts = {
            ref: order_facts(plan.agreement, row, where=where, only=read[ref]) for ref, plan in plans.items()
        }
        found = attribute(deal.roots, facts) if deal.attributes else None
        if found is not None and found.match is None:
            yield row, found, None
            continue
        root = plans[found.match.agreement].agreement if found and found.match else deal.roots[0]
        if at:
            facts = {ref: values | counts[ref].before(at) for ref, values in facts.items()}
        try:
            split = split_chain(deal.linked, root, facts)
        except FactError as fault:
            raise FactError(f"{fault.message} ({fault.where})", where=where) from None
        if at:
            for ref, one in split.splits.items():
                counts[ref].add(at, one)
        stated = {ref: statements[ref].add(one) for ref, one in split.splits.items() if ref in statements}
        yield row, found, replace(split, splits={**split.splits, **stated})


def _credited(found: Attributed | None) -> dict[str, Any]:
    if found is None or found.match is None:
        return {}
    match = found.match
    return {"attribution": {"agreement": match.agreement, "payee": match.payee, "clause": match.clause,
                            "by": match.route.by}}  # fmt: skip


def _why(found: Attributed) -> dict[str, Any]:
    claims = [{"agreement": one.agreement, "payee": one.payee} for one in found.claims]
    return {"reason": found.reason, "message": found.words.en, "message_zh": found.words.zh, "claims": claims}


# ---- what windows post beside the lines


def _count_entries(count: WindowCount, totals: dict[str, int], report: _Report) -> None:
    """Add what the windows of a document post to the totals and to what is printed."""
    agreement = count.plan.agreement
    owners = {step.name: (step.step.to or "").partition(".")[0] for step in count.plan.steps}
    for entry in count.entries():
        for leg, amount in entry.legs.items():
            key = owners[leg]
            totals[agreement.party_id(key) if report.by_id and key in agreement.parties else key] += amount
        report.window({"agreement": agreement.ref, "window": entry.window, "period": entry.period,
                       "step": entry.step, "amount_minor": entry.amount_minor, "legs": dict(entry.legs),
                       "causes": list(entry.causes)})  # fmt: skip


# ---- rows in, lines out


def _rows(orders: Path, plans: Sequence[SplitPlan]) -> Iterator[tuple[str, Row, datetime | None]]:
    """Yield each row with its place; where windows count them, in their order and with their time.

    Raises FactError for a row with no key of its own, another currency, or no time where one is needed.
    """
    windowed = next((plan for plan in plans if plan.windows), None)
    if windowed is None:
        yield from ((where, row, None) for where, row in order_rows(orders, plans[0].agreement.currency))
        return
    zone = windowed.agreement.zone
    timed = [
        (_confirmed(row["confirmed_at"], zone, where), row["order"] or "", row["line"] or "", where, row)
        for where, row in order_rows(orders, windowed.agreement.currency)
    ]
    for at, _, _, where, row in sorted(timed, key=lambda one: one[:3]):
        yield where, row, at


def _confirmed(text: str | None, zone: ZoneInfo, where: str) -> datetime:
    """Read when receipt was confirmed; a time without an offset is one of the agreement's zone."""
    try:
        at = datetime.fromisoformat((text or "").strip())
    except ValueError:
        message = f"'{text or ''}' is no time such as 2026-03-02 10:00:00; a window counts lines by it"
        raise FactError(message, where=f"{where}, column confirmed_at") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


class _Report:
    """What is printed, held back until every line has split.

    It waits in a file, in memory while it is small: a fault in the last row must not leave half of a JSON
    value behind, nor millions of rows be held.
    """

    def __init__(self, *, as_json: bool, by_id: bool = False) -> None:
        self.as_json = as_json
        self.by_id = by_id
        self.windows: list[dict[str, Any]] = []
        self.count = 0
        self.suspense: list[dict[str, Any]] = []
        self.out = SpooledTemporaryFile(SPOOLED_CHARACTERS, "w+", encoding="utf-8", newline="")  # noqa: SIM115 (closed on exit)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.out.close()

    def line(self, line: dict[str, Any]) -> None:
        if self.as_json:
            self.out.write((",\n" if self.count else "") + json.dumps(line, ensure_ascii=False))
        self.count += 1

    def window(self, entry: dict[str, Any]) -> None:
        self.windows.append(entry)

    def suspend(self, line: dict[str, Any]) -> None:
        self.suspense.append(line)

    def end(self, under: str, totals: dict[str, int], currency: str, *, suspense: bool = False) -> None:
        if self.as_json:
            self.out.seek(0)
            sys.stdout.write('{"lines":[')
            shutil.copyfileobj(self.out, sys.stdout)
            also = f'"windows":{json.dumps(self.windows)},' if self.windows else ""
            also += f'"suspense":{json.dumps(self.suspense, ensure_ascii=False)},' if suspense else ""
            sys.stdout.write(f'],{also}"totals":{json.dumps(totals)},"currency":{json.dumps(currency)}}}\n')
            return
        say(f"{self.count} line{'s' * (self.count != 1)} split under {under}, {currency}")
        for party, amount in totals.items():
            say(f"  {party:<16}{money(amount, currency):>20}")
        say(f"  {'the whole':<16}{money(sum(totals.values()), currency):>20}")
        for entry in self.windows:
            made_up = money(entry["amount_minor"], currency)
            causes = ", ".join(entry["causes"])
            say(f"  of it {entry['window']} {entry['period']}, {entry['step']}: {made_up} ({causes})")
        if self.suspense:
            say(f"in suspense, until somebody claims them: {len(self.suspense)}")
        for one in self.suspense[:SUSPENSE_SHOWN]:
            say(f"  order {one['order']}, line {one['line']}: {one['message']}")


def _legs(split: LineSplit) -> dict[str, dict[str, object]]:
    return {name: {"party": leg.party, "amount_minor": leg.amount_minor} for name, leg in split.legs.items()}
