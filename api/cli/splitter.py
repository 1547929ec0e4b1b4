"""`tallystick splitter`: the plan that CommissionSplitter is given of a document, and its word on orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, print_json, progress, read_agreement, readable_file, say
from api.office.tables import order_rows

if TYPE_CHECKING:
    from contracts.split_plan import CompiledSplit
    from policies.agreement import Agreement
    from policies.splits.opinion import AnsweredLine, AskedLine

SHOWN = 20
"""How many lines that differ people are shown; all are counted."""


@click.command()
@click.argument("agreement", type=readable_file)
@click.argument("orders", type=readable_file, required=False)
@click.option("--lines", type=click.IntRange(1), metavar="N", help="Ask about the first N lines alone.")
@json_option
def command(agreement: Path, orders: Path | None, lines: int | None, as_json: bool) -> None:
    """Show the plan that CommissionSplitter is given of AGREEMENT; ask it about every line of ORDERS.

    ORDERS is a file as for `tallystick split`; a column `refunded` is how much of a line was refunded. The
    contract's code runs here by itself, on no chain, and each figure is held against our own. Exit code 1
    where one differs.
    """
    from contracts.split_plan import compile_split  # noqa: PLC0415 (loads the hash library)

    read = read_agreement(agreement)
    plan = compile_split(read)
    if orders is None:
        _show_plan(read, plan, as_json=as_json)
        return
    asked = list(islice(_lines(read, plan, orders), lines))
    with progress("asking", quiet=as_json) as show:
        found = []
        for line in _answers(read, plan, asked):
            found.append(line)
            show(len(found), len(asked))
    _report(read, found, as_json=as_json)
    if not all(line.agrees for line in found):
        raise click.exceptions.Exit(1)


def _show_plan(agreement: Agreement, plan: CompiledSplit, *, as_json: bool) -> None:
    from contracts.split_plan import encoded_plan  # noqa: PLC0415 (as above)
    from contracts.splitter import splitter_name  # noqa: PLC0415 (as above)

    facts = [{"name": fact.name, "type": fact.kind, "parts": fact.parts} for fact in plan.facts]
    digest = f"0x{plan.digest.hex()}"
    if as_json:
        shown = {"agreement": agreement.ref, "plan": digest, "by": splitter_name(), "facts": facts}
        print_json({**shown, "steps": list(plan.steps), "encoded": f"0x{encoded_plan(plan).hex()}"})
        return
    say(f"plan of {agreement.ref}: {digest}")
    say(f"  for {splitter_name()}")
    say(f"  {len(plan.steps)} steps, {plan.funders} funders, {len(plan.code)} instructions")
    for fact in facts:
        say(f"  reads {fact['name']} ({fact['type']})")


# ---- lines


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that was asked about, and where the two differ: which figure, ours, and the contract's.

    `refused` are the words of the contract where it has no figures for the line.
    """

    order: str
    line: str
    refunded: bool
    differing: tuple[tuple[str, int, int], ...]
    refused: str | None = None

    @property
    def agrees(self) -> bool:
        """Tell whether the contract has the same figures."""
        return not self.differing and self.refused is None


def _lines(agreement: Agreement, plan: CompiledSplit, orders: Path) -> Iterator[tuple[str, str, AskedLine]]:
    from policies.errors import FactError  # noqa: PLC0415 (beside its only use)
    from policies.facts import order_facts  # noqa: PLC0415 (as above)
    from policies.formulas.exact import Unknown  # noqa: PLC0415 (as above)
    from policies.money import to_minor  # noqa: PLC0415 (as above)
    from policies.splits.opinion import AskedLine, RefundState  # noqa: PLC0415 (as above)

    for where, row in order_rows(orders, agreement.currency):
        read = order_facts(agreement, row, where=where)
        facts = {fact.name: read[fact.name] for fact in plan.facts}
        known = {name: value for name, value in facts.items() if not isinstance(value, Unknown)}
        if lacking := sorted(facts.keys() - known):
            raise FactError(f"'{lacking[0]}' is missing", where=where)
        refunded = 0 if plan.fed else to_minor(row.get("refunded") or "0", agreement.currency)
        states = (RefundState(refunded),) if refunded else ()
        yield row["order"] or "", row["line"] or "", AskedLine(known, states)


def _answers(
    agreement: Agreement, plan: CompiledSplit, asked: list[tuple[str, str, AskedLine]]
) -> Iterator[_Line]:
    from contracts.errors import ChainReverted  # noqa: PLC0415 (beside its only use)
    from contracts.splitter import ask_splitter, run_here, splitter_code  # noqa: PLC0415 (as above)
    from policies.errors import FactError  # noqa: PLC0415 (as above)
    from policies.splits.own_answer import own_answer  # noqa: PLC0415 (as above)

    run = run_here(splitter_code())
    for order, number, line in asked:
        try:
            own = own_answer(agreement, line)
            (other,) = ask_splitter(plan, [line], run=run)
        except FactError as fault:
            raise FactError(fault.message, where=f"order {order}, line {number}") from None
        except ChainReverted as fault:
            yield _Line(order, number, bool(line.states), (), str(fault.data["reason"]))
            continue
        pairs = zip(_figures(own), _figures(other), strict=True)
        differing = tuple((name, one, two) for (name, one), (_, two) in pairs if one != two)
        yield _Line(order, number, bool(line.states), differing)


def _figures(answer: AnsweredLine) -> Iterator[tuple[str, int]]:
    yield "whole", answer.whole
    yield "refundable", answer.refundable
    yield from answer.legs.items()
    yield from ((f"funding {place}", amount) for place, amount in enumerate(answer.funding, 1))
    for state in answer.states:
        yield from ((f"{leg} taken back", amount) for leg, amount in state.legs.items())
        yield from ((f"funding {place} returned", one) for place, one in enumerate(state.funding, 1))


def _report(agreement: Agreement, found: list[_Line], *, as_json: bool) -> None:
    differing = [line for line in found if not line.agrees]
    refunded = sum(line.refunded for line in found)
    if as_json:
        print_json(
            {
                "agreement": agreement.ref,
                "lines": len(found),
                "refunded": refunded,
                "differing": [_as_json(line) for line in differing],
            }
        )
        return
    say(f"{len(found):,} lines asked of CommissionSplitter under {agreement.ref}, {refunded:,} with refunds")
    if not differing:
        say("  every figure agrees to the unit")
    for line in differing[:SHOWN]:
        if line.refused is not None:
            say(f"  order {line.order}, line {line.line}: the contract refuses it: {line.refused}")
        for name, one, two in line.differing:
            ours, other = (money(amount, agreement.currency) for amount in (one, two))
            say(f"  order {line.order}, line {line.line}: {name} {ours}, by the contract {other}")


def _as_json(line: _Line) -> dict[str, Any]:
    figures = [
        {"figure": name, "amount_minor": one, "by_contract_minor": two} for name, one, two in line.differing
    ]
    refused = {} if line.refused is None else {"refused": line.refused}
    return {"order": line.order, "line": line.line, "figures": figures, **refused}
