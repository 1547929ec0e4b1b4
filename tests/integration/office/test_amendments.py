"""An amendment takes effect after what was settled without it, or is not taken at all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from api.office.agreements import held, held_versions, propose, version_to_sign
from api.office.chain_worker.work import work
from api.office.errors import AgreementNotReady
from api.office.settling import settle_until
from api.office.signing import give_signature, withdraw
from contracts.signing import SigningKey
from ledger.settlement.runs import last_run
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.command_line import EXAMPLES, PARTIES, office_at
from tests.ledger_samples import FixedClock
from tests.signing import sign_by_all

REF = "head-streamer@1"


def amendment(first: Agreement, from_day: str) -> Agreement:
    """The second version of the example, in force from a day."""
    text = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
    text = text.replace("version: 1\n", "version: 2\n", 1)
    text = text.replace("effective_from: 2026-02-01", f"effective_from: {from_day}")
    signers = {key: party.signer or "" for key, party in first.parties.items()}
    return load_agreement(text, name="amendment.yaml").with_signers(signers)


def test_an_amendment_that_reaches_back_into_a_settled_period_is_not_proposed(installation: Path) -> None:
    with office_at(installation) as office:
        first = held(office, REF).agreement
        run = last_run(office.log, first.id)
        assert run is not None
        settled = run.point.cutoff.date()
        with pytest.raises(AgreementNotReady, match="let it take effect after that"):
            propose(office, amendment(first, settled.isoformat()))
        assert list(held_versions(office)) == [REF]
        later = amendment(first, f"{settled.year + 1}-01-01")
        assert propose(office, later).agreement.ref == "head-streamer@2"


def test_an_amendment_of_the_past_is_not_proposed_unless_it_says_so(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        text = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
        first = load_agreement(text, name="first.yaml")
        signers = {key: f"0x{place:040x}" for place, key in enumerate(first.parties, 1)}
        past = amendment(first.with_signers(signers), "2026-03-01")
        with pytest.raises(AgreementNotReady, match="which is past; let it take effect from"):
            propose(office, past)
        assert held_versions(office) == {}


def test_a_late_signature_is_refused_rather_than_leave_a_version_that_never_binds(tmp_path: Path) -> None:
    text = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
    clock = FixedClock()
    with office_at(tmp_path) as office:
        office.clock = office.log._clock = clock
        keys = {party: SigningKey.generate() for party in PARTIES}
        first = sign_by_all(office, load_agreement(text, name="first.yaml"), keys).agreement
        tomorrow = (clock.now + timedelta(days=1)).date().isoformat()
        ref = propose(office, amendment(first, tomorrow)).agreement.ref

        def sign(party: str) -> None:
            digest = version_to_sign(office, held(office, ref)).digest(office.domain)
            give_signature(office, ref, party, keys[party].sign(digest))

        *early, late = PARTIES
        for party in early:
            sign(party)
        clock.forward(days=4)
        settle_until(office, first.id, clock.now - timedelta(days=1))
        with pytest.raises(AgreementNotReady, match="let it take effect after that"):
            sign(late)
        assert f"register/{REF}" in work(office).recorded, "and nothing else waits for it"
        withdraw(office, ref, "to be proposed for a later day")
        again = propose(office, amendment(first, (clock.now + timedelta(days=9)).date().isoformat()))
        assert again.agreement.ref == ref
