"""A wallet contract signs a version: its chain is asked when it is handed in, and again by the registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.office.agreements import held, propose, version_to_sign
from api.office.chain_worker.work import work
from api.office.signing import Handed, give_signature
from contracts.errors import SignatureRefused, WalletUndecided
from tests import wallets
from tests.command_line import office_at, tally
from tests.integration.office.test_registration import REF, document, keys_for

BY_WALLET = Handed(method="wallet-contract")


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """A version that waits for the brand alone, whose signer is a wallet contract of its key."""
    keys = keys_for(document())
    with office_at(tmp_path) as office:
        wallet = wallets.owned_wallet(office.chain, keys["brand"].address, office.chain_key)
        signers = {party: key.address for party, key in keys.items()} | {"brand": wallet}
        one = propose(office, document().with_signers(signers))
        digest = version_to_sign(office, one).digest(office.domain)
        for party, key in keys.items():
            if party != "brand":
                give_signature(office, one.agreement.ref, party, key.sign(digest))
    return tmp_path


def signature(data: Path, party: str) -> bytes:
    with office_at(data) as office:
        digest = version_to_sign(office, held(office, REF)).digest(office.domain)
    return keys_for(document())[party].sign(digest)


def test_a_wallet_signs_by_the_command_and_the_registry_asks_it_again(waiting: Path) -> None:
    give = ("agreement", "give", REF, "--party", "brand", "--method", "wallet-contract")
    refused = tally(waiting, *give, "--signature", "0x" + signature(waiting, "mcn").hex())
    assert refused.code == 2
    assert "signature.wallet-refused" in refused.err
    ran = tally(waiting, *give, "--signature", "0x" + signature(waiting, "brand").hex(), "--json")
    assert ran.code == 0, ran.err
    assert ran.json["signed"]
    with office_at(waiting) as office:
        one = held(office, REF)
        assert one.consent is not None
        (told,) = (each for each in one.consent["signatures"] if each["party"] == "brand")
        assert told["wallet"] == told["address"]
        assert "public_key" not in told
        (given,) = (each for each in one.signatures if each.party == "brand")
        assert given.asked_at_block is not None
        assert work(office).recorded == (f"register/{REF}",)


def test_no_request_asks_a_wallet(waiting: Path) -> None:
    raw = signature(waiting, "brand")
    with office_at(waiting) as office:
        with pytest.raises(WalletUndecided):
            give_signature(office, REF, "brand", raw, BY_WALLET)
        with pytest.raises(SignatureRefused):
            give_signature(office, REF, "brand", raw)
        assert not {"chain", "registry"} & office.__dict__.keys()
        assert held(office, REF).waiting_for == ("brand",)
