"""`suspense`: an order that is nobody's is listed with its age, claimed, accepted and settled."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.command_line import ROOT, tally
from tests.integration.cli.test_settle_ladder import sign
from tests.integration.docs.test_shown_commands import commands

PAGE = ROOT / "docs" / "how-to" / "claim-an-order.md"
CLAIM = "S-be01251edc"


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation in which a session and a leader's links are signed."""
    monkeypatch.chdir(ROOT)
    return sign(sign(tmp_path / "data", "linked/session-0308"), "linked/leader-link")


def test_a_claim_goes_as_the_page_shows_and_wrong_ones_are_refused(signed: Path) -> None:
    for one in commands(PAGE.read_text(encoding="utf-8")):
        ran = tally(signed, *shlex.split(one.command)[1:])
        assert ran.code == 0, ran.err
        assert one.fits(ran.out.splitlines()), f"{PAGE.name}:{one.line}\n{ran.out}"
    found = tally(signed, "suspense", "list", "session-0308", "--json").json
    assert [(one["order"], one["reason"]) for one in found["lines"]] == [("S-5", "none")]
    assert found["ages"][-1] == {"days": "91+", "lines": 1, "amount_minor": 19_900}
    run = tally(signed, "settle", "session-0308", "--until", "2026-05-01", "--json").json
    assert [one["lines"] for one in run["statements"]] == [0, 0, 0]
    accounts = tally(signed, "accounts", "--agreement", "session-0308").out
    assert "escrow.balance                       liabilities                  0.00" in accounts
    assert "escrow.suspense                      liabilities                199.00" in accounts
    claim = ("suspense", "claim", "leader-link")
    said = ("--party", "leader", "--reason", "ours")
    assert "[suspense.refused]" in tally(signed, *claim, "S-1", "1", *said).err
    assert "might credit it to brand" in tally(signed, *claim, "S-5", "1", "--party", "brand", *said[2:]).err
    assert "give a reason" in tally(signed, *claim, "S-5", "1", "--party", "leader", "--reason", " ").err
    assert "[agreement.not-a-signer]" in tally(signed, *claim, "S-5", "1", "--party", "mcn", *said[2:]).err
    accept = ("suspense", "accept", CLAIM, "--agreement", "leader-link", "--reason", "x")
    assert "it waits for nobody" in tally(signed, *accept, "--party", "leader").err
    assert tally(signed, "suspense", "list", "head-streamer").code == 2
    assert tally(signed, "doctor").code == 0
    assert "12 statements recomputed" in tally(signed, "rebuild").out


def test_a_claim_that_is_not_accepted_waits_for_a_decided_dispute(signed: Path) -> None:
    for agreement in ("session-0308", "leader-link"):
        assert (
            tally(signed, "import", "examples/orders/attributed-march.csv", "--agreement", agreement).code
            == 0
        )
    made = tally(signed, "suspense", "claim", "session-0308", "S-5", "1", "--party", "mcn",
                 "--reason", "ours", "--json").json  # fmt: skip
    assert made["waits_for"] == ["brand", "leader"]
    again = tally(signed, "suspense", "claim", "session-0308", "S-5", "1", "--party", "mcn",
                  "--reason", "ours", "--json").json  # fmt: skip
    assert again["entry_seq"] == made["entry_seq"]
    decide = ("suspense", "decide", made["claim"], "--agreement", "leader-link", "--case", "C-1",
              "--upheld", "--reason", "so decided")  # fmt: skip
    assert "no dispute C-1 is decided" in tally(signed, *decide, "--party", "platform").err
    assert "does not keep the escrow" in tally(signed, *decide, "--party", "brand").err
    unknown = tally(signed, "suspense", "accept", "S-0000000000", "--agreement", "leader-link",
                    "--party", "brand", "--reason", "x")  # fmt: skip
    assert (unknown.code, "[suspense.unknown]" in unknown.err) == (2, True)
