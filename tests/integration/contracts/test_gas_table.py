"""The page of gas figures says what using the contracts costs, to the unit."""

from __future__ import annotations

from benchmarks.gas import PAGE, costs, on_page, table


def test_the_page_has_the_figures_that_are_measured() -> None:
    measured = table(tuple(costs()))
    assert on_page(PAGE.read_text(encoding="utf-8")) == measured, "run `python -m benchmarks.gas --write`"
