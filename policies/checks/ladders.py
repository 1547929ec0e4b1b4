"""Finds cliffs: bounds of steps at which a payment jumps or falls; and tables that may lack a row.

A cliff is a bound at which one more minor unit moves a payment by more than a unit, as it does where the rate
of a step is taken on the whole amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from policies.agreement import Agreement
from policies.checks.asking import read, replaced
from policies.checks.paths import remedy_path
from policies.checks.witness import amount
from policies.errors import Finding, FormulaError
from policies.formulas.exact import Facts, evaluate
from policies.formulas.tree import Call, Comparison, Lookup, Name, Node, Number, names, walk
from policies.money import grouped, round_minor
from policies.source import Path

_AT = "at."
"""Stands for the amount that a step is chosen by; no fact can have this name."""


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a finding for each cliff of a payment, and each table by text that may lack a row."""
    for node, path in _payments(agreement):
        yield from _cliffs(agreement, node, path)
    yield from _rows(agreement)


def _payments(agreement: Agreement) -> Iterator[tuple[Node, Path]]:
    """Yield every formula by which somebody is paid, with its path."""
    for index, clause in enumerate(agreement.document.clauses):
        core = agreement.clauses[clause.id]
        if clause is agreement.commission:
            for at, step in enumerate(agreement.commission.waterfall):
                if step.amount is not None:
                    yield agreement.formula(step.amount), ("clauses", index, "waterfall", at, "amount")
        for at, remedy in enumerate(core.remedies):
            path = remedy_path(clause, core, at, ("clauses", index))
            for field, formula in (("amount", remedy.amount), ("each", remedy.each)):
                if formula is not None:
                    yield read(agreement, core, formula), (*path, field)


def _cliffs(agreement: Agreement, node: Node, path: Path) -> Iterator[Finding]:
    unit = Fraction(1, agreement.scale)
    for key, bound in _bounds(agreement, node):
        alone = replaced(node, key, Name(_AT))
        if names(alone) != {_AT}:
            continue  # the step sets a rate for something else, and moves nothing by itself
        try:
            low, high = (evaluate(alone, Facts({_AT: at})) for at in (bound, bound + unit))
        except FormulaError:
            continue
        assert isinstance(low, Fraction)
        assert isinstance(high, Fraction)
        if abs(high - low) > unit:
            yield _cliff(agreement, (bound, bound + unit), (low, high), path)


def _bounds(agreement: Agreement, node: Node) -> Iterator[tuple[Node, Fraction]]:
    """Yield what chooses a step and the last amount of the step, by each table and each if() of a formula."""
    types = {**agreement.fact_types("order"), **agreement.fact_types("case")}
    money = {name for name, kind in types.items() if kind == "money"} | {"whole", "base"}
    seen: set[tuple[Node, Fraction]] = set()
    for part in walk(node):
        found: list[tuple[Node, Fraction]] = []
        if isinstance(part, Lookup) and part.table is not None and part.table.by == "money":
            found = [(part.key, upto.value) for upto, _ in part.table.steps if upto is not None]
        elif isinstance(part, Call) and part.function == "if":
            found = list(_compared(part.arguments[0], money, Fraction(1, agreement.scale)))
        for one in found:
            if one not in seen:
                seen.add(one)
                yield one


def _compared(condition: Node, money: set[str], unit: Fraction) -> Iterator[tuple[Node, Fraction]]:
    match condition:
        case Comparison(("<=" | ">"), Name(name) as key, Number(value, _)) if name in money:
            yield key, value
        case Comparison(("<" | ">="), Name(name) as key, Number(value, _)) if name in money:
            yield key, value - unit
        case _:
            return


def _cliff(
    agreement: Agreement, at: tuple[Fraction, Fraction], paid: tuple[Fraction, Fraction], path: Path
) -> Finding:
    x, y, low, high = (_written(agreement, one) for one in (*at, *paid))
    falls = paid[1] < paid[0]
    move, move_zh = ("falls", "降为") if falls else ("jumps", "跳至")
    return agreement.finding(
        "ladder.cliff" if falls else "ladder.jump",
        f"at {x} the payment is {low}, at {y} it {move} to {high}: one more unit moves it by"
        f" {_written(agreement, abs(paid[1] - paid[0]))}; marginal() takes each part at its own step's rate",
        path,
        severity="warning" if falls else "info",
        witness={"at": x, "pays": low, "one_unit_more": y, "then_pays": high},
        message_zh=f"{x} 时应付 {low}，{y} 时{move_zh} {high}，一个最小单位之差变动"
        f" {_written(agreement, abs(paid[1] - paid[0]))}；marginal() 可按各档分段计算",
    )


def _written(agreement: Agreement, value: Fraction) -> str:
    return grouped(amount(agreement, round_minor(value * agreement.scale, "half_up")))


def _rows(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each table by text that is read by a text it may have no row for."""
    open_tables = {
        name: terms
        for name, terms in (agreement.document.tables or {}).items()
        if terms.rows is not None and terms.otherwise is None
    }
    for name, terms in open_tables.items():
        known = [row.is_ for row in terms.rows or ()]
        options = _options(agreement, name)
        missing = None if options is None else [one for one in options if one not in known]
        if missing == []:
            continue
        shown = missing[0] if missing else "…"
        yield agreement.finding(
            "table.no-row",
            f"the table {name} has rows for {', '.join(known)} and no 'otherwise':"
            f" a text such as '{shown}' cannot be computed",
            ("tables", name),
            severity="warning",
            witness={"table": name, "text": shown},
            message_zh=f"表 {name} 只有 {'、'.join(known)} 各行而无 otherwise，"
            f"遇到“{shown}”等其他文本时无法计算",
        )


def _options(agreement: Agreement, table: str) -> list[str] | None:
    """Return every text a table is read by, where all are options of enum facts; None where any may come."""
    found: list[str] = []
    facts: Mapping[str, object] = agreement.document.facts
    for key in _keys(agreement, table):
        fact = facts.get(key.name) if isinstance(key, Name) else None
        options = getattr(fact, "options", None)
        if not options:
            return None
        found += list(options)
    return found


def _keys(agreement: Agreement, table: str) -> Iterator[Node]:
    for node, _ in _payments(agreement):
        yield from (part.key for part in walk(node) if isinstance(part, Lookup) and part.name == table)
