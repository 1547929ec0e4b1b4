"""Parameters of a clause kind: their types, and the pydantic fields that read them from a document.

A parameter is named and described in the kind's own file; here is only what types there are and what each
accepts. How a value is written into a formula or a sentence is `policies.clauses.placeholders`'.
"""

from __future__ import annotations

import keyword
import re
from itertools import pairwise
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field, create_model, model_validator
from pydantic.fields import FieldInfo

from policies.fields import (
    Account,
    Day,
    FactName,
    Formula,
    Model,
    Name,
    RowsFormula,
    WholeNumber,
    Words,
    YesNo,
)
from policies.money import read_decimal

ParameterType = Literal[
    "money", "rate", "count", "date", "bool", "text", "texts", "names", "party", "account", "sources", "leg",
    "fact", "enum", "words", "number", "amount", "figure", "condition", "day", "each", "rows", "steps",
    "bands", "fines", "group",
]  # fmt: skip
"""`amount`, `figure`, `condition` and `day` are formulas of money, a number, a truth and a day, `each` one of
money per order, `rows` which orders; the rest are values. `sources` are accounts in the order they are drawn
on, `steps` a ladder of rates, `bands` amounts by size, `fines` amounts by name."""

FORMULA_TYPES: dict[str, Literal["money", "number", "bool", "date"]] = {
    "amount": "money", "figure": "number", "condition": "bool", "day": "date", "each": "money",
}  # fmt: skip
"""What the formula of each formula parameter gives."""

_MONEY = re.compile(r"([1-9][0-9]{0,2}(_[0-9]{3})+|0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?")
_RATE = re.compile(r"(0|[1-9][0-9]{0,5})(\.[0-9]{1,8})?%?")
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?")
_TEXT = re.compile(r"[^'\n{}\[\]]{1,80}")


def _money(value: str) -> str:
    if not _MONEY.fullmatch(value):
        raise ValueError(f"'{value[:40]}' is not an amount such as 2_000_000.00")
    return value


def _rate(value: str) -> str:
    if not _RATE.fullmatch(value):
        raise ValueError(f"'{value[:40]}' is not a rate such as 5% or 0.05")
    return value


def _number(value: str) -> str:
    if not _NUMBER.fullmatch(value):
        raise ValueError(f"'{value[:40]}' is not a number such as 2.5")
    return value


def _text(value: str) -> str:
    if not _TEXT.fullmatch(value):
        raise ValueError(
            f"'{value[:40]}' cannot stand in a formula: 1 to 80 characters, no quotes or brackets"
        )
    return value


MoneyText = Annotated[str, AfterValidator(_money)]
RateText = Annotated[str, AfterValidator(_rate)]
NumberText = Annotated[str, AfterValidator(_number)]
PlainText = Annotated[str, AfterValidator(_text)]


class LadderStep(Model):
    """One step of a ladder: its rate up to an amount inclusive; the last step has no end."""

    upto: MoneyText | None = None
    rate: RateText


class Band(Model):
    """One band of a table by size: its amount up to a size inclusive; the last band has no end."""

    upto: MoneyText | None = None
    amount: MoneyText


AnyStep = TypeVar("AnyStep", LadderStep, Band)


def _rising(steps: tuple[AnyStep, ...]) -> tuple[AnyStep, ...]:
    ends = [step.upto for step in steps]
    if any(end is None for end in ends[:-1]) or ends[-1] is not None:
        raise ValueError("every step but the last has an end ('upto'), and the last has none")
    amounts = [read_decimal(end) for end in ends if end is not None]
    if any(after <= before for before, after in pairwise(amounts)):
        raise ValueError("the ends of the steps must rise")
    return steps


