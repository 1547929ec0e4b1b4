"""A journal as beancount reads it (version 3), with all that `bean-check` asks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from ledger.journals.transactions import Transaction
from policies.money import from_minor


def quoted(text: str) -> str:
    """Return a text as a string of beancount."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Beancount:
    """See writing.Style."""

    def begin(self, about: list[str]) -> str:
        """See writing.Style."""
        return "".join(f";; {line}\n" for line in about) + "\n"

    def currency(self, code: str, day: date) -> str:
        """See writing.Style."""
        return f"{day} commodity {code}\n"

    def account(self, name: str, day: date) -> str:
        """See writing.Style."""
        return f"{day} open {name}\n"

    def opening(self, day: date, amounts: Iterable[tuple[str, int, str]]) -> str:
        """See writing.Style."""
        lines = [f"  {name}  {from_minor(amount, code)} {code}\n" for name, amount, code in amounts]
        return f'\n{day} * "opening balances"\n{"".join(lines)}'

    def transaction(self, one: Transaction, amounts: Iterable[tuple[str, int, str]]) -> str:
        """See writing.Style."""
        told = {
            "source": one.source, "id": one.id, "agreement": one.agreement, "order": one.order,
            "line": one.line, "late_from": one.late_from and str(one.late_from),
        }  # fmt: skip
        lines = [f'\n{one.day} * "{one.kind}"\n', f"  seq: {one.seq}\n"]
        lines += [f"  {name}: {quoted(value)}\n" for name, value in told.items() if value]
        for place, (name, amount, code) in enumerate(amounts):
            lines.append(f"  {name}  {from_minor(amount, code)} {code}\n")
            if place < len(one.postings):
                posting = one.postings[place]
                lines.append(f'    clause: {quoted(posting.clause)}\n    posting: "{posting.kind}"\n')
        return "".join(lines)

    def closing(self, day: date, amounts: Iterable[tuple[str, int, str]]) -> str:
        """See writing.Style."""
        after = day + timedelta(days=1)  # beancount asserts at the beginning of a day
        lines = [
            f"{after} balance {name}  {from_minor(amount, code)} ~ 0 {code}\n"
            for name, amount, code in amounts
        ]
        return "\n" + "".join(lines)
