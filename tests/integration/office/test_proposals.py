"""Proposing holds a document against its version before and what it links to; carried balances are posted."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from api.office.agreements import held, held_versions, propose, version_to_sign
from api.office.errors import AgreementNotReady
from api.office.opening import Office
from api.office.settling import line_file_faults, rebuild_lines, settle_until
from api.office.signing import give_signature
from contracts.consent import sign_version
from contracts.signing import SigningKey
from ledger.doctor import examine
from ledger.settlement.opening import OPENING_KIND
from ledger.statements.reading import list_statements
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.command_line import AGREEMENT, office_at, tally

TEXT = AGREEMENT.read_text(encoding="utf-8")
LESS = (("30%", "25%"),) * TEXT.count("30%") + (("16.69", "13.91"), ("38.93", "41.71"))
PINNED = "{{agreement: head-streamer, version: 1, as: accepted_rules, sha256: {}}}"
ACCEPTED = """\
accepted_findings:
  - {code: amendment.pays-less, clause: "6.1", reason: {zh: 双方商定, en: as agreed}}
parties:
"""
BOTH = """\
accepted_findings:
  - {code: together.both-lowest, clause: "9.1", reason: {zh: 同场同价, en: one session at one price}}
"""
BONUS = """\
clauses:
  - id: "8"
    kind: incentive
    text:
      zh: 每月奖励为主播分成的 1%，至多 1,000.00 元。
      en: A bonus of 1% of the streamer's share a month, at most 1,000.00.
    falls_due: {by: month}
    remedies:
      - {kind: bonus, from: brand.balance, to: streamer.balance, amount: 1% * due.streamer_share, cap: 1_000}
"""
OPENING = """\
opening:
  on: 2026-02-01
  from: {title: {zh: 纸质协议, en: Paper}, sha256: %s}
  balances: {brand.deposit: 50_000.00, streamer.balance: 1_280.50}
  rest: escrow
parties:
""" % ("ab" * 32)


def document(*changes: tuple[str, str], keys: dict[str, SigningKey] | None = None) -> Agreement:
    """The example with texts replaced, and an address for each signer."""
    text = TEXT
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now, 1)
    agreement = load_agreement(text, name="document.yaml")
    made = {key: f"0x{place:040x}" for place, key in enumerate(agreement.parties, 1)}
    return agreement.with_signers({key: one.address for key, one in keys.items()} if keys else made)


def second(*changes: tuple[str, str]) -> Agreement:
    """The second version of the example, in force from a day that has not come."""
    day = ("effective_from: 2026-02-01", "effective_from: 2099-01-01")
    return document(("version: 1\n", "version: 2\nsupersedes: {version: 1}\n"), day, *changes)


def linking(link: str) -> Agreement:
    """Another agreement that names the example."""
    named = ("parties:\n", f"links:\n  - {link}\n{BOTH}parties:\n")
    return document(("agreement: head-streamer", "agreement: another-season"), named)


def test_an_amendment_that_pays_a_party_less_is_proposed_once_it_is_signed_over(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        propose(office, document())
        with pytest.raises(AgreementNotReady, match=r"paid less than under head-streamer@1.*pays-less") as no:
            propose(office, second(*LESS))
        assert {one["code"] for one in no.value.data["findings"]} == {"amendment.pays-less"}
        assert list(held_versions(office)) == ["head-streamer@1"]
        taken = propose(office, second(*LESS, ("parties:\n", ACCEPTED)))
        assert taken.agreement.ref == "head-streamer@2"


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("{agreement: head-streamer, version: 2, as: accepted_rules}", "only version 1"),
        (PINNED.format("ab" * 32), "not the one pinned"),
    ],
)  # fmt: skip
def test_a_link_that_misses_what_is_held_here_is_refused(tmp_path: Path, link: str, said: str) -> None:
    with office_at(tmp_path) as office:
        propose(office, document())
        with pytest.raises(AgreementNotReady, match=said):
            propose(office, linking(link))
        assert propose(office, linking(PINNED.format(document().sha256))).agreement.id == "another-season"


def test_what_is_signed_elsewhere_or_hidden_from_the_proposer_stops_nobody(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        elsewhere = linking("{agreement: rules-of-another-house, version: 9, as: accepted_rules}")
        assert propose(office, elsewhere).agreement.ref == "another-season@1"
    with office_at(tmp_path / "second") as office:
        propose(office, document())
        hidden = linking("{agreement: head-streamer, version: 2, as: accepted_rules}")
        assert propose(office, hidden, may_read=lambda _: False).agreement.ref == "another-season@1"


def test_a_document_that_no_run_settles_says_so_before_anybody_signs(tmp_path: Path) -> None:
    rounded = document(("clauses:\n", BONUS), ("at: line", "at: statement"))
    with (
        office_at(tmp_path) as office,
        pytest.raises(AgreementNotReady, match=r"due\.streamer_share.*not-yet"),
    ):
        propose(office, rounded)


def signed(office: Office, *changes: tuple[str, str]) -> None:
    """Propose the example and have every party sign it."""
    keys = {key: SigningKey.generate() for key in document().parties}
    one = propose(office, document(*changes, keys=keys))
    for party, key in keys.items():
        given = sign_version(key, version_to_sign(office, one), office.domain)
        give_signature(office, one.agreement.ref, party, given.signature)
    assert held(office, one.agreement.ref).is_signed


def test_balances_from_paper_are_posted_by_the_last_signature_and_open_the_first_statement(
    tmp_path: Path,
) -> None:
    cutoff = datetime.fromisoformat("2026-03-01T00:00:00+08:00")
    with office_at(tmp_path) as office:
        signed(office, ("parties:\n", OPENING))
        (entry,) = office.log.entries(kinds=[OPENING_KIND])
        assert entry.agreement == "head-streamer@1"
        settle_until(office, "head-streamer", cutoff)
        found = {one.party: one.content for one in list_statements(office.log) if one.number == 1}
        streamer = found["streamer"]
        assert [one["kind"] for one in streamer["adjustments"]] == ["opening_balance"]
        assert (streamer["opening_minor"], streamer["payable_minor"]) == (0, 128_050)
        assert found["brand"]["payable_minor"] == 0, "a deposit stays where it is"
        roots = [one.root for one in list_statements(office.log)]
        assert rebuild_lines(office) == len(roots)
        assert roots == [one.root for one in list_statements(office.log)]
        assert examine(office.engine) == []
        assert line_file_faults(office) == []
    assert tally(tmp_path, "rebuild").code == 0
    assert tally(tmp_path, "doctor").code == 0
