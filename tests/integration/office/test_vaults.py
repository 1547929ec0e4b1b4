"""A vault made for a clause of a signed version pays what was decided, agreed, or has come due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.office.chain_worker.kept import Sent, keep, kept, lease
from api.office.chain_worker.turn import turn
from api.office.chain_worker.work import work
from api.office.dispute_process import decide_dispute, rest_dispute, serve_dispute, waive_appeal
from api.office.disputes import file_dispute
from api.office.errors import ChainBusy, VaultDiffers, VaultNotReady, VaultUnknown
from api.office.opening import Office, open_office
from api.office.vaults import (
    OpenedVault,
    carry_out,
    on_chain,
    open_vault,
    release_to_sign,
    request_of,
    ruling_to_sign,
    vault_at,
    vaults,
)
from api.settings import Settings
from contracts.contract import Contract
from contracts.errors import ChainReverted, ContractUnknown, VaultNotCompiled
from contracts.signing import SigningKey
from contracts.signing_file import read_request, sign_request
from contracts.token import balance_of
from contracts.typed_data import Message
from contracts.vault import Stage
from contracts.vault_plan import Seats
from contracts.vault_terms import VaultAppealDecision
from policies.decisions.case import read_case
from policies.loading import load_agreement
from policies.process.terms import SIDES
from tests.signing import sign_by_all
from tests.vyper.tokens import token

EXAMPLE = Path(__file__).parents[3] / "examples/agreements/deposit-vault.yaml"
SEATS = Seats(("first_arbiter", "second_arbiter"), ("reviewer",))
DAY = timedelta(days=1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Deal:
    office: Office
    clock: Clock
    keys: dict[str, SigningKey]
    coin: Contract

    def vault(self, clause: str = "8.1", **chosen: Any) -> OpenedVault:
        return open_vault(
            self.office, "deposit-vault", clause, **{"token": self.coin.address, "seats": SEATS, **chosen}
        )

    def put_in(self, one: OpenedVault, amount: int, party: str = "brand") -> None:
        key = self.keys[party]
        self.coin.write("mint", key.address, amount, key=self.office.chain_key)
        on_chain(self.office, one).put_in(one.plan.address(party), amount, key=key)

    def signed(self, one: OpenedVault, message: Message, *parties: str) -> str:
        request = request_of(self.office, one, message)
        asked = read_request(json.dumps(request), "request.json")
        given = [sign_request(asked, self.keys[party], party, "keystore") for party in parties]
        return carry_out(self.office, one, asked.message, given)


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deal]:
    clock = Clock()
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(tmp_path_factory.mktemp("vaults") / "data")})
    with open_office(settings, clock=clock) as office:
        agreement = load_agreement(EXAMPLE.read_text("utf-8"), name=EXAMPLE.name)
        keys = {party: SigningKey(bytes([n]) * 32) for n, party in enumerate(agreement.parties, 1)}
        sign_by_all(office, agreement, keys)
        with pytest.raises(VaultNotReady, match="chain work"):
            open_vault(office, "deposit-vault", "8.1", token="0x" + "11" * 20, seats=SEATS)
        work(office)
        made = token("OddToken")
        coin = Contract.open(office.chain, made, _deployed(office, made.code))
        yield Deal(office, clock, keys, coin)


def _deployed(office: Office, code: bytes) -> str:
    address = office.chain.deploy(code, key=office.chain_key).contract
    assert address is not None
    return address


def decided(deal: Deal, order: str) -> str:
    """Have the damages of clause 9.1 decided under a case of its own, so that they stand."""
    text = CASE.format(order=order)
    one = file_dispute(deal.office, read_case(text, name="case.yaml"))
    serve_dispute(deal.office, one.id, "address", delivered_at=deal.clock(), reference="EMS 1")
    for side in SIDES:
        rest_dispute(deal.office, one.id, side, member=f"{side}-member")
    decide_dispute(deal.office, one.id)
    for side in SIDES:
        waive_appeal(deal.office, one.id, side, member=f"{side}-member")
    return one.id


def test_one_alone_sends_by_the_operators_key(deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.office.chain_worker.turn.WAIT_SECONDS", 0.0)
    office = deal.office
    nonce = office.chain.nonce(office.chain_key.address)
    with lease(office), pytest.raises(ChainBusy, match="chain status"):
        deal.vault()
    before, at = kept(office), deal.clock().isoformat()
    keep(
        office, msgspec.structs.replace(before, sent=(Sent("anchor/7", nonce, "0x01", "0x02", 1, 1, at, at),))
    )
    with pytest.raises(ChainBusy, match="no block yet: anchor/7"):
        deal.vault()
    keep(office, before)
    assert office.chain.nonce(office.chain_key.address) == nonce, "nothing was sent"
    with turn(office):
        assert work(office, at_once=True).skipped


CASE = """
clause: "9.1"
claim: {{claimant: streamer, respondent: brand, amount: 30000.00}}
facts: {{session_missed: {{value: "true", status: proven, evidence: ["{order}"]}}}}
"""


def test_a_decision_that_stands_is_carried_out_by_a_vault(deal: Deal) -> None:
    one = deal.vault()
    assert vaults(deal.office)[0] == one
    deal.put_in(one, 50_000_000_000)
    dispute = decided(deal, "session-1")
    vault, streamer = on_chain(deal.office, one), deal.keys["streamer"]
    contest = one.key(f"contest/{dispute}")
    vault.contest(streamer.address, contest, 30_000_000_000, key=streamer)

    ruling = ruling_to_sign(deal.office, one, dispute)
    assert (ruling.payee, ruling.amount, ruling.contest) == (streamer.address, 30_000_000_000, contest)
    with pytest.raises(ChainReverted, match="deposit_vault: too few have signed"):
        deal.signed(one, ruling, "first_arbiter")
    deal.signed(one, ruling, "first_arbiter", "second_arbiter")
    with pytest.raises(ChainReverted, match="ruling can be appealed"):
        vault.draw(ruling.ruling, key=deal.office.chain_key)
    deal.clock.now += 11 * DAY
    vault.draw(ruling.ruling, key=deal.office.chain_key)
    filed = vault.ruling(ruling.ruling)
    assert filed is not None
    assert (filed.stage, filed.amount) == (Stage.DRAWN, 30_000_000_000)
    status = vault.status((streamer.address,))
    assert (status.held, status.owed) == (20_000_000_000, {streamer.address: 30_000_000_000})
    vault.withdraw(streamer.address, streamer.address, key=streamer)
    assert balance_of(deal.office.chain, one.token, streamer.address) == 30_000_000_000
    assert ruling_to_sign(deal.office, one, dispute).contest == bytes(32), "what was contested is ruled on"


def test_the_reviewers_overturn_what_a_party_appeals(deal: Deal) -> None:
    one = deal.vault()
    deal.put_in(one, 50_000_000_000)
    ruling = ruling_to_sign(deal.office, one, decided(deal, "session-2"))
    deal.signed(one, ruling, "first_arbiter", "second_arbiter")
    vault, brand = on_chain(deal.office, one), deal.keys["brand"]
    vault.appeal(brand.address, ruling.ruling, key=brand)
    deal.signed(one, VaultAppealDecision(ruling.ruling, stands=False), "reviewer")
    filed = vault.ruling(ruling.ruling)
    assert filed is not None
    assert filed.stage is Stage.OVERTURNED
    assert vault.ruling(bytes(32)) is None


def test_all_parties_release_and_time_releases(deal: Deal) -> None:
    one = deal.vault("8.2")
    deal.put_in(one, 100_000_000)
    release = release_to_sign(deal.office, one, {"platform": 3_000, deal.keys["streamer"].address: 1_000})
    deal.signed(one, release, "brand", "platform", "streamer")
    vault = on_chain(deal.office, one)
    assert vault.status(vault.terms.payees).held == 60_000_000
    with pytest.raises(ChainReverted, match="nothing to release"):
        vault.release(key=deal.office.chain_key)
    deal.clock.now += 31 * DAY
    vault.release(key=deal.office.chain_key)
    assert vault.status((deal.keys["brand"].address,)).owed == {deal.keys["brand"].address: 60_000_000}


def test_what_is_not_ready_is_refused_with_its_reason(deal: Deal) -> None:
    one = deal.vault("8.2")
    stands = decided(deal, "session-3")
    with pytest.raises(VaultNotReady, match="to nobody"):
        ruling_to_sign(deal.office, one, stands)
    waiting = file_dispute(deal.office, read_case(CASE.format(order="session-4"), name="case.yaml"))
    with pytest.raises(VaultNotReady, match="no decision stands"):
        ruling_to_sign(deal.office, one, waiting.id)
    with pytest.raises(VaultUnknown, match="vault list"):
        vault_at(deal.office, "0x" + "11" * 20)
    with pytest.raises(ContractUnknown, match="no token"):
        deal.vault(token="0x" + "11" * 20)
    with pytest.raises(ContractUnknown, match="no token"):
        deal.vault(token=deal.office.registry.address)
    with pytest.raises(VaultNotCompiled):
        open_vault(deal.office, "deposit-vault", "9.1", token=deal.coin.address)


def test_a_vault_with_other_terms_than_the_document_is_not_used(
    deal: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = deal.vault()
    assert on_chain(deal.office, one).terms == one.terms()
    monkeypatch.setattr(OpenedVault, "terms", lambda self: replace(on_record(self), cap=1))
    with pytest.raises(VaultDiffers, match="put nothing in"):
        on_chain(deal.office, one)


on_record = OpenedVault.terms
