"""`tallystick query`: what an arbiter finds in the ledger for a dispute, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import tally


@pytest.fixture(scope="module")
def dispute(example_data: Path) -> str:
    """The dispute of streamer and brand."""
    (one,) = [
        one["dispute"]
        for one in tally(example_data, "dispute", "list", "--json").json
        if one["case"]["clause"] == "9.1"
    ]
    return str(one)


def test_an_order_is_found_by_its_sku_and_told_event_by_event(example_data: Path, dispute: str) -> None:
    asked = ("query", "run", dispute, "--of", "orders", "--sku", "serum-30ml", "--limit", "2")
    page = tally(example_data, *asked, "--json").json
    assert [one["event"] for one in page["rows"][0]["told"]] == ["sale", "receipt"]
    assert page["question"] == {"of": "orders", "sku": "serum-30ml"}
    shown = tally(example_data, *asked).out
    assert f"order {page['rows'][0]['order']} line 1" in shown
    assert f"--after {page['next_after']} shows it" in shown
    further = tally(example_data, *asked, "--after", str(page["next_after"]), "--json").json
    assert further["rows"][0]["seq"] > page["rows"][1]["seq"]


def test_postings_are_found_by_clause_and_party(example_data: Path, dispute: str) -> None:
    ran = tally(example_data, "query", "run", dispute, "--of", "postings", "--party", "streamer")
    assert "streamer.balance" in ran.out
    assert "mcn.balance" not in ran.out
    none = tally(example_data, "query", "run", dispute, "--known-at", "2026-01-01")
    assert (none.code, none.out) == (0, "nothing that this dispute concerns meets the question\n")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("--known-at", "yesterday"), "request.unusable"),
        (("--sku", "a\tb"), "query.invalid"),
    ],
)
def test_what_cannot_be_asked_is_named(
    example_data: Path, dispute: str, asked: tuple[str, ...], code: str
) -> None:
    refused = tally(example_data, "query", "run", dispute, *asked)
    assert refused.code == 2
    assert code in refused.err
