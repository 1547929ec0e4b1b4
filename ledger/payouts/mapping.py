"""Mappings of payment files: which columns a bank or provider wants, and what its answer says where.

A mapping is a YAML file in `mappings/`, or one of a user's own. docs/reference/payouts.md describes the
fields. Writing by it is writing.py's, reading answers is answers.py's.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ledger.intake.mapping import Numeral, numeral
from ledger.payouts.accounts import Means
from ledger.payouts.errors import PayoutMappingRejected
from policies.declarations import read_declaration
from policies.errors import did_you_mean
from policies.fields import Words

Value = Literal[
    "reference", "number", "amount", "currency", "holder", "account", "bank", "bank_code", "note",
    "batch", "batch_number", "day", "count", "total", "payer_holder", "payer_account",
]  # fmt: skip
"""What a cell may hold: of one payment, of the batch (from `batch` on), of the payer's own account."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Column(_Part):
    """One column of the file: its header, and what its cells hold, a value or a fixed text."""

    header: str = Field(min_length=1)
    value: Value | None = None
    fixed: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Column:
        if (self.value is None) == (self.fixed is None):
            raise ValueError("give either `value` or `fixed`")
        return self


class Answer(_Part):
    """The file that comes back: where it says of which payment what became of it.

    A status in none of the three lists of `outcome`, or in `waiting`, says nothing yet; an unknown one is
    refused. Amounts are in major units.
    """

    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    header_line: Numeral = Field(default=1, ge=1, le=1_000)
    until: str | None = Field(default=None, min_length=1)
    reference: str
    amount: str
    status: str
    confirmed: list[str]
    failed: list[str] = Field(default_factory=list)
    returned: list[str] = Field(default_factory=list)
    waiting: list[str] = Field(default_factory=list)
    at: str | None = None
    bank_reference: str | None = None
    reason: str | None = None


class PaymentMapping(_Part):
    """A mapping as written. `means` are the kinds of account that the file pays to."""

    payment_mapping: Annotated[Literal[1], BeforeValidator(numeral)]
    title: Words
    means: list[Means] = Field(min_length=1)
    currency: str
    encoding: Literal["utf-8", "utf-8-sig", "gbk"] = "utf-8"
    time_zone: str
    rows_max: Numeral = Field(default=3_000, ge=1)
    note: str = Field(default="", max_length=60)
    lead: list[Column] = Field(default_factory=list)
    columns: list[Column] = Field(min_length=1)
    answer: Answer


def shipped() -> tuple[str, ...]:
    """Return the names of the mappings that come with the package."""
    folder = resources.files("ledger.payouts").joinpath("mappings")
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".yaml")))


def load_payment_mapping(name: str) -> PaymentMapping:
    """Return a shipped mapping by name, or a file by its path, which ends in .yaml.

    Raises PayoutMappingRejected for one that is not known, or does not read.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise PayoutMappingRejected("there is no such mapping file", where=name)
        return read_payment_mapping(path.read_text(encoding="utf-8-sig"), name=name)
    return shipped_mapping(name)


def shipped_mapping(name: str) -> PaymentMapping:
    """Return a mapping that comes with the package. Raises PayoutMappingRejected."""
    if name not in shipped():
        hint = did_you_mean(name, shipped())
        raise PayoutMappingRejected(f"no payment mapping '{name[:60]}' is shipped{hint}", where="mapping")
    item = resources.files("ledger.payouts").joinpath("mappings", f"{name}.yaml")
    return read_payment_mapping(item.read_text(encoding="utf-8"), name=name)


def read_payment_mapping(text: str, *, name: str) -> PaymentMapping:
    """Read a mapping. Raises PayoutMappingRejected naming line and path of the first thing that is wrong."""
    return read_declaration(PaymentMapping, text, name=name, refused=PayoutMappingRejected)
