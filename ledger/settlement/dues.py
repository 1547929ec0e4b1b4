"""Dues: what is owed beside the lines' own splits, such as what a window of a ladder still makes up.

A due is a state: a figure at a point, cumulative, and a pure function of the versions, the log before the
point and its cut-off. A run posts what stands due at its point less what stood due at the point of the run
before, so any order of months comes to the same sums. Each goes from one account to another, so nothing is
made or lost. How a due is computed is for the modules that yield it; here is what all of them have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from ledger.settlement.accounts import SET_ASIDE, owner_and_purpose
from ledger.settlement.terms import VersionTerms
from policies.money import exact_text

DueKind = Literal["window", "rounding", "clause", "recovery", "suspense"]
"""What gives rise to a due: a window over which a ladder counts, rounding once per statement, a clause that
says when what it awards falls due, or a debt that is recovered from the party's own accounts."""


RECOVERY = "recovery"
"""Kind of the postings of a recovery: unlike a run's other postings, they count in balances of later dues."""


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a due: the document's account, and under which clause and name its owner reads of it.

    `posting_kind` is what the ledger calls it.
    """

    account: str
    clause: str
    leg: str
    posting_kind: str


@dataclass(frozen=True)
class Due:
    """What stands due at a point, from `funder` to `payee`, in minor units; below zero it goes the other way.

    `key` says for what, in words that stay the same from run to run, such as "commission over monthly
    2026-05"; there is one due for each version, kind, key, payee and funder. `causes` say why it stands, each
    with how much of it there is, in lines or minor units: a run names those that changed. `figures` are what
    it rests on, by name and as text, for both ends to read, and `own` those that only the payee reads.
    `entries` are seqs of the facts behind it, where they are few enough to name.
    """

    version: VersionTerms
    kind: DueKind
    key: str
    payee: Side
    funder: Side
    amount_minor: int
    causes: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[int, ...] = ()

    @property
    def identity(self) -> tuple[int, str, str, Side, Side]:
        """What stays the same from run to run."""
        return self.version.version, self.kind, self.key, self.payee, self.funder


@dataclass(frozen=True, slots=True)
class DueMove:
    """A due and what stood of it before: what a run posts of it is the difference."""

    due: Due
    before_minor: int
    causes: tuple[str, ...]

    @property
    def amount_minor(self) -> int:
        """What the run moves from funder to payee, in minor units."""
        return self.due.amount_minor - self.before_minor

    def sides(self) -> tuple[tuple[str, Side, int], tuple[str, Side, int]]:
        """Return both ends with their owners and what the run adds to each: the payee's, the funder's."""
        agreement, amount = self.due.version.agreement, self.amount_minor
        payee, funder = self.due.payee, self.due.funder
        return (
            (owner_and_purpose(agreement, payee.account)[0], payee, amount),
            (owner_and_purpose(agreement, funder.account)[0], funder, -amount),
        )


def exact_figure(amount: Fraction, currency: str) -> str:
    """Write an amount in major units so that nothing of it is lost: as a decimal where one ends, or "7/3"."""
    text = exact_text(amount, currency)
    return str(amount) if text.endswith("…") else text


def since(now: Iterable[Due], before: Iterable[Due]) -> tuple[DueMove, ...]:
    """Return what a run posts: the dues that stand now less those that stood before, sorted.

    Of one version, kind and key all are returned where any of them moved, so that they can be added up. A due
    that stands no more is taken back whole, for the causes that it stood for.
    """
    standing, earlier = _by_identity(now), _by_identity(before)
    gone = {one: replace(due, amount_minor=0) for one, due in earlier.items() if one not in standing}
    moves = [_move(due, earlier.get(one)) for one, due in (standing | gone).items()]
    moved = {move.due.identity[:3] for move in moves if move.amount_minor}
    return tuple(sorted((move for move in moves if move.due.identity[:3] in moved), key=_order))


def _move(due: Due, earlier: Due | None) -> DueMove:
    before = earlier.causes if earlier else {}
    changed = {name for name, size in due.causes.items() if size != before.get(name, 0)}
    causes = tuple(sorted(changed or due.causes))
    return DueMove(due, earlier.amount_minor if earlier else 0, causes)


def _by_identity(dues: Iterable[Due]) -> dict[tuple[int, str, str, Side, Side], Due]:
    found: dict[tuple[int, str, str, Side, Side], Due] = {}
    for due in dues:
        assert due.identity not in found, f"{due.kind} {due.key} stands due twice between the same accounts"
        found[due.identity] = due
    return found


def _order(move: DueMove) -> tuple[int, str, str, tuple[str, ...], tuple[str, ...]]:
    version, kind, key, payee, funder = move.due.identity
    return version, kind, key, _texts(payee), _texts(funder)


def _texts(side: Side) -> tuple[str, ...]:
    return side.clause, side.leg, side.account, side.posting_kind


@dataclass(frozen=True, slots=True)
class StatedDue:
    """What a run moved of dues for one owner under one clause, name, kind and key, as a statement shows it.

    `before_minor` is what had been posted of it in all before, signed for the owner as `amount_minor` is.
    """

    version: int
    clause: str
    leg: str
    kind: DueKind
    key: str
    amount_minor: int
    before_minor: int
    causes: tuple[str, ...]
    figures: Mapping[str, str]
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HeldDue:
    """A due that a run does not settle, and why; what was posted of it before stands.

    `clause` and `about` say for what, `facts` are those that are lacking or contested, by name, and `words`
    the reasons for a person to look. `sides` are the global ids of those whom the clause names.
    """

    version: int
    clause: str
    about: str
    because: str
    facts: tuple[str, ...]
    words: tuple[Mapping[str, str], ...]
    sides: frozenset[str]


def held_for(held: Sequence[HeldDue], party: str) -> tuple[HeldDue, ...]:
    """Return the held dues of clauses that name a party (by global id), or that name nobody."""
    return tuple(one for one in held if not one.sides or party in one.sides)


def stated_dues(moves: Sequence[DueMove], owner: str) -> tuple[StatedDue, ...]:
    """Return what a run moved of dues for one owner, sorted by version, clause, name, kind and key.

    What is set aside on an account of its own, such as a reserve, is not its owner's to be paid. Who funds
    several payees of one due reads their sum and the figures common to them.
    """
    found: dict[tuple[int, str, str, str, str], StatedDue] = {}
    for move in moves:
        due = move.due
        for place, (whose, side, amount) in enumerate(move.sides()):
            agreement = due.version.agreement
            if whose != owner or owner_and_purpose(agreement, side.account)[1] in SET_ASIDE:
                continue
            if due.kind == "suspense":
                continue  # money that came in with sales: no statement charged it
            sign = -1 if place else 1
            figures = {**due.figures} if place else {**due.figures, **due.own}
            name = due.version.version, side.clause, side.leg, due.kind, due.key
            known = found.get(name)
            found[name] = StatedDue(
                due.version.version,
                side.clause,
                side.leg,
                due.kind,
                due.key,
                amount + (known.amount_minor if known else 0),
                sign * move.before_minor + (known.before_minor if known else 0),
                move.causes,
                known.figures if known and place else figures,
                due.entries,
            )
    return tuple(found[name] for name in sorted(found) if found[name].amount_minor)
