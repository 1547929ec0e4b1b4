"""`identity`: parties are verified and listed, the gate is set, who is not verified does not sign."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import tally
from tests.integration.cli.test_agreement_commands import proposed, proposed_data, sign, signers

__all__ = ["proposed", "proposed_data", "signers"]


def verify(data: Path, party: str) -> None:
    about = ("--party", party, "--by")
    for event, by, fields in (
        ("submitted", party, ("subject=company", f"holder={party} Co")),
        ("verified", "operator", ("method=registry", "valid_until=2099-12-31", "recheck_by=2099-06-30")),
    ):
        told = tally(data, "register", "tell", "identity", f"ID-{party}", event, *about, by, *fields)
        assert told.code == 0, told.err


def test_who_is_verified_signs_and_nobody_else_while_the_gate_is_on(
    proposed: Path, signers: dict[str, tuple[Path, str]]
) -> None:
    before = tally(proposed, "identity", "list")
    assert "anybody named in a document signs; any payee is paid\n" in before.out
    set_to = tally(proposed, "identity", "gate", "--sign", "--reason", "E-Commerce Law 27")
    assert set_to.out.startswith("only verified parties sign; any payee is paid (entry ")
    refused = sign(proposed, "brand", signers["brand"][0])
    assert (refused.code, "[identity.needed]" in refused.err) == (2, True)
    verify(proposed, "brand")
    assert sign(proposed, "brand", signers["brand"][0]).code == 0
    listed = tally(proposed, "identity", "list", "--json").json
    assert listed["gate"]["sign"]
    standing = {one["party"]: one["standing"] for one in listed["identities"]}
    assert (standing["brand"], standing["mcn"]) == ("verified", "unknown")
    shown = tally(proposed, "identity", "list").out
    assert "verified, valid until 2099-12-31, to be checked again by 2099-06-30 (ID-brand, entry " in shown
    assert tally(proposed, "identity", "list", "--at", "soon").code == 2
    assert tally(proposed, "identity", "gate", "--no-sign", "--reason", "test over").code == 0
    assert sign(proposed, "mcn", signers["mcn"][0]).code == 0
    assert tally(proposed, "doctor").code == 0


def test_what_expires_soon_gives_notice_and_what_has_expired_is_told_so(installation: Path) -> None:
    about = ("--party", "shop", "--by")
    tell = ("register", "tell", "identity", "ID-1")
    assert tally(installation, *tell, "submitted", *about, "shop", "subject=company").code == 0
    dates = ("method=bank", "valid_until=2020-12-31", "recheck_by=2020-12-01")
    assert tally(installation, *tell, "verified", *about, "operator", *dates).code == 0
    done = {one["duty"]: one["count"] for one in tally(installation, "tend", "--json").json}
    assert done["expiry"] == 1
    assert '"expired"' in tally(installation, "register", "show", "identity", "ID-1", "--json").out
    again = {one["duty"]: one["count"] for one in tally(installation, "tend", "--json").json}
    assert again["expiry"] == 0
