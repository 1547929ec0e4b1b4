"""The prose reader: a formula as Chinese or English with the numbers filled in.

`30% * (commission - alliance_fee)` over known figures reads `30% × (佣金 61.80 − 联盟服务费 6.18)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from policies.formulas.tree import (
    Aggregate,
    Among,
    Arithmetic,
    Call,
    Comparison,
    Day,
    Logic,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Text,
    Truth,
)

Language = Literal["zh", "en"]
Labels = Mapping[str, Mapping[str, str]]
"""What people call a name: {"paid": {"zh": "实付金额", "en": "amount paid"}}."""

_SIGNS = {
    "+": "+",
    "-": "−",
    "*": "×",
    "/": "÷",
    "<": "<",
    "<=": "≤",
    ">": ">",
    ">=": "≥",
    "==": "=",
    "!=": "≠",
}
_RANK = {"or": 1, "and": 2, "not": 3, "compare": 4, "+": 5, "-": 5, "*": 6, "/": 6, "negate": 7, "atom": 9}
_WORDS = {
    "zh": {"and": "且", "or": "或", "not": "非", "true": "是", "false": "否", "in": "属于",
           "sep": "、",
           "min": "取小", "max": "取大", "round": "四舍五入", "days": "天数", "exists": "已有",
           "sum": "合计", "count": "计数", "all": "全部满足", "any": "有一满足", "of": "的",
           "where": "，其中"},
    "en": {"and": "and", "or": "or", "not": "not", "true": "yes", "false": "no", "in": "is one of",
           "sep": ", ",
           "min": "the smaller of", "max": "the larger of", "round": "rounded", "days": "days between",
           "exists": "there is", "sum": "sum of", "count": "number of",
           "all": "all",
           "any": "any",
           "of": " over ", "where": " where "},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prose:
    """Renders formulas in one language, with labels for names and, where given, their figures as text."""

    language: Language
    labels: Labels = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)

    def render(self, node: Node) -> str:
        """Return the formula as a phrase, with brackets only where the reading needs them."""
        return self._at(node, 0)

    def _at(self, node: Node, rank: int) -> str:
        text, own = self._phrase(node)
        return f"({text})" if own < rank else text

    def _phrase(self, node: Node) -> tuple[str, int]:
        words = _WORDS[self.language]
        match node:
            case Number(_, text):
                return text.replace("_", ","), 9
            case Text(value):
                return self._label(value), 9
            case Truth(value):
                return words["true" if value else "false"], 9
            case Day(value):
                return value.isoformat(), 9
            case Name(name):
                return self._named(name), 9
            case Negate(operand):
                return f"−{self._at(operand, 7)}", 7
            case Not(operand):
                space = "" if self.language == "zh" else " "
                return f"{words['not']}{space}{self._at(operand, 4)}", 3
            case Logic(op, left, right):
                return f"{self._at(left, _RANK[op])} {words[op]} {self._at(right, _RANK[op] + 1)}", _RANK[op]
            case Comparison(op, left, right):
                return f"{self._at(left, 5)} {_SIGNS[op]} {self._at(right, 5)}", 4
            case Arithmetic(op, left, right):
                own = _RANK[op]
                return f"{self._at(left, own)} {_SIGNS[op]} {self._at(right, own + 1)}", own
            case Among(operand, options):
                listed = words["sep"].join(self._label(option.value) for option in options)
                return f"{self._at(operand, 5)} {words['in']} {listed}", 4
            case Call():
                return self._call(node), 9
            case Aggregate():
                return self._aggregate(node), 9

    def _call(self, node: Call) -> str:
        parts = [self._at(argument, 0) for argument in node.arguments]
        if node.function == "if":
            form = "如果 {0} 则 {1} 否则 {2}" if self.language == "zh" else "if {0} then {1} else {2}"
            return f"({form.format(*parts)})"
        return f"{_WORDS[self.language][node.function]} ({_WORDS[self.language]['sep'].join(parts)})"

    def _aggregate(self, node: Aggregate) -> str:
        words = _WORDS[self.language]
        rows = self._label(node.rows.name)
        condition = node.rows.where
        where = f"{words['where']}{self._at(condition, 0)}" if condition is not None else ""
        if node.function == "count":
            return f"{words['count']} ({rows}{where})"
        body = self._at(node.body, 0)
        inner = (
            f"{rows}{where}{words['of']}{body}"
            if self.language == "zh"
            else f"{body}{words['of']}{rows}{where}"
        )
        return f"{words[node.function]} ({inner})"

    def _named(self, name: str) -> str:
        figure = self.figures.get(name)
        return f"{self._label(name)} {figure}" if figure is not None else self._label(name)

    def _label(self, name: str) -> str:
        return self.labels.get(name, {}).get(self.language, name)
