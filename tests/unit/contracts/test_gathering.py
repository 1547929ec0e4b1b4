"""What many threads ask for is done together, each hears of its own, and nobody is left waiting."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial

import pytest

from contracts.gathering import Gathering
from tests.gathered import together


class Doer:
    """Doubles even numbers, and remembers which it was given at once."""

    def __init__(self, most: int = 100) -> None:
        self.groups: list[list[int]] = []
        self.gathering = Gathering(self.do, most=most)

    def do(self, asked: Sequence[int]) -> list[int | Exception]:
        self.groups.append(list(asked))
        return [ValueError(f"{one} is odd") if one % 2 else one * 2 for one in asked]

    def ask_all(self, *numbers: int) -> list[Future[int]]:
        return together(self.gathering, *(partial(self.gathering.ask, one) for one in numbers))


def test_one_alone_waits_for_nobody() -> None:
    doer = Doer()
    assert [doer.gathering.ask(2), doer.gathering.ask(4)] == [4, 8]
    assert doer.groups == [[2], [4]]


def test_what_is_asked_for_meanwhile_is_done_next_as_one() -> None:
    doer = Doer()
    assert [one.result() for one in doer.ask_all(2, 4, 6)] == [4, 8, 12]
    assert doer.groups == [[2, 4, 6]]


def test_one_that_is_refused_takes_nothing_from_the_others() -> None:
    asked = Doer().ask_all(2, 3, 4)
    with pytest.raises(ValueError, match="3 is odd"):
        asked[1].result()
    assert [asked[0].result(), asked[2].result()] == [4, 8]


def test_no_more_are_done_at_once_than_was_said() -> None:
    doer = Doer(most=2)
    assert [one.result() for one in doer.ask_all(2, 4, 6, 8, 10)] == [4, 8, 12, 16, 20]
    assert doer.groups == [[2, 4], [6, 8], [10]]


def test_what_fails_as_a_whole_is_told_to_all_and_stops_nothing_later() -> None:
    full = [True]

    def do(asked: Sequence[int]) -> Sequence[int | Exception]:
        if full:
            full.clear()
            raise OSError("the disk is full")
        return asked

    gathering = Gathering(do, most=10)
    for one in together(gathering, *(partial(gathering.ask, number) for number in range(3))):
        with pytest.raises(OSError, match="the disk is full"):
            one.result()
    assert gathering.ask(7) == 7


def test_a_thread_that_is_told_to_stop_leaves_the_others_to_themselves() -> None:
    groups: list[list[int]] = []

    def do(asked: Sequence[int]) -> Sequence[int | Exception]:
        groups.append(list(asked))
        if len(groups) == 1:
            raise KeyboardInterrupt
        return asked

    gathering = Gathering(do, most=10)
    asked = together(gathering, *(partial(gathering.ask, number) for number in range(3)))
    stopped = [one for one in asked if one.exception() is not None]
    assert len(stopped) == 1
    assert isinstance(stopped[0].exception(), KeyboardInterrupt)
    (own,) = set(groups[0]) - {one.result() for one in asked if one not in stopped}
    assert groups == [[0, 1, 2], [number for number in range(3) if number != own]]
