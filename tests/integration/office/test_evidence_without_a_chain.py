"""Evidence asked for in a request: no chain is asked, and the same evidence is the same bytes."""

from __future__ import annotations

from pathlib import Path

from api.office.agreements import held_versions
from api.office.dispute_process import confirm_dispute
from api.office.disputes import disputes
from api.office.evidence import decision_bundle, statement_bundle, trust_file
from api.office.opening import open_office
from api.settings import Settings
from ledger.statements.reading import list_statements
from tests.world import unappealed
from verifier.checks import verify


def test_evidence_of_what_no_anchor_covers_yet_verifies_and_opens_no_chain(installation: Path) -> None:
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(installation)})
    with open_office(settings) as office:
        (waiting,) = [one for one in disputes(office).values() if one.awaits_review]
        confirm_dispute(office, waiting.id, by="arbiter", reason="compared")
        decided = unappealed(office, waiting.id)
        bundle = decision_bundle(office, decided, "brand")
        assert "chain" not in office.__dict__
        assert b"anchor.json" not in bundle
        report = verify(bundle, trust_file(office, held_versions(office).values()))
        assert report.exit_code == 0, report.lines("en")


def test_a_statement_asked_for_twice_gives_the_same_bytes_though_the_log_grew(installation: Path) -> None:
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(installation)})
    with open_office(settings) as office:
        statement = list_statements(office.log, party="mcn")[0]
        before = statement_bundle(office, statement)
        (waiting,) = [one for one in disputes(office).values() if one.awaits_review]
        confirm_dispute(office, waiting.id, by="arbiter", reason="compared")
        assert statement_bundle(office, statement) == before
        assert b"anchor.json" in before
