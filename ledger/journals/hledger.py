"""A journal as hledger reads it (1.25 and later), with all that `hledger check --strict` asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from urllib.parse import quote

from ledger.journals.transactions import Transaction
from policies.money import from_minor, minor_digits

_TAGGED = re.compile(r"[%,\[\]\x80-\x9f\u2028\u2029]|^\s|\s$")
"""What would end or change a tag: percent-encoded as UTF-8, as in an address."""


def tag_value(text: str) -> str:
    """Return a text as the value of a tag, reversibly (`urllib.parse.unquote`)."""
    return _TAGGED.sub(lambda found: quote(found[0], safe=""), text)


class Hledger:
    """See writing.Style."""

    def begin(self, about: list[str]) -> str:
        """See writing.Style."""
        return "".join(f"; {line}\n" for line in about) + "decimal-mark .\n\n"

    def currency(self, code: str, day: date) -> str:  # noqa: ARG002 -- beancount wants the day
        """See writing.Style."""
        digits = minor_digits(code)
        return f"commodity 1000.{'0' * digits} {code}\n"

    def account(self, name: str, day: date) -> str:  # noqa: ARG002 -- as above
        """See writing.Style."""
        return f"account {name}\n"

    def opening(self, day: date, amounts: Iterable[tuple[str, int, str]]) -> str:
        """See writing.Style."""
        lines = [f"    {name}  {from_minor(amount, code)} {code}\n" for name, amount, code in amounts]
        return f"\n{day} opening balances\n{''.join(lines)}"

    def transaction(self, one: Transaction, amounts: Iterable[tuple[str, int, str]]) -> str:
        """See writing.Style."""
        tags = {
            "seq": str(one.seq), "source": one.source, "id": one.id, "agreement": one.agreement,
            "order": one.order, "line": one.line, "late_from": one.late_from and str(one.late_from),
        }  # fmt: skip
        lines = [f"\n{one.day} ({one.seq}) {one.kind}\n"]
        lines += [f"    ; {name}:{tag_value(value)}\n" for name, value in tags.items() if value]
        named = [f"  ; clause:{tag_value(p.clause)}, posting:{p.kind}" for p in one.postings]
        for place, (name, amount, code) in enumerate(amounts):
            note = named[place] if place < len(named) else ""
            lines.append(f"    {name}  {from_minor(amount, code)} {code}{note}\n")
        return "".join(lines)

    def closing(self, day: date, amounts: Iterable[tuple[str, int, str]]) -> str:
        """See writing.Style."""
        lines = [
            f"    {name}  0 {code} = {from_minor(amount, code)} {code}\n" for name, amount, code in amounts
        ]
        return f"\n{day} balances asserted\n{''.join(lines)}"
