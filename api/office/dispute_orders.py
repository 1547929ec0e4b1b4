"""The orders that a case is about where it brings none: those in the log, settled before it is decided.

What was settled on them is read from the statements, so that both sides argue over the same figures. Where
a case lists orders, it is about these and no others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from api.office.opening import Office
from policies.agreement import Agreement
from policies.decisions.case import Case
from policies.money import from_minor, read_decimal

if TYPE_CHECKING:
    from ledger.settlement.runs import StoredRun
    from ledger.voids import Voids


def with_settled_orders(office: Office, agreement: Agreement, case: Case, as_of: int) -> Case:
    """Fill in the settled orders and what was settled on them, from the log where the case brings none.

    Raises CaseRejected for an order that it lists and nothing settled by then.
    """
    listed = _listed(case)
    if case.rows is not None or case.orders_path is not None:
        return case
    from ledger.settlement.runs import all_runs  # noqa: PLC0415 (loads polars)

    runs = [run for run in all_runs(office.log, agreement.id) if run.seq < as_of]
    if not runs and listed is None:
        return case
    lines = _settled_lines(office, runs)
    if listed is not None:
        missing = sorted(listed - {order for order, _ in lines})
        if missing:
            few = ", ".join(missing[:_NAMED_AT_MOST])
            raise case.refuse(
                f"{len(missing)} of its orders are not settled here, such as {few}", "order_list"
            )
        lines = {key for key in lines if key[0] in listed}
    rows = _order_rows(office, agreement, lines, as_of)
    stated = case.file.settled
    settled = stated if stated == "in_full" else _settled(office, agreement, runs, listed) | stated
    return replace(case, rows=rows, file=case.file.model_copy(update={"settled": settled}))


_NAMED_AT_MOST = 5


def _listed(case: Case) -> frozenset[str] | None:
    """Return the orders that a case is about, None for all; a case about one order lists it."""
    about = case.file.about
    if case.file.order_list is not None:
        return frozenset(case.file.order_list)
    return frozenset([about.order]) if about is not None and about.order is not None else None


REFUNDED = "refunded"
"""The fact that says what a buyer got back so far, by the name it has in order files (ADR 7)."""


def _order_rows(
    office: Office, agreement: Agreement, settled: Collection[tuple[str, str]], as_of: int
) -> tuple[dict[str, str | None], ...]:
    """Return the settled orders as rows of facts, refunds known by then among them, alike ones counted."""
    declared = sorted(agreement.fact_types("order"))
    yields, voids = _contested(office, agreement, as_of)
    sales: dict[tuple[str, str], tuple[bool, dict[str, str]]] = {}
    refunds: dict[tuple[str, str], tuple[bool, str]] = {}
    for batch in office.log.line_event_batches(agreement.id, as_of):
        for seq, order, line, event, _, _, data in batch:
            key, aside = (order, line), seq in yields
            if key not in settled or event == "receipt" or voids.voided_by(seq) is not None:
                continue
            content = msgspec.json.decode(data)
            if event == "sale" and (key not in sales or (sales[key][0] and not aside)):
                sales[key] = aside, {name: content[name] for name in declared if name in content}
            elif event == "refund":
                was, known = refunds.get(key, (aside, "0"))
                if was == aside:
                    refunds[key] = aside, max(known, content["refunded_total"], key=read_decimal)
                elif was:
                    refunds[key] = aside, content["refunded_total"]
    if REFUNDED in declared:
        for key, (_, total) in refunds.items():
            if key in sales:
                sales[key][1][REFUNDED] = total
    counts = Counter(tuple(facts.get(name) for name in declared) for _, facts in sales.values())
    return tuple(
        {"count": str(count), **dict(zip(declared, facts, strict=True))}
        for facts, count in sorted(counts.items(), key=str)
    )


def _contested(office: Office, agreement: Agreement, as_of: int) -> tuple[frozenset[int], Voids]:
    """Return the entries that yield to another source's report, and what was voided, before seq `as_of`."""
    from api.office.settling import deal_documents  # noqa: PLC0415 (loads polars)
    from ledger.settlement.deal import deal_terms  # noqa: PLC0415 (as above)
    from ledger.settlement.facts import set_aside  # noqa: PLC0415 (as above)

    terms = deal_terms(office.log, deal_documents(office, agreement.id))
    aside, voids = set_aside(office.log, terms, as_of)
    return frozenset(aside), voids.before(as_of)


def _settled_lines(office: Office, runs: list[StoredRun]) -> set[tuple[str, str]]:
    """Return order and line of everything that some statement of these runs counts as earned."""
    from ledger.settlement.carried import stored_statements  # noqa: PLC0415 (loads polars)
    from ledger.statements.lines import LineStore  # noqa: PLC0415 (as above)

    store = LineStore(office.files)
    found: set[tuple[str, str]] = set()
    for run in runs:
        for _, content in stored_statements(office.log, run):
            frame = store.scan(content["lines"]["root"]).select("order", "line", "kind").collect()
            found |= {(order, line) for order, line, kind in frame.iter_rows() if kind == "earned"}
    return found


def _settled(
    office: Office, agreement: Agreement, runs: list[StoredRun], listed: frozenset[str] | None
) -> dict[str, str]:
    """Return what every leg earned by statements so far, in major units, before refunds took any back.

    On the orders listed only, where some are.
    """
    from ledger.settlement.carried import stored_statements  # noqa: PLC0415 (loads polars)

    totals: dict[str, int] = defaultdict(int)
    for run in runs:
        for _, content in stored_statements(office.log, run):
            for leg, amount in _earned(office, content, listed):
                totals[leg] += amount
    clause = agreement.commission
    legs = {step.leg for step in clause.waterfall if step.leg} if clause else set()
    return {leg: from_minor(totals.get(leg, 0), agreement.currency) for leg in sorted(legs)}


def _earned(
    office: Office, content: Mapping[str, Any], listed: frozenset[str] | None
) -> Iterable[tuple[str, int]]:
    """Return legs with what a statement counts as earned on them, in minor units."""
    if listed is None:
        return [(one["leg"], one["amount_minor"]) for one in content["totals"] if one["kind"] == "earned"]
    import polars as pl  # noqa: PLC0415 (heavy)

    from ledger.statements.lines import LineStore  # noqa: PLC0415 (as above)

    lines = LineStore(office.files).scan(content["lines"]["root"])
    mine = lines.filter((pl.col("kind") == "earned") & pl.col("order").is_in(sorted(listed)))
    sums = mine.group_by("leg").agg(pl.col("amount_minor").sum()).collect()
    return list(sums.iter_rows())
