"""Whatever is tried with a register: the log holds what was allowed, once, and folds to what it allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.log import Log
from ledger.registers.asking import Standing, Telling
from ledger.registers.declaration import Register, registers
from ledger.registers.items import Item, items
from ledger.registers.telling import tell_all
from ledger.registers.terms import FieldTerms
from policies.loading import load_agreement
from tests.ledger_samples import FixedClock

EXAMPLE = Path(__file__).parents[3] / "examples" / "agreements" / "head-streamer.yaml"
AGREEMENT = load_agreement(EXAMPLE.read_text(encoding="utf-8"), name=EXAMPLE.name)
SAMPLES = {
    "money": ("10.00", "0.01"),
    "rate": ("25%", "100%"),
    "count": ("1", "3", "80"),
    "bool": ("true", "false"),
    "text": ("one", "two"),
    "date": ("2026-05-01", "2027-05-01"),
    "instant": ("2026-05-04T10:00:00+08:00",),
    "digest": ("ab" * 32,),
    "time_code": ("0", "61500"),
    "item": ("A", "B"),
}
ROLES = frozenset({"platform", "mcn", "merchant", "streamer", "operator", "self"})


def sampled(terms: FieldTerms) -> st.SearchStrategy[str]:
    return st.sampled_from(tuple(terms.options) if terms.options else SAMPLES[terms.type])


@st.composite
def tellings(draw: st.DrawFn) -> tuple[Register, list[Telling]]:
    """Some events of one register, most of which fit it, by parties who may or may not tell them."""
    of = draw(st.sampled_from(tuple(registers().values())))
    standing = Standing(AGREEMENT, "streamer", ROLES if of.of == "party" else frozenset())
    clock = FixedClock()
    told = []
    for _ in range(draw(st.integers(1, 12))):
        clock.forward(minutes=1)
        event = draw(st.sampled_from(tuple(of.all_events)))
        terms = of.all_events[event]
        wanted = [name for name in terms.fields if name in terms.needs or draw(st.booleans())]
        fields = {name: draw(sampled(of.all_fields[name])) for name in wanted}
        by = draw(st.sampled_from(("mcn", "platform", "brand", "streamer")))
        item, at = draw(st.sampled_from(("A", "B"))), clock()
        told.append(Telling(of.name, item, event, fields, by, at, at - timedelta(hours=1), standing))
    return of, told


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return count()


def mine(log: Log, of: Register, number: int) -> list[Item]:
    return [one for one in items(log, of.name) if one.id.endswith(f"-{number}")]


@settings(max_examples=30)
@given(drawn=tellings())
def test_what_is_told_follows_the_declaration_and_telling_it_again_adds_nothing(
    log: Log, numbers: Iterator[int], drawn: tuple[Register, list[Telling]]
) -> None:
    (of, wanted), number = drawn, next(numbers)
    told = [
        Telling(one.register, f"{one.item}-{number}", one.event, one.fields, one.by, one.at, one.occurred_at,
                one.standing)
        for one in wanted
    ]  # fmt: skip
    answers = []
    for one in told:
        before = log.size()
        (answer,) = tell_all(log, [one], partial=True).answers
        answers.append(answer)
        assert log.size() == before + int(answer == before), "a refusal writes nothing"
    found, size = mine(log, of, number), log.size()
    for item in found:
        state = ""
        for event in item.happened:
            terms = of.all_events[event.event]
            assert (terms.opens is None) == bool(state)
            assert not terms.in_ or state in terms.in_
            state = terms.opens or terms.to or state
        assert state == item.state
    taken = [one for one, answer in zip(told, answers, strict=True) if isinstance(answer, int)]
    again = tell_all(log, taken).answers
    assert list(again) == [answer for answer in answers if isinstance(answer, int)]
    assert (log.size(), mine(log, of, number)) == (size, found)
