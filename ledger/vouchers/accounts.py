"""The account mapping: which account of the log has which code in somebody's chart of accounts.

A YAML document of the user's own. Rules are looked at from top to bottom and the first that fits counts; what
none fits is refused by name. Codes and names are held to plain text here, so that nothing of them can end a
column of a file or be run as a formula by what opens it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ledger.intake.declared import read_declared
from ledger.intake.mapping import Flag, Numeral, Part, numeral
from ledger.month_end.returns import HISTORY_MONTHS
from ledger.vouchers.errors import VoucherRefused
from policies.source import Path as Place

Of = Literal["posted", "accrual", "expected_returns"]
"""What a voucher states: what was posted, what is earned and not settled, or what returns are expected."""

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_NAME_LIMIT = 60
_BARRED = re.compile(r"[\x00-\x1f\x7f,\"']|---")
_FORMULA = ("=", "+", "-", "@")


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError("a code is letters, digits, dot, dash and underscore, at most 40")
    return text


def _name(text: str) -> str:
    if not text.strip() or len(text) > _NAME_LIMIT or _BARRED.search(text) or text.startswith(_FORMULA):
        wanted = f"at most {_NAME_LIMIT} characters without commas, quotes, '---' or a sign in front"
        raise ValueError(f"a name is plain text, {wanted}")
    return text


Code = Annotated[str, AfterValidator(_code)]
Name = Annotated[str, AfterValidator(_name)]


class Dimension(Part):
    """An auxiliary dimension of an account: its kind, such as 供应商, and the code and name in it."""

    kind: Name
    code: Code
    name: Name


class AccountRule(Part):
    """A code, and what it is for: what is left out fits anything."""

    code: Code
    name: Name
    owner: str | None = None
    purpose: str | None = None
    of: Of | None = Field(default=None, alias="for")
    dimensions: list[Dimension] = Field(default_factory=list, max_length=8)

    def fits(self, of: Of, owner: str, purpose: str) -> bool:
        """Tell whether this rule is for an account."""
        wanted = (self.of, of), (self.owner, owner), (self.purpose, purpose)
        return all(mine in {None, theirs} for mine, theirs in wanted)


class Currency(Part):
    """What the accounting program calls the agreement's currency."""

    code: Code
    name: Name


class Returns(Part):
    """That expected returns are stated, by the history of so many months."""

    history_months: Annotated[Numeral, Field(ge=1, le=120)] = HISTORY_MONTHS


class AccountMap(Part):
    """An account mapping as written."""

    vouchers: Annotated[Literal[1], BeforeValidator(numeral)]
    word: Name
    preparer: Name
    currency: Currency
    per: Literal["day", "month"] = "day"
    accruals: Flag = True
    expected_returns: Returns | None = None
    accounts: Annotated[list[AccountRule], Field(min_length=1, max_length=5_000)]

    def rule(self, of: Of, owner: str, purpose: str) -> AccountRule | None:
        """Return the first rule for an account, None where there is none."""
        return next((one for one in self.accounts if one.fits(of, owner, purpose)), None)


def load_account_map(path: Path) -> AccountMap:
    """Read an account mapping file. Raises MappingRejected, VoucherRefused where it is no text in UTF-8."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise VoucherRefused("the mapping is not text in UTF-8; save it as UTF-8", where=str(path)) from None
    return read_account_map(text, name=str(path))


def read_account_map(text: str, *, name: str) -> AccountMap:
    """Read and validate an account mapping. Raises MappingRejected with every finding."""
    document, _ = read_declared(text, name, AccountMap, fields_at=_fields_at, faults=lambda _: ())
    return document


_MODELS: dict[str, type[Part]] = {
    "accounts": AccountRule, "dimensions": Dimension, "currency": Currency, "expected_returns": Returns,
}  # fmt: skip


def _fields_at(path: Place) -> list[str]:
    named = [part for part in path if isinstance(part, str)]
    model = _MODELS.get(named[-1], AccountMap) if named else AccountMap
    return [field.alias or name for name, field in model.model_fields.items()]
