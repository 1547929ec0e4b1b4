"""Whether a document's place among its versions fits: what it follows, its days, its opening balances."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.errors import Finding, MoneyError
from policies.money import from_minor, to_minor
from policies.references.fitting import account
from policies.source import Path


def versions(agreement: Agreement) -> Iterator[Finding]:
    """Yield what does not fit in `supersedes` and `opening`."""
    yield from _supersedes(agreement)
    yield from _opening(agreement)


def _supersedes(agreement: Agreement) -> Iterator[Finding]:
    follows, document = agreement.document.supersedes, agreement.document
    if follows is None:
        return
    if follows.version != document.version - 1:
        message = f"version {document.version} follows version {document.version - 1}, not {follows.version}"
        message_zh = f"第 {document.version} 版承接的应为第 {document.version - 1} 版"
        path: Path = ("supersedes", "version")
        yield agreement.finding("supersedes.version", message, path, message_zh=message_zh)
    if follows.from_ is not None and follows.from_ >= document.effective_from:
        message = (
            f"a retroactive change reaches back before {document.effective_from}, the day it takes effect;"
            f" {follows.from_} does not, so 'by_order_time' is enough"
        )
        yield agreement.finding(
            "supersedes.not-past",
            message,
            ("supersedes", "from"),
            message_zh=f"追溯日 {follows.from_} 须早于生效日 {document.effective_from}，否则用 by_order_time",
        )


def _opening(agreement: Agreement) -> Iterator[Finding]:
    opening = agreement.document.opening
    if opening is None:
        return
    if agreement.version != 1:
        message = "balances are carried over once, in version 1; a later version has no 'opening'"
        message_zh = "期初余额仅在第 1 版中结转一次，后续版本不写 opening"
        yield agreement.finding("opening.not-first", message, ("opening",), message_zh=message_zh)
    total = 0
    for name, text in opening.balances.items():
        at: Path = ("opening", "balances", name)
        yield from account(agreement, name, at)
        minor, findings = _amount(agreement, text, at)
        total += minor
        yield from findings
    for name, text in opening.volumes.items():
        yield from _amount(agreement, text, ("opening", "volumes", name))[1]
    if opening.rest is not None:
        yield from account(agreement, opening.rest, ("opening", "rest"))
        if opening.rest in opening.balances:
            message = f"'{opening.rest}' takes the rest, so it has no balance of its own here"
            yield agreement.finding(
                "opening.rest",
                message,
                ("opening", "rest"),
                message_zh=f"“{opening.rest}”承担余额，不应另列期初余额",
            )
    elif total:
        amount = from_minor(total, agreement.currency)
        yield agreement.finding(
            "opening.unbalanced",
            f"opening balances sum to {amount}, not to zero; name the account that takes the rest as 'rest'",
            ("opening", "balances"),
            message_zh=f"期初余额合计为 {amount}，应为零；或以 rest 写明承担余额的账户",
        )


def _amount(agreement: Agreement, text: str, path: Path) -> tuple[int, list[Finding]]:
    try:
        return to_minor(text, agreement.currency), []
    except MoneyError as fault:
        message_zh = f"“{text[:40]}”不是有效金额，例如 299.00"
        return 0, [agreement.finding("opening.amount", fault.message, path, message_zh=message_zh)]
