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
    Table,
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
           "min of": "最小值", "max of": "最大值", "with": "与", "colon": "：", "semicolon": "；",
           "upto": "不超过 {0}", "above": "以上", "otherwise": "其他",
           "lookup": "{0} 对应的{1}", "bracket": "{0} 所在档的{1}", "marginal": "{0} 按{1}分段累计",
           "where": "，其中"},
    "en": {"and": "and", "or": "or", "not": "not", "true": "yes", "false": "no", "in": "is one of",
           "sep": ", ",
           "min": "the smaller of", "max": "the larger of", "round": "rounded", "days": "days between",
           "exists": "there is", "sum": "sum of", "count": "number of",
           "min of": "smallest of", "max of": "largest of", "with": " with ", "colon": ": ",
           "semicolon": "; ", "upto": "up to {0}", "above": "above", "otherwise": "otherwise",
           "lookup": "{1} for {0}", "bracket": "{1} of the step {0} falls in",
           "marginal": "{0} part by part at {1}",
           "all": "all",
           "any": "any",
           "of": " over ", "where": " where "},
}  # fmt: skip


_SHIFTS = {
    "add_days": {"zh": "{0} 后第 {1} 日", "en": "{1} days after {0}"},
    "add_months": {"zh": "{0} 后 {1} 个月", "en": "{1} months after {0}"},
    "months": {"zh": "{0} 至 {1} 的整月数", "en": "whole months from {0} to {1}"},
    "add_business_days": {"zh": "{0} 后第 {1} 个工作日", "en": "{1} business days after {0}"},
    "business_days": {"zh": "{0} 至 {1} 的工作日数", "en": "business days from {0} to {1}"},
}


@dataclass(frozen=True, slots=True)
class Prose:
    """Renders formulas in one language, with labels for names and, where given, their figures as text.

    `days` are the days that parts of the formula come to, such as the end of a period.
    """

    language: Language
    labels: Labels = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[Node, str] = field(default_factory=dict)

    def render(self, node: Node) -> str:
        """Return the formula as a phrase, with brackets only where the reading needs them."""
        return self._at(node, 0)

    def _at(self, node: Node, rank: int) -> str:
        text, own = self._phrase(node)
        return f"({text})" if own < rank else text

    def _phrase(self, node: Node) -> tuple[str, int]:
        words = _WORDS[self.language]
        match node:
            case Number():
                return _number(node), 9
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
            case Lookup():
                return self._lookup(node), 9
            case BusinessDays(function, arguments):
                return self._shift(node, function, arguments), 9
            case Aggregate():
                return self._aggregate(node), 9

    def _call(self, node: Call) -> str:
        if node.function in _SHIFTS:
            return self._shift(node, node.function, node.arguments)
        parts = [self._at(argument, 0) for argument in node.arguments]
        if node.function == "if":
            form = "如果 {0} 则 {1} 否则 {2}" if self.language == "zh" else "if {0} then {1} else {2}"
            return f"({form.format(*parts)})"
        return f"{_WORDS[self.language][node.function]} ({_WORDS[self.language]['sep'].join(parts)})"

    def _shift(self, node: Node, function: str, arguments: tuple[Node, ...]) -> str:
        """Word a day moved by a number of days, or the days from one to another."""
        first, second = (self._at(one, 0) for one in arguments)
        form = _SHIFTS[function][self.language]
        day = self.days.get(node)
        return form.format(first, second) + (f" ({day})" if day is not None else "")

    def _lookup(self, node: Lookup) -> str:
        words = _WORDS[self.language]
        name = self.labels.get(f"table:{node.name}", {}).get(self.language, node.name)
        says = words[node.function].format(self._at(node.key, 0), name)
        return f"{says} ({self.table(node.table)})" if node.table is not None else says

    def table(self, table: Table) -> str:
        """Return every row or step of a table with its figure, in the table's order."""
        words = _WORDS[self.language]
        parts = [(self._label(key), figure) for key, figure in table.rows]
        for upto, figure in table.steps:
            bound = words["above"] if upto is None else words["upto"].format(_number(upto))
            parts.append((bound, figure))
        if table.otherwise is not None:
            parts.append((words["otherwise"], table.otherwise))
        return words["semicolon"].join(f"{key}{words['colon']}{_number(figure)}" for key, figure in parts)

    def rows(self, rows: Rows) -> str:
        """Return a source of rows: the name of its set or sets, and the condition on each."""
        words = _WORDS[self.language]
        other = f"{words['with']}{self._label(rows.other)}" if rows.other is not None else ""
        where = f"{words['where']}{self._at(rows.where, 0)}" if rows.where is not None else ""
        return f"{self._label(rows.name)}{other}{where}"

    def _aggregate(self, node: Aggregate) -> str:
        words = _WORDS[self.language]
        rows = self.rows(node.rows)
        if node.function == "count":
            return f"{words['count']} ({rows})"
        body = self._at(node.body, 0)
        inner = f"{rows}{words['of']}{body}" if self.language == "zh" else f"{body}{words['of']}{rows}"
        name = words.get(f"{node.function} of", words[node.function])
        return f"{name} ({inner})"

    def _named(self, name: str) -> str:
        figure = self.figures.get(name)
        return f"{self._label(name)} {figure}" if figure is not None else self._label(name)

    def _label(self, name: str) -> str:
        return self.labels.get(name, {}).get(self.language, name)


def _number(number: Number) -> str:
    return number.text.replace("_", ",")
