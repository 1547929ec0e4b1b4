"""`facts`: a party records a fact, another contests it, and the list says what counts and who said what."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import tally

ABOUT = ("facts", "record", "head-streamer")


def test_facts_are_recorded_contested_and_listed(installation: Path, tmp_path: Path) -> None:
    report = tmp_path / "audit.pdf"
    report.write_bytes(b"audit")
    done = tally(installation, *ABOUT, "proven_loss=600000.00", "--party", "brand", "--file", str(report))
    assert done.code == 0, done.err
    assert "head-streamer: recorded in entry " in done.out
    contested = tally(installation, *ABOUT, "--party", "mcn", "--contest", "proven_loss", "--json")
    assert contested.json["agreement"] == "head-streamer"
    (shown,) = tally(installation, "facts", "list", "head-streamer", "--json").json
    assert (shown["fact"], shown["value"], shown["standing"]) == ("proven_loss", None, "disputed")
    assert [one["value"] for one in shown["said"]] == ["600000.00", None]
    listed = tally(installation, "facts", "list", "head-streamer")
    assert "contests it" in listed.out
    assert tally(installation, "doctor").code == 0


def test_what_does_not_fit_exits_with_2_and_says_why(installation: Path) -> None:
    assert "[facts.refused]" in tally(installation, *ABOUT, "proven_los=1.00", "--party", "brand").err
    assert (
        "did you mean 'proven_loss'" in tally(installation, *ABOUT, "proven_los=1.00", "--party", "brand").err
    )
    assert tally(installation, *ABOUT, "proven_loss", "--party", "brand").code == 2
    assert "[agreement.not-a-signer]" in tally(installation, *ABOUT, "proven_loss=1.00", "--party", "x").err
    assert "[agreement.unknown]" in tally(installation, "facts", "list", "none").err


def test_a_due_is_explained_by_statement_and_clause_and_what_is_none_is_said_to_be_none(
    installation: Path,
) -> None:
    newest = tally(installation, "statement", "list", "--json").json[0]["statement"]
    refused = tally(installation, "statement", "due", newest, "4.3", "2026-05")
    assert (refused.code, "[statement.unknown]" in refused.err) == (2, True)
