"""The fairness record of a lottery: what a draw rests on, as the log has it, and redoing the draw."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.log import Log
from ledger.registers.errors import ItemState, TellingRefused
from ledger.registers.items import Item, item
from ledger.sessions.draw import digest_of, drawn, sealed

REGISTER = "lottery"
CLOSED, DRAWN = "closed", "drawn"
NAMED_LIMIT = 4_000
"""Characters of a list of winners that is kept in the record itself; of a longer one the digest is."""

_SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Fairness:
    """What a draw rests on. `closing_leaf_hash` and seqs are None before the lottery was closed or drawn.

    `odds` is winners over participants as text of a fraction.
    """

    lottery: str
    state: str
    prize: str
    prize_value: str
    winners: int
    participants: int | None
    odds: str | None
    commitment: str
    entrants_sha256: str | None
    seed: str | None
    result_sha256: str | None
    announced_seq: int
    closed_seq: int | None
    closing_leaf_hash: str | None
    drawn_seq: int | None
    announced_before_closing: bool


@dataclass(frozen=True, slots=True)
class Redone:
    """A draw done again: who wins, and what of it differs from the record; nothing where it is fair."""

    winners: tuple[str, ...]
    differences: tuple[str, ...]


def new_seed() -> str:
    """Return a seed that nobody can guess, as hex."""
    return secrets.token_hex(_SEED_BYTES)


def fairness(log: Log, lottery: str) -> Fairness:
    """Return the fairness record of a lottery. Raises ItemUnknown."""
    one = item(log, REGISTER, lottery)
    closed, shown = one.last(CLOSED), one.last(DRAWN)
    participants = int(one.text("participants")) if one.text("participants") else None
    winners = int(one.text("winners"))
    leaf_hash = log.entry(closed.seq).leaf_hash.hex() if closed else None
    return Fairness(
        lottery=one.id,
        state=one.state,
        prize=one.text("prize"),
        prize_value=one.text("prize_value"),
        winners=winners,
        participants=participants,
        odds=f"{winners}/{participants}" if participants else None,
        commitment=one.text("commitment"),
        entrants_sha256=one.text("entrants") or None,
        seed=one.text("seed") or None,
        result_sha256=one.text("result") or None,
        announced_seq=one.opened.seq,
        closed_seq=closed.seq if closed else None,
        closing_leaf_hash=leaf_hash,
        drawn_seq=shown.seq if shown else None,
        announced_before_closing=closed is None or one.opened.seq < closed.seq,
    )


def closing_fields(entrants: Sequence[str]) -> dict[str, str]:
    """Return the fields of the event that closes a lottery with a list of entrants."""
    return {"entrants": digest_of(entrants), "participants": str(len(entrants))}


def drawing_fields(log: Log, lottery: str, seed: str, entrants: Sequence[str]) -> dict[str, str]:
    """Return the fields of the event that draws a lottery.

    Raises ItemState before it is closed, TellingRefused for a seed or a list other than the record's.
    """
    one = item(log, REGISTER, lottery)
    closed = one.last(CLOSED)
    if closed is None:
        raise ItemState("it is not closed yet; close it with the list of entrants first", where=lottery)
    if sealed(seed) != one.text("commitment"):
        raise TellingRefused("the seed is not the one that was announced by its digest", where=lottery)
    _require_list(one, entrants)
    won = _won(log, one, seed, entrants)
    named = " ".join(won)
    fields = {"seed": seed, "result": digest_of(won)}
    return fields | ({"drawn": named} if len(named) <= NAMED_LIMIT else {})


def redo(log: Log, lottery: str, entrants: Sequence[str]) -> Redone:
    """Draw again from the record and the list. Raises ItemUnknown, and ItemState before it was drawn."""
    one = item(log, REGISTER, lottery)
    if one.last(DRAWN) is None:
        raise ItemState("it is not drawn yet", where=lottery)
    differences = []
    seed = one.text("seed")
    if sealed(seed) != one.text("commitment"):
        differences.append("the seed is not what was announced")
    if digest_of(entrants) != one.text("entrants"):
        differences.append("the list is not the one that was fixed at closing")
    won = _won(log, one, seed, entrants)
    if digest_of(won) != one.text("result"):
        differences.append("the winners are others than those on record")
    return Redone(won, tuple(differences))


def _won(log: Log, one: Item, seed: str, entrants: Sequence[str]) -> tuple[str, ...]:
    closed = one.last(CLOSED)
    assert closed is not None, "looked at before"
    return drawn(seed, entrants, log.entry(closed.seq).leaf_hash, int(one.text("winners")))


def _require_list(one: Item, entrants: Sequence[str]) -> None:
    if digest_of(entrants) != one.text("entrants"):
        raise TellingRefused("the list of entrants is not the one that was fixed at closing", where=one.id)
