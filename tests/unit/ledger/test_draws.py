"""Draws: the same for whoever has seed, list and closing entry; another for any change of them; even odds."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from ledger.registers.errors import TellingRefused
from ledger.sessions.draw import digest_of, drawn, entrants_of, sealed

NAMES = tuple(f"fan-{n:02}" for n in range(20))
LEAF = bytes(32)


def test_the_format_of_version_1_stays() -> None:
    assert sealed("seed") == hashlib.sha256(b"seed").hexdigest()
    assert digest_of(("b", "a")) == hashlib.sha256(b"a\nb\n").hexdigest()
    key = hashlib.sha256(
        b"tallystick/draw/v1\x00seed\x00" + digest_of(NAMES).encode() + b"\x00" + b"00" * 32
    ).digest()
    by_hand = sorted(NAMES, key=lambda name: hashlib.sha256(key + name.encode()).digest())
    assert drawn("seed", NAMES, LEAF, 3) == tuple(by_hand[:3]) == ("fan-12", "fan-14", "fan-04")


def test_order_does_not_matter_and_everything_else_does() -> None:
    first = drawn("seed", NAMES, LEAF, 20)
    assert drawn("seed", NAMES[::-1], LEAF, 20) == first
    assert drawn("seed2", NAMES, LEAF, 20) != first
    assert drawn("seed", NAMES, bytes(31) + b"\x01", 20) != first
    assert drawn("seed", (*NAMES, "fan-99"), LEAF, 20) != first
    assert set(drawn("seed", NAMES, LEAF, 99)) == set(NAMES)


def test_each_entrant_wins_about_as_often() -> None:
    wins = Counter(name for n in range(2_000) for name in drawn(f"seed-{n}", NAMES, LEAF, 5))
    assert set(wins) == set(NAMES)
    assert all(430 < count < 570 for count in wins.values()), wins


@pytest.mark.parametrize("text", ["a\nb\na\n", "a b\n", "x" * 129])
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(TellingRefused):
        entrants_of(text)


def test_a_list_is_read_whatever_its_line_ends() -> None:
    assert entrants_of("\ufeffb\r\n\r\na\r\n") == ("a", "b")
