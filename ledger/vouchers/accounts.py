"""The account mapping: which account of the log has which code in somebody's chart of accounts.

A YAML document of the user's own. Rules are looked at from top to bottom and the first that fits counts; what
none fits is refused by name. Codes and names are held to plain text here, so that nothing of them can end a
column of a file or be run as a formula by what opens it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ledger.month_end.returns import HISTORY_MONTHS
from ledger.vouchers.errors import AccountsRejected, VoucherRefused
from policies.errors import AgreementRejected, Finding, did_you_mean
from policies.source import Source, path_text, read_source

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


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}", value) else value


def _flag(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Code = Annotated[str, AfterValidator(_code)]
Name = Annotated[str, AfterValidator(_name)]
Number = Annotated[int, BeforeValidator(_number)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Dimension(_Part):
    """An auxiliary dimension of an account: its kind, such as 供应商, and the code and name in it."""

    kind: Name
    code: Code
    name: Name


class AccountRule(_Part):
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


class Currency(_Part):
    """What the accounting program calls the agreement's currency."""

    code: Code
    name: Name


class Returns(_Part):
    """That expected returns are stated, by the history of so many months."""

    history_months: Annotated[Number, Field(ge=1, le=120)] = HISTORY_MONTHS


class AccountMap(_Part):
    """An account mapping as written."""

    vouchers: Annotated[Literal[1], BeforeValidator(_number)]
    word: Name
    preparer: Name
    currency: Currency
    per: Literal["day", "month"] = "day"
    accruals: Annotated[bool, BeforeValidator(_flag)] = True
    expected_returns: Returns | None = None
    accounts: Annotated[list[AccountRule], Field(min_length=1, max_length=5_000)]

    def rule(self, of: Of, owner: str, purpose: str) -> AccountRule | None:
        """Return the first rule for an account, None where there is none."""
        return next((one for one in self.accounts if one.fits(of, owner, purpose)), None)


def load_account_map(path: Path) -> AccountMap:
    """Read an account mapping file. Raises AccountsRejected, VoucherRefused where it is no text in UTF-8."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise VoucherRefused("the mapping is not text in UTF-8; save it as UTF-8", where=str(path)) from None
    return read_account_map(text, name=str(path))


def read_account_map(text: str, *, name: str) -> AccountMap:
    """Read and validate an account mapping. Raises AccountsRejected with every finding."""
    try:
        source = read_source(text, name)
    except AgreementRejected as fault:
        raise AccountsRejected(name, fault.findings) from None
    try:
        return AccountMap.model_validate(source.plain)
    except ValidationError as fault:
        problems = sorted(fault.errors(include_url=False), key=lambda one: one["type"] == "missing")
        raise AccountsRejected(name, tuple(_worded(source, dict(one)) for one in problems)) from None


def _worded(source: Source, problem: dict[str, Any]) -> Finding:
    path = tuple(problem["loc"])
    at = source.at(path)
    message = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        message = f"unknown field{did_you_mean(str(path[-1]), _fields_at(path[:-1]))}"
    if problem["type"] == "missing":
        message = f"'{path[-1]}' is missing"
    line, column = (at.line, at.column) if at else (1, 1)
    return Finding("vouchers.accounts", "error", message, path_text(path), line, column)


def _fields_at(path: tuple[str | int, ...]) -> list[str]:
    named = [part for part in path if isinstance(part, str)]
    models: dict[str, type[BaseModel]] = {
        "accounts": AccountRule, "dimensions": Dimension, "currency": Currency, "expected_returns": Returns,
    }  # fmt: skip
    model = models.get(named[-1], AccountMap) if named else AccountMap
    return [field.alias or name for name, field in model.model_fields.items()]