_ANNOTATIONS: dict[str, Any] = {
    "money": MoneyText, "rate": RateText, "count": WholeNumber, "date": Day, "bool": YesNo, "text": PlainText,
    "texts": Annotated[tuple[PlainText, ...], Field(min_length=1, max_length=20)],
    "names": Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)],
    "party": Name, "account": Account, "leg": Name, "fact": FactName,
    "sources": Annotated[tuple[Account, ...], Field(min_length=1, max_length=8)],
    "amount": Formula, "figure": Formula, "condition": Formula, "day": Formula,
    "steps": Annotated[
        tuple[LadderStep, ...], Field(min_length=2, max_length=8), AfterValidator(_rising)
    ],
    "bands": Annotated[tuple[Band, ...], Field(min_length=2, max_length=8), AfterValidator(_rising)],
    "words": Words, "number": NumberText, "each": Formula, "rows": RowsFormula,
    "fines": Annotated[dict[Name, MoneyText], Field(min_length=1, max_length=20)],
}  # fmt: skip


TABLE_TYPES = {
    "steps": {"by": "money", "gives": "rate"},
    "bands": {"by": "money", "gives": "money"},
    "fines": {"by": "text", "gives": "money", "otherwise": "0.00"},
}
"""Parameters that become a table of the document, by type, and what its figures are."""


def table_of(kind: str, value: Any) -> dict[str, Any]:
    """Return the table that a parameter becomes, as a document writes it."""
    if kind == "fines":
        return {**TABLE_TYPES[kind], "rows": dict(sorted(value.items()))}
    figure = "rate" if kind == "steps" else "amount"
    steps = [{"upto": one.upto, "value": getattr(one, figure)} for one in value]
    return {**TABLE_TYPES[kind], "steps": [{key: text for key, text in one.items() if text} for one in steps]}


class Parameter(Model):
    """One parameter as a kind's file declares it.

    It is required, unless `optional` (absent means that what it stands in falls away) or given a `default`,
    which is then part of what is signed.
    """

    type: ParameterType
    text: Words
    note: Words | None = None
    optional: YesNo = False
    default: Any = None
    options: dict[Name, Words] = Field(default_factory=dict)
    parts: dict[Name, Parameter] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Parameter:
        if (self.type == "enum") != bool(self.options) or (self.type == "group") != bool(self.parts):
            raise ValueError("an enum has 'options', a group has 'parts', and nothing else has either")
        if self.optional and self.default is not None:
            raise ValueError("a parameter with a default is never absent: drop 'optional'")
        return self


def fields_of(parameters: dict[str, Parameter], owner: str) -> dict[str, Any]:
    """Return the pydantic fields that read these parameters, for `create_model`."""
    return {_attribute(name): _field(name, one, owner) for name, one in parameters.items()}


def value_of(model: BaseModel, name: str) -> Any:
    """Return the value of a parameter by its name in the document, dotted inside groups; None if absent."""
    value: Any = model
    for part in name.split("."):
        value = getattr(value, _attribute(part), None)
    return value


def _attribute(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) or hasattr(BaseModel, name) else name


def _field(name: str, parameter: Parameter, owner: str) -> tuple[Any, FieldInfo]:
    annotation = _annotation(name, parameter, owner)
    more: dict[str, Any] = {"title": parameter.text.en, "description": _described(parameter)}
    if _attribute(name) != name:
        more["alias"] = name
    if parameter.optional:
        return annotation | None, Field(default=None, **more)
    if parameter.default is not None:
        return annotation, Field(default=parameter.default, validate_default=True, **more)
    return annotation, Field(**more)


def one_of(*options: str) -> Any:
    """Return the type of a text that is one of these."""
    return Literal.__getitem__(options)


def _annotation(name: str, parameter: Parameter, owner: str) -> Any:
    if parameter.type == "enum":
        return one_of(*parameter.options)
    if parameter.type == "group":
        title = f"{owner}_{name}"
        return create_model(title, __base__=Model, **fields_of(parameter.parts, title))
    return _ANNOTATIONS[parameter.type]


def _described(parameter: Parameter) -> str:
    options = [f"{key}: {words.zh} / {words.en}" for key, words in parameter.options.items()]
    notes = [f"{parameter.note.zh} / {parameter.note.en}"] if parameter.note else []
    return "; ".join([f"{parameter.text.zh} / {parameter.text.en}", *notes, *options])
