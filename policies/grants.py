"""Whether an agreement lets a party have fields of its orders: by the data grants of its version in force.

Says yes or no with the clause; it reads no orders and hands nothing out. What is left out of what a grant
permits (whose time is over, who opted out, groups that are too small) is decided where orders are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from policies.agreement import Agreement
from policies.clauses.data_grant import DataGrant

Level = Literal["order", "aggregate"]
"""Order by order, or as counts and sums over groups of orders."""

Reason = Literal["recipient", "purpose", "term", "fields", "level"]
"""What a grant does not cover, in the order in which it is looked at."""

_LOOKED_AT: tuple[Reason, ...] = ("recipient", "purpose", "term", "fields", "level")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a party asks for: its key in the document, for what purpose, which fields, how, and on what day.

    `purpose` is in the words of the grant, in either language; case and spaces do not count.
    """

    recipient: str
    purpose: str
    fields: tuple[str, ...]
    level: Level
    day: date


@dataclass(frozen=True, slots=True)
class Verdict:
    """A grant that permits what was asked for, or why none does.

    Of several grants that do not, `clause` is the one that comes nearest; `outside` are the fields asked for
    that it does not name. Without any grant to the party, `clause` is None.
    """

    clause: DataGrant | None
    reason: Reason | None = None
    outside: tuple[str, ...] = ()

    @property
    def permits(self) -> bool:
        """Tell whether it may be given."""
        return self.reason is None


def data_grants(agreement: Agreement) -> Iterator[DataGrant]:
    """Yield the data grants of a version, in its order."""
    return (one for one in agreement.document.clauses if isinstance(one, DataGrant))


def access_verdict(agreement: Agreement, wanted: Wanted) -> Verdict:
    """Return the first grant that permits what is wanted, else the first of those that come nearest."""
    verdicts = [_verdict(grant, wanted) for grant in data_grants(agreement)]
    permitting = next((one for one in verdicts if one.permits), None)
    if permitting is not None:
        return permitting
    known = [one for one in verdicts if one.reason != "recipient"]
    return max(known, key=_nearness, default=Verdict(None, "recipient"))


def _nearness(verdict: Verdict) -> tuple[int, int]:
    assert verdict.reason is not None, "what permits is not compared"
    return _LOOKED_AT.index(verdict.reason), -len(verdict.outside)


def _verdict(grant: DataGrant, wanted: Wanted) -> Verdict:
    outside = tuple(name for name in wanted.fields if name not in grant.fields)
    if wanted.recipient not in grant.recipients:
        return Verdict(grant, "recipient", outside)
    if _plain(wanted.purpose) not in {_plain(grant.purpose.zh), _plain(grant.purpose.en)}:
        return Verdict(grant, "purpose", outside)
    if not in_term(grant, wanted.day):
        return Verdict(grant, "term", outside)
    if outside:
        return Verdict(grant, "fields", outside)
    aggregates = grant.aggregates
    if aggregates is None if wanted.level == "aggregate" else aggregates is not None and aggregates.only:
        return Verdict(grant, "level")
    return Verdict(grant)


def in_term(grant: DataGrant, day: date) -> bool:
    """Tell whether a grant runs on a day; its last day is part of it."""
    begun = grant.valid_from is None or grant.valid_from <= day
    return begun and (grant.valid_until is None or day <= grant.valid_until)


def opt_outs_heeded(grant: DataGrant, fields: tuple[str, ...]) -> frozenset[str]:
    """Return the opt-outs that keep a buyer's orders back: those it names, and of personal data `sharing`."""
    named = frozenset[str](grant.opt_outs or ())
    return named | {"sharing"} if set(grant.personal).intersection(fields) else named


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
