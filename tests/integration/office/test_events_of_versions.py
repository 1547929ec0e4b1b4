"""Who may record an event, of which version, and when it is too late for today."""

from __future__ import annotations

from pathlib import Path

from api.office.agreements import held, propose
from api.office.errors import AgreementNotReady, NotASigner
from policies.loading import load_agreement
from tests.command_line import AGREEMENT, office_at, tally

REF = "head-streamer@2"
EVENT = "supersedes: {version: 1, transition: by_event, event: side_letter_signed}\n"


def proposed(installation: Path) -> None:
    """Propose a second version of the example that waits for a side letter."""
    with office_at(installation) as office:
        first = held(office, "head-streamer@1").agreement
        text = AGREEMENT.read_text(encoding="utf-8").replace("version: 1\n", f"version: 2\n{EVENT}", 1)
        signers = {key: party.signer or "" for key, party in first.parties.items()}
        later = text.replace("effective_from: 2026-02-01", "effective_from: 2099-01-01")
        propose(office, load_agreement(later, name="v2.yaml").with_signers(signers))


def test_an_event_is_recorded_once_on_the_word_of_a_party(installation: Path, tmp_path: Path) -> None:
    proposed(installation)
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"signed")
    arguments = (
        "agreement",
        "event",
        REF,
        "side_letter_signed",
        "--party",
        "brand",
        "--file",
        letter,
        "--json",
    )
    first = tally(installation, *arguments)
    assert (first.code, first.err) == (0, "")
    assert first.json["event"] == "side_letter_signed"
    with office_at(installation) as office:
        size = office.log.size()
    assert tally(installation, *arguments).json == first.json
    with office_at(installation) as office:
        assert office.log.size() == size
    wrong = tally(installation, "agreement", "event", REF, "side_letter", "--party", "brand")
    assert (wrong.code, wrong.out) == (2, "")
    assert "waits for 'side_letter_signed'" in wrong.err
    stranger = tally(installation, "agreement", "event", REF, "side_letter_signed", "--party", "nobody")
    assert stranger.code == 2
    assert "its parties are" in stranger.err
    assert {NotASigner.code, AgreementNotReady.code} == {
        stranger.err.rpartition("[")[2].rstrip("]\n"), wrong.err.rpartition("[")[2].rstrip("]\n")
    }  # fmt: skip


def test_a_version_that_waits_for_nothing_takes_no_event(installation: Path) -> None:
    ran = tally(installation, "agreement", "event", "head-streamer@1", "x", "--party", "brand")
    assert ran.code == 2
    assert "waits for no event" in ran.err
