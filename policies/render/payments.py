"""What a clause awards, in words: when it is due, each remedy, its limits, the accounts it draws on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policies.clauses.core import Clause, Remedy
from policies.clauses.falling_due import FallsDue
from policies.clauses.family import pool_owners
from policies.clauses.payment import Draw
from policies.render.model import Term
from policies.render.words import days

if TYPE_CHECKING:
    from policies.render.terms import Reading


def payments(reading: Reading, core: Clause) -> Iterator[Term]:
    """Yield the remedies of a clause in their order, and the pools that it pays out together."""
    for remedy in core.remedies:
        yield from _remedy(reading, remedy)
    for name, pool in (core.pools or {}).items():
        label = _pool(reading, name)
        says = f"{reading.word('pool')}{_from(reading, pool.from_)}"
        yield Term(label, says, reading.account(pool.to))
        yield from _draws(reading, pool.from_)


def falling_due(reading: Reading, due: FallsDue) -> Iterator[Term]:
    """Yield when a clause falls due at settlement, and how a run works out facts that nobody records."""
    when = reading.word(f"due_{due.by}") if due.by else ""
    if due.on is not None:
        day = reading.word("due_on").format(reading.say(due.on))
        when = f"{when}{reading.word('due_joined')}{day}" if when else day
    if due.after_days:
        when = reading.word("due_after").format(when, days(due.after_days, reading.language))
    yield Term(reading.word("falls_due"), when)
    for name, taken in (due.rates or {}).items():
        home = reading.agreement.currency
        says = reading.word("rate_taken").format(taken.of, home, taken.source, reading.say(taken.on))
        yield Term(reading.label(name), says, "", 1)
    for name, formula in (due.facts or {}).items():
        money = reading.agreement.document.facts[name].type == "money"
        yield Term(
            reading.word("worked_out").format(reading.label(name)), reading.say(formula, money=money), "", 1
        )


def _remedy(reading: Reading, remedy: Remedy) -> Iterator[Term]:
    figure = reading.say(remedy.amount or remedy.each or "0", money=True)
    if remedy.for_ is not None:
        figure = reading.word("each").format(_rows(reading, remedy.for_), figure)
    name = reading.of(remedy.text) if remedy.text else reading.word_or(remedy.kind)
    label = f"{remedy.id} {name}" if remedy.id else name
    if remedy.into is not None:
        yield Term(label, f"{figure} ({reading.word('into_pool').format(_pool(reading, remedy.into))})")
    elif remedy.from_ is not None and remedy.to is not None:
        yield Term(label, f"{figure}{_from(reading, remedy.from_)}", reading.account(remedy.to))
        yield from _draws(reading, remedy.from_)
    yield from _limits(reading, remedy)
    yield from _manner(reading, remedy)


def _pool(reading: Reading, name: str) -> str:
    """Name a pool by its own words, else by its name."""
    owner = pool_owners(reading.agreement.clauses).get(name)
    words = (owner.pools or {})[name].text if owner else None
    return reading.of(words) if words else reading.word_or(name)


def _rows(reading: Reading, source: str) -> str:
    rows = reading.agreement.rows_formula(source)
    named = reading.label(rows.name)
    if rows.other is not None:
        named = f"{named} × {reading.label(rows.other)}"
    return f"{named} ({reading.say_node(rows.where)})" if rows.where is not None else named


def _from(reading: Reading, source: str | tuple[Draw, ...]) -> str:
    if isinstance(source, str):
        return f" ({reading.word('paid_from').format(reading.account(source))})"
    return ""


def _draws(reading: Reading, source: str | tuple[Draw, ...]) -> Iterator[Term]:
    """Yield the accounts of a list in their order, each with what it gives at most."""
    if isinstance(source, str):
        return
    for place, draw in enumerate(source, 1):
        says = reading.word("what_remains")
        if draw.up_to is not None:
            says = reading.word("up_to").format(reading.say(draw.up_to, money=True))
        if draw.for_ is not None:
            says = reading.word("each").format(_rows(reading, draw.for_), says)
        account = reading.account(draw.account)
        yield Term(reading.word("draw").format(place), f"{account}: {says}", "", 1)


def _limits(reading: Reading, remedy: Remedy) -> Iterator[Term]:
    limits = (
        ("if", remedy.if_, False),
        ("cap", remedy.cap, True),
        ("cap_if", remedy.cap_if, False),
        ("floor_amount", remedy.floor, True),
    )
    for key, formula, money in limits:
        if formula is not None:
            yield Term(reading.word(key), reading.say(formula, money=money), "", 1)


def _manner(reading: Reading, remedy: Remedy) -> Iterator[Term]:
    """Yield how a remedy is paid where that is not at once and in answer to the claim."""
    ways = {
        "set_off": remedy.set_off,
        "left_open": remedy.status == "open",
        "beside_claim": not remedy.answers,
        "next_run": remedy.phase == "next_settlement",
    }
    for key in (key for key, is_so in ways.items() if is_so):
        yield Term(reading.word("payment_form"), reading.word(key), "", 1)
    if remedy.rounding != "half_up":
        yield Term(reading.word("rounded"), reading.word(f"mode_{remedy.rounding}"), "", 1)
    if remedy.cites:
        yield Term(reading.word("cites"), ", ".join(remedy.cites), "", 1)
