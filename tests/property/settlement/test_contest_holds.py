"""However contests come and end, they hold what is contested and never more than the statement pays."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ledger.statements.contest_holds import Standing, room, to_hold, to_release

PURPOSES = ("alliance_fee", "balance", "tech_fee")
AMOUNTS = st.dictionaries(st.sampled_from(PURPOSES), st.integers(-1000, 1000), max_size=3)
STEPS = st.lists(st.one_of(AMOUNTS, st.integers(1, 6)), max_size=12)
"""What contests come to, and the numbers of contests that end."""


@given(AMOUNTS, st.integers(0, 200), STEPS)
def test_contests_hold_together_what_is_contested_as_far_as_the_statement_pays_it(
    whole: dict[str, int], held_already: int, steps: list[dict[str, int] | int]
) -> None:
    whole["balance"] = whole.get("balance", 0) - held_already
    payable = max(0, sum(whole.values()))
    rooms = room(whole, payable)
    assert sum(rooms.values()) == payable
    standing: list[Standing] = []
    for step in steps:
        if isinstance(step, dict):
            number = len(standing) + 1
            holds = {
                f"C-{number}.{purpose}": amount for purpose, amount in to_hold(rooms, step, standing).items()
            }
            assert all(amount > 0 for amount in holds.values())
            standing.append(Standing(number, True, step, holds))
        elif step <= len(standing) and standing[step - 1].is_open:
            free = to_release(rooms, step, standing)
            standing = [
                replace(
                    one,
                    is_open=one.is_open and one.number != step,
                    left={hold: left - free.get(hold, 0) for hold, left in one.left.items()},
                )
                for one in standing
            ]
            assert all(left >= 0 for one in standing for left in one.left.values())
        held, wanted = defaultdict[str, int](int), defaultdict[str, int](int)
        for one in standing:
            for hold, left in one.left.items():
                held[hold.partition(".")[2]] += left
            for purpose, amount in one.contests.items():
                wanted[purpose] += max(amount, 0) if one.is_open else 0
        assert all(held[one] == min(wanted[one], rooms.get(one, 0)) for one in PURPOSES)
        assert sum(held.values()) <= payable
