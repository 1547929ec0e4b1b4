"""Tells the parties of an amendment for which orders it pays them less than the version before."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.checks.witness import amount, phrase, reason_of, unproved
from policies.diff.less import PaidLess, paid_less
from policies.diff.money import NotComparable
from policies.errors import Finding
from policies.source import Path


def check(new: Agreement, old: Agreement) -> Iterator[Finding]:
    """Yield a warning with an order for each party that the new version pays less."""
    path: Path = (
        ("clauses", new.document.clauses.index(new.commission), "waterfall") if new.commission else ()
    )
    try:
        answers = paid_less(old, new)
    except NotComparable as fault:
        what = (f"{new.ref} pays anybody less than {old.ref}", f"{new.ref} 是否少付于 {old.ref}")
        yield unproved(new, what, reason_of(fault), path)
        return
    for one in answers:
        if one.verdict == "found":
            yield _less(new, old, one, path)
        elif one.verdict == "unknown":
            name = _names(new, old, one.party)
            what = (f"{new.ref} pays {name[0]} less than {old.ref}", f"{new.ref} 是否使{name[1]}少得")
            yield unproved(new, what, (one.reason or "", one.reason_zh or ""), path)


def _names(new: Agreement, old: Agreement, party: str) -> tuple[str, str]:
    words = (new.parties.get(party) or old.parties[party]).name
    return words.en, words.zh


def _less(new: Agreement, old: Agreement, one: PaidLess, path: Path) -> Finding:
    name = _names(new, old, one.party)
    order = dict(one.order.order.given) if one.order else {}
    before, after = amount(new, one.before), amount(new, one.after)
    return new.finding(
        "amendment.pays-less",
        f"{name[0]} is paid less than under {old.ref}: for an order of {phrase(new, order, 'en')} it is"
        f" {after} instead of {before}",
        path,
        severity="warning",
        witness={"party": one.party, "order": order, "before": before, "after": after},
        message_zh=f"与 {old.ref} 相比{name[1]}所得减少："
        f"订单（{phrase(new, order, 'zh')}）由 {before} 变为 {after}",
    )
