"""Tables of a document: figures by text, or by steps of an amount. How formulas read them is not said here.

`rows` may be written as a mapping, `{grain: 2%, apparel: 5%}`, or as a list of `{is: grain, value: 2%}`; what
is signed is the list, so a key may be in any script.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from policies.errors import FormulaError, PolicyError
from policies.fields import Model, Words
from policies.formulas.tree import Number, Table
from policies.money import read_decimal, read_rate, to_minor

ROWS_LIMIT = 500
STEPS_LIMIT = 50

Figure = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^'\n]*$")]
"""A text that rows of a table or options of a fact are told apart by; it can stand in quotes in a formula."""


class TableRow(Model):
    """The figure of one text."""

    is_: Key = Field(alias="is")
    value: Figure


class TableStep(Model):
    """The figure of amounts up to and including `upto`, from where the step before ended."""

    upto: Figure | None = None
    value: Figure


def _row_list(value: Any) -> Any:
    return [{"is": key, "value": item} for key, item in value.items()] if isinstance(value, dict) else value


Rows = Annotated[tuple[TableRow, ...], BeforeValidator(_row_list), Field(min_length=1, max_length=ROWS_LIMIT)]
Steps = Annotated[tuple[TableStep, ...], Field(min_length=1, max_length=STEPS_LIMIT)]


class TableTerms(Model):
    """A table as the document holds it: `by` what it is read and what its figures are (`gives`)."""

    by: Literal["text", "money", "count", "rate"]
    gives: Literal["money", "rate", "count"]
    rows: Rows | None = None
    steps: Steps | None = None
    otherwise: Figure | None = None
    text: Words | None = None

    @model_validator(mode="after")
    def _one_shape(self) -> TableTerms:
        by_text = self.by == "text"
        if (self.rows is not None) != by_text or (self.steps is not None) == by_text:
            raise ValueError("a table by text has 'rows', a table by an amount has 'steps'")
        if self.otherwise is not None and not by_text:
            raise ValueError("'otherwise' belongs to a table by text; the last step has no 'upto' instead")
        return self

    def read(self, name: str, currency: str) -> Table:
        """Return the table as formulas read it.

        Raises FormulaError, its data saying at which `row` or `step`, for a figure that does not read, a text
        given twice, and steps that do not ascend to an open last one.
        """
        otherwise = None
        if self.otherwise is not None:
            otherwise = _figure(self.otherwise, self.gives, currency, ("otherwise",))
        return Table(name, self.by, self.gives, self._rows(currency), self._steps(currency), otherwise)

    def _rows(self, currency: str) -> tuple[tuple[str, Number], ...]:
        found: dict[str, Number] = {}
        for index, row in enumerate(self.rows or ()):
            if row.is_ in found:
                raise FormulaError(f"'{row.is_}' has a row already", at=("rows", index))
            found[row.is_] = _figure(row.value, self.gives, currency, ("rows", index, "value"))
        return tuple(found.items())

    def _steps(self, currency: str) -> tuple[tuple[Number | None, Number], ...]:
        found: list[tuple[Number | None, Number]] = []
        steps = self.steps or ()
        assert self.by != "text" or not steps
        for index, step in enumerate(steps):
            last = index == len(steps) - 1
            if last != (step.upto is None):
                message = (
                    "the last step is open and has no 'upto'"
                    if last
                    else "every step but the last has an 'upto'"
                )
                raise FormulaError(message, at=("steps", index))
            upto = None
            if step.upto is not None and self.by != "text":
                upto = _figure(step.upto, self.by, currency, ("steps", index, "upto"))
                before = found[-1][0] if found else None
                if before is not None and upto.value <= before.value:
                    message = f"{step.upto} does not lie above {before.text}, where the step before ends"
                    raise FormulaError(message, at=("steps", index, "upto"))
            found.append((upto, _figure(step.value, self.gives, currency, ("steps", index, "value"))))
        return tuple(found)


def _figure(
    text: str, kind: Literal["money", "rate", "count"], currency: str, at: tuple[str | int, ...]
) -> Number:
    try:
        if kind == "rate":
            return Number(read_rate(text), text)
        if kind == "money":
            to_minor(text, currency)
        value = read_decimal(text)
    except PolicyError as fault:
        raise FormulaError(fault.message, at=at) from None
    if kind == "count" and (value.denominator != 1 or value < 0):
        raise FormulaError(f"'{text}' is not a whole number such as 12", at=at)
    return Number(value, text)
