"""Canonical bytes are RFC 8785, by a second implementation; money text reads and writes back exactly."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from policies.canonical import canonical_bytes
from policies.errors import CanonicalError, MoneyError
from policies.money import from_minor, minor_digits, read_decimal, round_minor, to_minor

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = st.text(st.characters(min_codepoint=0, max_codepoint=127), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    data = canonical_bytes(value)
    assert data == rfc8785.dumps(value)
    assert canonical_bytes(json.loads(data)) == data


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53, -(2**53), {"键": 1}, {1: 2}, "\ud800", b"x", {1}]
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical_bytes({"here": [value]})


@given(st.integers(-(2**53) + 1, 2**53 - 1), st.sampled_from(["CNY", "JPY", "USD"]))
def test_amounts_read_back_what_they_write(minor: int, currency: str) -> None:
    assert to_minor(from_minor(minor, currency), currency) == minor


@given(st.fractions())
def test_every_rounding_stays_within_a_unit_and_ties_go_as_named(exact: Fraction) -> None:
    for mode in ("half_up", "half_even", "floor"):
        assert abs(round_minor(exact, mode) - exact) < 1
    assert abs(round_minor(exact, "half_up") - exact) <= Fraction(1, 2)
    assert round_minor(-exact, "half_up") == -round_minor(exact, "half_up")
    tie = exact.numerator + Fraction(1, 2)
    assert round_minor(tie, "half_even") % 2 == 0
    assert abs(round_minor(tie, "half_up")) >= abs(tie)
    assert round_minor(tie, "floor") == exact.numerator


@pytest.mark.parametrize("text", ["1,000.00", "1e3", "1.", ".5", "+1", "１", "0x10", "", " 1", "NaN", "007"])
def test_text_that_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        read_decimal(text)


@pytest.mark.parametrize(
    ("text", "currency"), [("1.005", "CNY"), ("0.5", "JPY"), ("90071992547409.92", "CNY")]
)
def test_amounts_with_too_many_places_or_too_large_are_refused_never_rounded(
    text: str, currency: str
) -> None:
    with pytest.raises(MoneyError):
        to_minor(text, currency)


def test_an_unknown_currency_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(MoneyError, match="did you mean 'CNY'"):
        minor_digits("CNT")
