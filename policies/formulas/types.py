"""Types of formulas (money, number, bool, text, date, instant) and their check against declared names.

Money adds to money and multiplies with numbers; a literal number stands for money where money is expected
(`min(2_000_000.00, 130% * proven_loss)`), a declared rate or count never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from policies.errors import FormulaError, did_you_mean
from policies.formulas.tree import (
    Aggregate,
    Among,
    Arithmetic,
    BusinessDays,
    Call,
    Comparison,
    Day,
    Logic,
    Lookup,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Rows,
    Text,
    Truth,
    walk,
)

Type = Literal["money", "number", "bool", "text", "date", "instant"]
Scope = Mapping[str, Type]
"""Type by name, as declared by the document or made by an earlier step."""


def check_type(node: Node, scope: Scope, rows: Mapping[str, Scope], expected: Type) -> None:
    """Require that a formula has the expected type. Raises FormulaError saying which part does not."""
    found = infer(node, scope, rows)
    if found != expected and not (expected == "money" and found == "number" and _is_literal(node)):
        raise FormulaError(f"gives {_a(found)} where {_a(expected)} is needed")


def infer(node: Node, scope: Scope, rows: Mapping[str, Scope]) -> Type:
    """Return the type of a formula over a scope of names and named sets of rows. Raises FormulaError."""
    match node:
        case Number():
            return "number"
        case Text():
            return "text"
        case Truth():
            return "bool"
        case Day():
            return "date"
        case Name(name):
            return _named(name, scope)
        case Negate(operand):
            return _numeric(operand, scope, rows, "-")
        case Not(operand):
            check_type(operand, scope, rows, "bool")
            return "bool"
        case Logic(_, left, right):
            check_type(left, scope, rows, "bool")
            check_type(right, scope, rows, "bool")
            return "bool"
        case Comparison():
            return _comparison(node, scope, rows)
        case Among(operand, _):
            check_type(operand, scope, rows, "text")
            return "bool"
        case Arithmetic():
            return _arithmetic(node, scope, rows)
        case Call():
            return _call(node, scope, rows)
        case Lookup():
            return _lookup(node, scope, rows)
        case BusinessDays(function, (first, second)):
            check_type(first, scope, rows, "date")
            check_type(second, scope, rows, "number" if function == "add_business_days" else "date")
            return "date" if function == "add_business_days" else "number"
        case Aggregate():
            return _aggregate(node, scope, rows)


def _named(name: str, scope: Scope) -> Type:
    if name not in scope:
        raise FormulaError(f"'{name}' is not declared{did_you_mean(name, scope)}", name=name)
    return scope[name]


def _numeric(node: Node, scope: Scope, rows: Mapping[str, Scope], op: str) -> Type:
    found = infer(node, scope, rows)
    if found not in {"money", "number"}:
        raise FormulaError(f"'{op}' works on money and numbers, not on {_a(found)}")
    return found


def _arithmetic(node: Arithmetic, scope: Scope, rows: Mapping[str, Scope]) -> Type:
    left = _numeric(node.left, scope, rows, node.op)
    right = _numeric(node.right, scope, rows, node.op)
    if node.op in "+-":
        return _common(node.left, left, node.right, right, node.op)
    if node.op == "*":
        if left == right == "money":
            raise FormulaError("money times money has no meaning")
        return "money" if "money" in {left, right} else "number"
    if right == "money":
        if left != "money":
            raise FormulaError("a number divided by money has no meaning")
        return "number"
    return left


def _common(left_node: Node, left: Type, right_node: Node, right: Type, op: str) -> Type:
    if left == right:
        return left
    pair = {left, right}
    literal = left_node if left == "number" else right_node
    if pair == {"money", "number"} and _is_literal(literal):
        return "money"
    raise FormulaError(f"'{op}' cannot join {_a(left)} and {_a(right)}")


def _comparison(node: Comparison, scope: Scope, rows: Mapping[str, Scope]) -> Type:
    left, right = infer(node.left, scope, rows), infer(node.right, scope, rows)
    common = _common(node.left, left, node.right, right, node.op)
    if node.op not in {"==", "!="} and common in {"bool", "text"}:
        raise FormulaError(f"'{node.op}' cannot order {_a(common)}")
    return "bool"


def _call(node: Call, scope: Scope, rows: Mapping[str, Scope]) -> Type:
    first = node.arguments[0]
    if node.function == "exists":
        infer(first, scope, rows)
        return "bool"
    if node.function in {"days", "months"}:
        for argument in node.arguments:
            check_type(argument, scope, rows, "date")
        return "number"
    if node.function in {"add_days", "add_months"}:
        check_type(first, scope, rows, "date")
        check_type(node.arguments[1], scope, rows, "number")
        return "date"
    if node.function == "round":
        check_type(first, scope, rows, "money")
        return "money"
    branches = node.arguments
    if node.function == "if":
        check_type(first, scope, rows, "bool")
        branches = node.arguments[1:]
    found = [infer(branch, scope, rows) for branch in branches]
    # against money, every number must be a literal that stands for money: a rate among them does not
    known = next((i for i, kind in enumerate(found) if kind == "money"), 0)
    common = found[known]
    for branch, kind in zip(branches, found, strict=True):
        common = _common(branches[known], common, branch, kind, node.function)
    if node.function != "if" and common not in {"money", "number"}:
        raise FormulaError(f"{node.function}() works on money and numbers, not on {_a(common)}")
    return common


def _lookup(node: Lookup, scope: Scope, rows: Mapping[str, Scope]) -> Type:
    table = node.table
    if table is None:
        raise FormulaError(f"'{node.name}' is not a table here")
    by_text = table.by == "text"
    if (node.function == "lookup") != by_text:
        use = "lookup()" if by_text else "bracket() or marginal()"
        raise FormulaError(f"the table '{table.name}' goes by {table.by}; read it with {use}")
    key: Type = "text" if by_text else "money" if table.by == "money" else "number"
    check_type(node.key, scope, rows, key)
    gives: Type = "money" if table.gives == "money" else "number"
    if node.function != "marginal":
        return gives
    if key == gives == "money":
        raise FormulaError(f"marginal() of '{table.name}' would be money times money; let it give a rate")
    return "money" if "money" in {key, gives} else "number"


def _aggregate(node: Aggregate, scope: Scope, rows: Mapping[str, Scope]) -> Type:
    inside = check_rows(node.rows, scope, rows)
    if any(isinstance(part, Aggregate) for part in walk(node.body)):
        raise FormulaError("an aggregate cannot stand inside another")
    if node.function == "count":
        return "number"
    if node.function in {"sum", "min", "max"}:
        return _numeric(node.body, inside, {}, node.function)
    check_type(node.body, inside, {}, "bool")
    return "bool"


def check_rows(source: Rows, scope: Scope, rows: Mapping[str, Scope]) -> Scope:
    """Return the names that each row of a source is read with. Raises FormulaError where it does not fit."""
    sets = [source.name] if source.other is None else [source.name, source.other]
    for name in sets:
        if name not in rows:
            raise FormulaError(f"'{name}' is not a set of rows{did_you_mean(name, rows)}")
    if source.name == source.other:
        raise FormulaError(f"'{source.name}' cannot be joined with itself; join two sets")
    inside = {**scope, **{name: kind for one in sets for name, kind in rows[one].items()}}
    if source.where is not None:
        if any(isinstance(part, Aggregate) for part in walk(source.where)):
            raise FormulaError("an aggregate cannot stand inside another")
        check_type(source.where, inside, {}, "bool")
    return inside


def _is_literal(node: Node) -> bool:
    """Tell whether a number stands for money where money is expected: 500.00, or 500.00 * days_late.

    A percentage never does, and a product does only by the one number written out in it. Of choices, all do.
    A sum over rows does where what is summed does.
    """
    match node:
        case Number(_, text):
            return not text.endswith("%")
        case Negate(operand):
            return _is_literal(operand)
        case Arithmetic("*", left, right):
            return _is_literal(left) or _is_literal(right)
        case Arithmetic("/", left, _):
            return _is_literal(left)
        case Arithmetic("+" | "-", left, right):
            return _is_literal(left) and _is_literal(right)
        case Aggregate("sum" | "min" | "max", body):
            return _is_literal(body)
        case Call("min" | "max", choices) | Call("if", (_, *choices)):
            return all(_is_literal(one) for one in choices)
        case _:
            return False


def _a(kind: Type) -> str:
    return {"bool": "a condition", "money": "money", "text": "text", "instant": "an instant"}.get(
        kind, f"a {kind}"
    )
