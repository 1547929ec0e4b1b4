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


def test_a_query_is_saved_run_again_exported_and_verified(installation: Path) -> None:
    (dispute,) = [
        one["dispute"]
        for one in tally(installation, "dispute", "list", "--json").json
        if one["case"]["clause"] == "9.1"
    ]
    asked = ("query", "save", dispute, "--by", "arbiter", "--of", "orders", "--order", "D01-0001")
    saved = tally(installation, *asked, "--json").json
    assert "1 rows over" in tally(installation, "query", "list", dispute).out
    again = tally(installation, "query", "again", dispute, saved["query"])
    assert (again.code, saved["digest"] in again.out) == (0, True)
    out = installation / "q.tally"
    assert tally(installation, "query", "export", dispute, saved["query"], "--out", out).code == 0
    keys = installation / "example" / "keys.txt"
    verified = tally(installation, "verify", out, "--trust", keys)
    assert (verified.code, "1 rows say what their entries say" in verified.out) == (0, True)

    order = ("query", "widen", dispute, "--by", "arbiter", "--reason", "the agency's share")
    assert "brand or mcn or streamer" in tally(installation, *order, "--party", "mcn").out
    assert "arbiter opened mcn: the agency's share" in tally(installation, "query", "list", dispute).out
    assert "did you mean 'mcn'" in tally(installation, *order, "--party", "mnc").err


def test_a_bench_is_filled_challenged_and_paid(installation: Path) -> None:
    dispute = tally(installation, "dispute", "list", "--json").json[1]["dispute"]
    seat = ("arbiter", "appoint", dispute)
    assert "access.denied" in tally(installation, *seat, "brand-finance").err
    tally(installation, "member", "enrol", "second", "--name", "Second", "--role", "arbiter")
    assert "second               panel       appointed" in tally(installation, *seat, "second").out
    tally(installation, "arbiter", "declare", dispute, "second", "--conflicts", "a friend")
    challenge = ("arbiter", "challenge", dispute, "second", "--by", "brand-finance", "--reason", "so it is")
    assert "challenged by brand: so it is (waits)" in tally(installation, *challenge).out
    upheld = ("arbiter", "decide", dispute, "second", "brand", "--upheld", "--reason", "it is")
    assert "removed" in tally(installation, *upheld).out
    tally(installation, "member", "enrol", "third", "--name", "Third", "--role", "arbiter")
    replaced = tally(installation, "arbiter", "replace", dispute, "second", "third", "--reason", "empty")
    assert "third                panel       appointed" in replaced.out
    assert "2,000.00 CNY" in tally(installation, "arbiter", "fee", dispute, "arbiter", "2000.00").out
    costs = tally(
        installation, "arbiter", "costs", dispute, "--by", "arbiter", "--reason", "by outcome", "--json"
    )
    assert costs.json["costs"]["total"]["amount_minor"] == 200_000
    assert tally(installation, "arbiter", "show", dispute).out.count("panel") == 3
