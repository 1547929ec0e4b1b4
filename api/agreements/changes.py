"""What a version changes against another, as its parties read it."""

from __future__ import annotations

from collections.abc import Mapping

from api.agreements.schemas import OrderChange, PartyPaid, ShareChange, TermChange, VersionChanges
from api.reading import Money, PartyName, Text
from api.worded import both, label, party_name
from policies.agreement import Agreement
from policies.diff.compare import Difference
from policies.diff.less import PaidLess
from policies.diff.money import OrderDifference
from policies.diff.words import says


def version_changes(found: Difference) -> VersionChanges:
    """Return a difference for people: sentences, amounts, and for each party whether it is ever paid less."""
    money = found.money
    return VersionChanges(
        old=found.old.ref,
        new=found.new.ref,
        starts=found.starts.day.isoformat() if found.starts else None,
        starts_because=_because(found),
        terms=tuple(
            TermChange(
                one.what,
                one.part,
                one.item if one.part == "clauses" and one.item else None,
                Text(says(one, found.old, found.new, "zh"), says(one, found.old, found.new, "en")),
            )
            for one in found.terms
        ),
        orders_compared=len(money.orders) if money else 0,
        orders_changed=len(money.changed) if money else 0,
        orders=tuple(_order(found, one) for one in (money.orders if money else ()) if _is_shown(one)),
        paid=tuple(_paid(found, one) for one in found.less),
        no_money=Text(found.no_money_zh or "", found.no_money or "") if money is None else None,
    )


def _because(found: Difference) -> Text | None:
    if found.starts is None:
        return None
    if found.starts.because == "event":
        return both("changes.because-event")
    if found.starts.because == "consent":
        return both("changes.because-consent")
    return Text(found.starts.lawful.reason("zh"), found.starts.lawful.reason("en"))


def _is_shown(one: OrderDifference) -> bool:
    return bool(one.order.name) and (one.refused is not None or any(share.difference for share in one.shares))


def _order(found: Difference, one: OrderDifference) -> OrderChange:
    currency = found.new.currency
    return OrderChange(
        name=one.order.name,
        given=_given(found, one.order.given),
        shares=tuple(
            ShareChange(
                label(_knowing(found, share.name), share.name),
                _party(found, share.party),
                Money(share.before, currency),
                Money(share.after, currency),
                Money(share.difference, currency),
            )
            for share in one.shares
            if share.difference
        ),
        refused=one.refused,
    )


def _paid(found: Difference, one: PaidLess) -> PartyPaid:
    shown = one.verdict == "found" and one.order is not None
    currency = found.new.currency
    return PartyPaid(
        party=_party(found, one.party),
        verdict=one.verdict,
        given=_given(found, one.order.order.given) if shown and one.order else None,
        before=Money(one.before, currency) if shown else None,
        after=Money(one.after, currency) if shown else None,
        reason=Text(one.reason_zh or "", one.reason) if one.reason else None,
    )


def _given(found: Difference, given: Mapping[str, str]) -> Text:
    named = [(label(_knowing(found, name), name), value) for name, value in given.items()]
    return Text(
        "、".join(f"{name.spoken('zh')} {value}" for name, value in named),
        ", ".join(f"{name.spoken('en')} {value}" for name, value in named),
    )


def _knowing(found: Difference, name: str) -> Agreement:
    """Return the version whose words name something: the new one, or the old for what it no longer has."""
    return found.new if name in found.new.labels() else found.old


def _party(found: Difference, key: str) -> PartyName:
    return party_name(found.new if key in found.new.parties else found.old, key)
