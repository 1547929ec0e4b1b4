"""The comparison of decisions runs, and its engines say the same of every case."""

from __future__ import annotations

from benchmarks.decide import measure


def test_three_engines_say_the_same_and_only_ours_names_what_is_missing() -> None:
    figures = measure(6)
    assert set(figures["cases_per_second"]) == {"tallystick", "zen-engine", "zen-engine with trace", "cedar"}
    assert figures["without_later.price"]["tallystick"] == "undecided, missing later.price"
    assert figures["without_later.price"]["cedar"] == "Deny"
    assert figures["without_later.price"]["zen-engine"].startswith("error")
