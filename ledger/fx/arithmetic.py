"""The arithmetic of exchange: pure, exact, rounded only where it says so, by the rounding that is named.

A rate says how many major units of `quote` one major unit of `base` is worth. A position is what a bearer
holds of a foreign currency and what that cost in the home currency. Amounts are integers of minor units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from ledger.errors import FxRefused
from policies.money import Rounding, minor_digits, round_minor

_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,18})?")
_RATIO = re.compile(r"[0-9]{1,18}/[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Rate:
    """One major unit of `base` is worth `value` major units of `quote`."""

    base: str
    quote: str
    value: Fraction

    @property
    def inverse(self) -> Rate:
        """The same rate told the other way round, exactly."""
        return Rate(self.quote, self.base, 1 / self.value)

    def exact(self, amount_minor: int) -> Fraction:
        """Return what an amount of `base` is worth, in minor units of `quote`, not rounded."""
        scale = Fraction(10 ** minor_digits(self.quote), 10 ** minor_digits(self.base))
        return amount_minor * self.value * scale


def read_rate(base: str, quote: str, text: str) -> Rate:
    """Read a rate such as "7.1234" or "50000/7021". Raises FxRefused, MoneyError for an unknown currency."""
    if not (_DECIMAL.fullmatch(text) or _RATIO.fullmatch(text)) or text.endswith("/0"):
        raise FxRefused("is no rate such as 7.1234 or 50000/7021", where=text[:40])
    numerator, _, denominator = text.partition("/")
    if denominator and int(denominator) == 0:
        raise FxRefused("a rate has no 0 below its line", where=text[:40])
    value = Fraction(numerator) / int(denominator or "1")
    if value <= 0 or base == quote:
        raise FxRefused("a rate is above 0 and between two currencies", where=f"{base}/{quote} {text}"[:60])
    minor_digits(base), minor_digits(quote)
    return Rate(base, quote, value)


def convert(rate: Rate, before_minor: int, part_minor: int, rounding: Rounding) -> int:
    """Return what a part of a sum is worth, `before_minor` of the sum having been converted at this rate.

    It is R(value of all so far) - R(value of what was before): in however many parts a sum is converted, they
    come to R(value of the sum).
    """
    return round_minor(rate.exact(before_minor + part_minor), rounding) - round_minor(
        rate.exact(before_minor), rounding
    )


@dataclass(frozen=True, slots=True)
class Position:
    """What is held of a foreign currency, and what it cost at home; both below zero for one that is owed."""

    quantity_minor: int = 0
    cost_minor: int = 0


def trade(
    position: Position, quantity_minor: int, cost_minor: int, rounding: Rounding
) -> tuple[Position, int]:
    """Return the position after taking `quantity_minor` at `cost_minor`, and the gain realised.

    Giving away is taking less than zero; a loss is a gain below zero. What makes a position smaller realises
    what it brings less its share of the average cost, R(cost * share); the last unit takes all that is left
    of the cost. One that crosses zero is closed first and opened again with the rest.
    """
    held, cost = position.quantity_minor, position.cost_minor
    if held == 0 or (held > 0) == (quantity_minor > 0):
        return Position(held + quantity_minor, cost + cost_minor), 0
    if abs(quantity_minor) <= abs(held):
        released = round_minor(Fraction(cost * abs(quantity_minor), abs(held)), rounding)
        return Position(held + quantity_minor, cost - released), -cost_minor - released
    closing = round_minor(Fraction(cost_minor * abs(held), abs(quantity_minor)), rounding)
    opened = Position(quantity_minor + held, cost_minor - closing)
    return opened, -closing - cost


def unrealised(position: Position, rate: Rate, rounding: Rounding) -> int:
    """Return what a position is worth at a rate of its currency, beyond what it cost (below 0 for a loss)."""
    return round_minor(rate.exact(position.quantity_minor), rounding) - position.cost_minor
