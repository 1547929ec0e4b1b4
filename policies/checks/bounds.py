"""Numbers that a formula never exceeds, by what a cap, a minimum or a literal says."""

from __future__ import annotations

from fractions import Fraction

from policies.formulas.tree import Arithmetic, Call, Node, Number


def upper(node: Node) -> Fraction | None:
    """Return a number that a figure never exceeds, where one is written into it; None where none is."""
    match node:
        case Number(value, _):
            return value
        case Call("min", arguments):
            known = [bound for bound in map(upper, arguments) if bound is not None]
            return min(known) if known else None
        case Call("max", arguments):
            bounds = [upper(argument) for argument in arguments]
            return None if None in bounds else max(bound for bound in bounds if bound is not None)
        case Call("if", (_, then, otherwise)):
            bounds = [upper(then), upper(otherwise)]
            return None if None in bounds else max(bound for bound in bounds if bound is not None)
        case Call("round", (inner,)):
            return upper(inner)
        case Arithmetic("+", left, right):
            a, b = upper(left), upper(right)
            return None if a is None or b is None else a + b
        case Arithmetic("*", Number(value, _), other) | Arithmetic("*", other, Number(value, _)):
            bound = upper(other) if value >= 0 else None
            return None if bound is None else bound * value
        case _:
            return None
