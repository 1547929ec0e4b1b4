"""The chain worker over a real EVM node: blocks taken back, fees raised, an empty account, another chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api.office.agreements import held
from api.office.anchoring import checkpoint_to_anchor
from api.office.chain_worker.kept import kept
from api.office.chain_worker.state import chain_state
from api.office.chain_worker.work import Round, work
from api.office.deploying import place_contracts
from api.office.opening import Office, open_office
from api.settings import ChainSettings, Settings
from contracts.keystore import SCRYPT_LIGHT, write_keystore
from contracts.signing import SigningKey
from ledger.checkpoints import anchors
from policies.loading import load_agreement
from tests.chains.node import Node, running_node
from tests.command_line import AGREEMENT
from tests.signing import sign_by_all

REF = "head-streamer@1"
TASK = f"register/{REF}"
FINAL = 2
"""Blocks on top that make one final."""


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime.fromisoformat("2026-11-16T09:00:00+00:00")

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Place:
    """An office whose one agreement is signed, on a node that makes blocks only when told."""

    office: Office
    node: Node
    clock: Clock

    def work(self, **later: float) -> Round:
        self.clock.now += timedelta(**(later or {"minutes": 1}))
        return work(self.office, at_once=True)

    def state(self) -> list[tuple[str, str]]:
        return [(one.name, one.state) for one in chain_state(self.office).tasks]


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running_node() as running:
        yield running


@pytest.fixture
def place(node: Node, tmp_path: Path) -> Iterator[Place]:
    key, clock = SigningKey.generate(), Clock()
    keystore, password = tmp_path / "operator.json", tmp_path / "operator.password"
    write_keystore(keystore, key, "correct horse", work_factor=SCRYPT_LIGHT)
    password.write_text("correct horse\n", encoding="utf-8")
    chain = ChainSettings(node.url, node.chain_id, FINAL, keystore=keystore, password_file=password)
    settings = Settings(
        tmp_path / "data", f"sqlite:///{tmp_path / 'data' / 'tallystick.db'}", "s", chain=chain
    )
    node.fund(key.address)
    node.ask("evm_setAutomine", True)
    with open_office(settings, clock=clock) as office:
        place_contracts(office, {})
        node.ask("evm_setAutomine", False)
        sign_by_all(office, load_agreement(AGREEMENT.read_text(encoding="utf-8"), name="document.yaml"))
        yield Place(office, node, clock)
    node.ask("anvil_dropAllTransactions")


def test_what_stands_in_a_block_that_a_node_takes_back_is_sent_again_and_recorded_once(place: Place) -> None:
    size = checkpoint_to_anchor(place.office).size
    assert place.work().recorded == ()
    assert place.state() == [(TASK, "sent"), (f"anchor/{size}", "sent")]
    place.node.mine()
    place.work()
    assert place.state() == [(TASK, "mined"), (f"anchor/{size}", "mined")]
    place.node.ask("anvil_reorg", 1, [])
    place.work()
    assert place.state() == [(TASK, "sent"), (f"anchor/{size}", "sent")]
    place.node.mine(1 + FINAL)
    assert place.work().recorded == (TASK, f"anchor/{size}")
    record = held(place.office, REF).registration
    assert record is not None
    receipt = place.office.chain.receipt(record.transaction)
    assert receipt is not None
    assert (receipt.succeeded, receipt.block.number) == (True, record.block)
    (anchor,) = anchors(place.office.log)
    assert (anchor.size, anchor.chain_kind, anchor.chain_id) == (size, "rpc", place.node.chain_id)
    assert place.work().recorded == ()
    assert place.office.chain.nonce(place.office.chain_key.address) == 4, "two deployments, two calls"
    assert kept(place.office).sent == ()


def test_a_transaction_that_offers_too_little_for_long_is_replaced_and_the_node_takes_the_other(
    place: Place,
) -> None:
    place.work()
    (first,) = kept(place.office).sent
    place.work(minutes=10)
    second = kept(place.office).sent[-1]
    assert (second.nonce, second.transaction != first.transaction) == (first.nonce, True)
    place.node.mine(1 + FINAL)
    assert place.work().recorded == (TASK,)
    assert place.office.chain.receipt(first.transaction) is None
    record = held(place.office, REF).registration
    assert record is not None
    assert record.transaction == second.transaction


def test_an_empty_account_holds_it_up_until_it_is_filled(place: Place) -> None:
    address = place.office.chain_key.address
    place.node.ask("anvil_setBalance", address, "0x0")
    place.work()
    state = chain_state(place.office)
    assert state.fault is not None
    assert (state.standing, state.fault.code) == ("held_up", "chain.funds")
    assert address in state.fault.message
    place.node.fund(address)
    place.work()
    place.node.mine(1 + FINAL)
    assert place.work().recorded == (TASK,)
    assert chain_state(place.office).standing == "idle"


def test_a_node_of_another_chain_is_refused_by_name(place: Place) -> None:
    url = place.node.url.replace("//", "//customer:key-of-a-customer@")
    chain = replace(place.office.settings.chain, url=url, chain_id=5)
    settings = replace(place.office.settings, chain=chain)
    with open_office(settings, clock=place.clock) as other:
        other.names.put("registry", place.office.domain.contract)
        other.names.put("anchor", place.office.domain.contract)
        done = work(other, at_once=True)
        assert done.fault is not None
        assert done.fault.code == "chain.other-id"
        assert "key-of-a-customer" not in str(done.fault), "an address may hold a key of its provider"
