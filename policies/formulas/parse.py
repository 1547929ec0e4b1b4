"""From text to tree: a tokenizer and a precedence parser, bounded in size and depth.

    or  <  and  <  not  <  comparison, in  <  + -  <  * /  <  unary -  <  number, name, call, ( )

Only ASCII is read outside quotes, so no look-alike letter can pose as another in a name. Errors carry the
column, counting from 1.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NoReturn, cast

from policies.errors import FormulaError, did_you_mean
from policies.formulas.tree import (
    Aggregate,
    AggregateFunction,
    Among,
    Arithmetic,
    ArithmeticOp,
    BusinessDays,
    Call,
    Comparison,
    ComparisonOp,
    Day,
    Logic,
    Lookup,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Rows,
    TableRead,
    Text,
    Truth,
)
from policies.words.hidden import hidden_character

LENGTH_LIMIT = 1_000
DEPTH_LIMIT = 24
TOKEN_LIMIT = 300
NAME_LIMIT = 96
DIGIT_LIMIT = 20
"""Characters before the point of a number, separators included: beyond any amount of money."""

ARITY = {
    "min": (2, 8), "max": (2, 8), "round": (1, 1), "if": (3, 3), "exists": (1, 1), "days": (2, 2),
    "add_days": (2, 2), "add_months": (2, 2), "add_business_days": (2, 2), "business_days": (2, 2),
    "months": (2, 2),
}  # fmt: skip
"""Functions of the language and how many arguments each takes, from and to."""

AGGREGATES = ("sum", "count", "all", "any", "min", "max")
TABLE_READS = ("lookup", "bracket", "marginal")
WORDS = frozenset({"and", "or", "not", "in", "true", "false", "for", "with", "where"})
"""Words of the language, which no fact may be called."""

_TOKEN = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9]))"
    r"|(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?%?)"
    r"|(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)"
    r"|(?P<text>'[^'\n]{0,80}')"
    r"|(?P<op><=|>=|==|!=|[-+*/<>(),])"
    r"|(?P<space>[ \t\r\n]+)"
)
_NUMBER = re.compile(r"(0|[1-9][0-9]*|[1-9][0-9]{0,2}(_[0-9]{3})+)(\.[0-9]{1,12})?%?")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


@lru_cache(maxsize=4096)
def parse(source: str) -> Node:
    """Parse a formula. Raises FormulaError with the column and what was expected."""
    return _Parser(_bounded_tokens(source)).whole()


def _bounded_tokens(source: str) -> list[_Token]:
    if len(source) > LENGTH_LIMIT:
        raise FormulaError(f"a formula is at most {LENGTH_LIMIT} characters; this has {len(source)}")
    return _tokens(source)


def _tokens(source: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise FormulaError(_strange(source[at]), where=f"column {at + 1}", column=at + 1)
        kind, text = str(match.lastgroup), match.group()
        if kind == "number" and not _NUMBER.fullmatch(text):
            raise FormulaError(f"'{text[:40]}' is not a number such as 299.00", where=f"column {at + 1}")
        if kind == "number" and len(text.partition(".")[0]) > DIGIT_LIMIT:
            raise FormulaError(f"a number has at most {DIGIT_LIMIT} digits", where=f"column {at + 1}")
        if kind == "text" and (hidden := hidden_character(text)) is not None:
            where = f"column {at + hidden[0]}"
            raise FormulaError(f"{hidden[1]} cannot be seen; remove it", where=where, column=at + hidden[0])
        if kind == "name" and len(text) > NAME_LIMIT:
            raise FormulaError(f"a name is at most {NAME_LIMIT} characters", where=f"column {at + 1}")
        if kind != "space":
            found.append(_Token("word" if text in WORDS else kind, text, at + 1))
        at = match.end()
    if len(found) > TOKEN_LIMIT:
        raise FormulaError(f"a formula has at most {TOKEN_LIMIT} words and signs; this has {len(found)}")
    return [*found, _Token("end", "", len(source) + 1)]


def _strange(char: str) -> str:
    """Say why a character is not read: an upper-case letter, a stray sign, or one that poses as another."""
    if char == "%":
        return "'%' stands alone; write it right after its number: 5%"
    if char.isascii() and char.isupper():
        return f"{char!r} is upper case; names are written in lower case"
    if char.isascii():
        return f"{char!r} has no meaning here"
    name = unicodedata.name(char, f"U+{ord(char):04X}")
    return f"{char!r} ({name}) is not ASCII; formulas use a-z, 0-9 and the signs + - * / < > = ( ) only"


class _Parser:
    """Recursive descent over one token list; `depth` bounds the recursion."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.either()
        self.end()
        return node

    def rows(self) -> Rows:
        found = self.source()
        self.end()
        return found

    def end(self) -> None:
        if self.here.kind != "end":
            self.refuse("the formula should end here")

    @property
    def here(self) -> _Token:
        return self.tokens[self.at]

    def refuse(self, expected: str) -> NoReturn:
        token = self.here
        got = f"'{token.text[:40]}'" if token.text else "the end"
        where = f"column {token.column}"
        raise FormulaError(f"found {got}, but {expected}", where=where, column=token.column)

    def take(self, *texts: str) -> str | None:
        if self.here.text in texts and self.here.kind in {"op", "word"}:
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

    def need(self, text: str) -> None:
        if self.take(text) is None:
            self.refuse(f"'{text}' was expected")

    def either(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            self.refuse(f"formulas nest at most {DEPTH_LIMIT} deep")
        node = self.both()
        while self.take("or"):
            node = Logic("or", node, self.both())
        self.depth -= 1
        return node

    def both(self) -> Node:
        node = self.negation()
        while self.take("and"):
            node = Logic("and", node, self.negation())
        return node

    def negation(self) -> Node:
        flips = 0
        while self.take("not"):
            flips += 1
        node = self.comparison()
        return Not(node) if flips % 2 else node

    def comparison(self) -> Node:
        left = self.total()
        op = self.take("<=", ">=", "==", "!=", "<", ">")
        if op is not None:
            return Comparison(cast("ComparisonOp", op), left, self.total())
        if self.take("in"):
            return Among(left, self.options())
        return left

    def options(self) -> tuple[Text, ...]:
        self.need("(")
        found = [self.quoted()]
        while self.take(","):
            found.append(self.quoted())
        self.need(")")
        return tuple(found)

    def quoted(self) -> Text:
        if self.here.kind != "text":
            self.refuse("a quoted text such as 'brand_live' was expected")
        self.at += 1
        return Text(self.tokens[self.at - 1].text[1:-1])

    def day(self) -> Day:
        try:
            value = date.fromisoformat(self.here.text)
        except ValueError:
            self.refuse("a day of the calendar such as 2026-11-11 was expected")
        self.at += 1
        return Day(value)

    def total(self) -> Node:
        node = self.product()
        while (op := self.take("+", "-")) is not None:
            node = Arithmetic(cast("ArithmeticOp", op), node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while (op := self.take("*", "/")) is not None:
            node = Arithmetic(cast("ArithmeticOp", op), node, self.signed())
        return node

    def signed(self) -> Node:
        flips = 0
        while self.take("-"):
            flips += 1
        node = self.atom()
        return Negate(node) if flips % 2 else node

    def atom(self) -> Node:
        token = self.here
        if token.kind == "number":
            self.at += 1
            return number(token.text)
        if token.kind == "text":
            return self.quoted()
        if token.kind == "day":
            return self.day()
        if self.take("true", "false"):
            return Truth(token.text == "true")
        if token.kind == "name":
            self.at += 1
            return self.call(token) if self.take("(") else Name(token.text)
        if self.take("("):
            node = self.either()
            self.need(")")
            return node
        return self.refuse("a number, a name or '(' was expected")

    def call(self, token: _Token) -> Node:
        if token.text in TABLE_READS:
            return self.table_read(cast("TableRead", token.text))
        if token.text in AGGREGATES and token.text not in ARITY:
            return self.aggregate(cast("AggregateFunction", token.text))
        if token.text not in ARITY:
            hint = did_you_mean(token.text, [*ARITY, *AGGREGATES, *TABLE_READS])
            raise FormulaError(f"unknown function '{token.text}'{hint}", where=f"column {token.column}")
        arguments = [self.either()]
        if token.text in AGGREGATES and self.take("for"):
            return self.over_rows(cast("AggregateFunction", token.text), arguments[0])
        while self.take(","):
            arguments.append(self.either())
        self.need(")")
        low, high = ARITY[token.text]
        if not low <= len(arguments) <= high:
            count = str(low) if low == high else f"{low} to {high}"
            raise FormulaError(
                f"{token.text}() takes {count} arguments, not {len(arguments)}",
                where=f"column {token.column}",
            )
        if token.text in {"add_business_days", "business_days"}:
            first, second = arguments
            return BusinessDays(
                cast("Literal['add_business_days', 'business_days']", token.text), (first, second)
            )
        return Call(token.text, tuple(arguments))

    def table_read(self, function: TableRead) -> Node:
        name = self.here
        if name.kind != "name":
            self.refuse("the name of a table was expected")
        self.at += 1
        self.need(",")
        key = self.either()
        self.need(")")
        return Lookup(function, name.text, key)

    def aggregate(self, function: AggregateFunction) -> Node:
        body: Node = Truth(value=True)
        if function != "count":
            body = self.either()
            self.need("for")
        return self.over_rows(function, body)

    def over_rows(self, function: AggregateFunction, body: Node) -> Node:
        rows = self.source()
        self.need(")")
        return Aggregate(function, body, rows)

    def source(self) -> Rows:
        name = self.set_name()
        other = self.set_name() if self.take("with") else None
        return Rows(name, self.either() if self.take("where") else None, other)

    def set_name(self) -> str:
        name = self.here
        if name.kind != "name":
            self.refuse("the name of a set of rows such as 'orders' was expected")
        self.at += 1
        return name.text


def number(text: str) -> Number:
    """Read a literal: "5%" is 1/20, "2_000_000.00" is two million."""
    plain = text.replace("_", "")
    value = Fraction(plain[:-1]) / 100 if plain.endswith("%") else Fraction(plain)
    return Number(value, text)


@lru_cache(maxsize=1024)
def parse_rows(source: str) -> Rows:
    """Parse `orders`, `orders where not refunded` or `orders with listings where sku == listing.sku`."""
    return _Parser(_bounded_tokens(source)).rows()
