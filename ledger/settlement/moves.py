"""What a kernel's columns mean: each move is one amount per line, for one account, under one clause and leg.

Signs are those of the account that the move is of: a leg earned is positive and its reversal negative, a
funder's part is negative and its return positive. The other side of every move is the escrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from ledger.settlement.accounts import SET_ASIDE, owner_and_purpose
from ledger.settlement.kernels import STATES
from ledger.settlement.terms import VersionTerms
from policies.splits.columns import FUNDING, LEG, RETURNED, REVERSED

MoveKind = Literal["earned", "reversed", "funded", "returned"]
"""Legs are earned and reversed; funders have funded and are returned what a refund frees."""


@dataclass(frozen=True, slots=True)
class Move:
    """One column of amounts: `column` in the frame, for whom, under which clause, leg and kind.

    `account` is the document's name for it, `posting_kind` what the ledger calls it. `stated` is false for
    money that came in with the sale and goes back where it came from, and for what goes to or comes from an
    account that is set aside: no statement charged it, none pays it.
    """

    column: str
    owner: str
    account: str
    clause: str
    leg: str
    kind: MoveKind
    posting_kind: str
    stated: bool = True


def moves_of(terms: VersionTerms) -> tuple[Move, ...]:
    """Return every move of one version: two a leg, and the funders' own."""
    return (*_leg_moves(terms), *_funding_moves(terms))


def _leg_moves(terms: VersionTerms) -> Iterator[Move]:
    for step in terms.plan.steps:
        if step.is_pool:
            continue
        account = step.step.to or ""
        owner, purpose = owner_and_purpose(terms.agreement, account)
        kind, stated = step.step.kind or step.name, purpose not in SET_ASIDE
        yield Move(f"earned:{step.name}", owner, account, step.clause, step.name, "earned", kind, stated)
        yield Move(
            f"reversed:{step.name}",
            owner,
            account,
            step.clause,
            step.name,
            "reversed",
            f"{kind}.reversed",
            stated,
        )


def _funding_moves(terms: VersionTerms) -> Iterator[Move]:
    clause = terms.plan.clause
    if terms.feed is not None and clause.fed is not None:
        account, leg = terms.feed.account, clause.fed.leg
        owner, _ = owner_and_purpose(terms.agreement, account)
        yield Move("funded:0", owner, account, clause.id, leg, "funded", leg, stated=False)
        yield Move("returned:0", owner, account, clause.id, leg, "returned", f"{leg}.returned", stated=False)
    for index, source in enumerate(clause.funding):
        owner, purpose = owner_and_purpose(terms.agreement, source.from_)
        account, back, stated = source.from_, f"{source.kind}.returned", purpose not in SET_ASIDE
        if source.at == "sale":
            yield Move(
                f"freed:{index}", owner, account, clause.id, source.kind, "returned", back, stated=False
            )
        else:
            yield Move(
                f"funded:{index}", owner, account, clause.id, source.kind, "funded", source.kind, stated
            )
            yield Move(f"returned:{index}", owner, account, clause.id, source.kind, "returned", back, stated)


def move_columns(terms: VersionTerms, states: Sequence[str] = STATES) -> list[pl.Expr]:
    """Return the amounts of every move from a kernel's columns: the state now less the state before.

    What a refund frees of money that came with the sale goes back to its funder whether the line was earned
    or not; everything else waits until the line is earned. `states` are those that the columns are of.
    """
    newly = pl.col("now:earned").cast(pl.Int64)
    if "before" in states:
        newly -= pl.col("before:earned").cast(pl.Int64)
    found = []
    for step in terms.plan.steps:
        if not step.is_pool:
            found.append((pl.col(f"{LEG}{step.name}") * newly).alias(f"earned:{step.name}"))
            found.append((0 - _since(f"{REVERSED}{step.name}", states)).alias(f"reversed:{step.name}"))
    if terms.plan.fed:
        found.append((-pl.col(f"{FUNDING}0") * newly).alias("funded:0"))
        found.append(_since(f"{RETURNED}0", states).alias("returned:0"))
    for index, source in enumerate(terms.plan.clause.funding):
        found.append((-pl.col(f"{FUNDING}{index}") * newly).alias(f"funded:{index}"))
        found.append(_since(f"{RETURNED}{index}", states).alias(f"returned:{index}"))
        if source.at == "sale":
            found.append(
                _difference([pl.col(f"{state}:{RETURNED}{index}") for state in states]).alias(
                    f"freed:{index}"
                )
            )
    return found


def _since(column: str, states: Sequence[str]) -> pl.Expr:
    return _difference(
        [
            pl.when(pl.col(f"{state}:earned")).then(pl.col(f"{state}:{column}")).otherwise(0)
            for state in states
        ]
    )


def _difference(stood: Sequence[pl.Expr]) -> pl.Expr:
    now, *before = stood
    return now - before[0] if before else now
