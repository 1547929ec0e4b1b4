"""The chain worker over a chain that fails: nothing lost, nothing put twice, operators see why it waits."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.office.agreements import held
from api.office.anchoring import checkpoint_to_anchor
from api.office.chain_worker.kept import FILE, keep, kept, lease
from api.office.chain_worker.sender import NOTHING
from api.office.chain_worker.state import chain_state, chain_worker_faults
from api.office.chain_worker.work import Round, work
from api.office.opening import Office, open_office
from api.office.registered import REGISTERED_KIND
from api.settings import Settings
from contracts.chain import Log
from contracts.errors import ChainOther, ChainRefused, FeesAboveLimit, NodeUnreachable, NodeUntrue
from contracts.signing import SigningKey
from contracts.transactions import Fees, SignedTransaction, sign_transaction
from ledger.checkpoints import anchors
from policies.loading import load_agreement
from tests.command_line import AGREEMENT
from tests.faulty_chain import FaultyChain, call_of
from tests.ledger_samples import sale
from tests.signing import sign_by_all

REF = "head-streamer@1"
TASK = f"register/{REF}"
STRANGER = SigningKey(b"\x5d" * 32)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime.fromisoformat("2026-11-16T09:00:00+00:00")

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class Place:
    """An office whose one agreement is signed, over a chain of its own that outlives it."""

    def __init__(self, data: Path) -> None:
        self.clock = Clock()
        self._data = data
        self.office = self._open()
        self.chain = FaultyChain(data / "chain", self.office.chain_key)
        self.office.__dict__["chain"] = self.chain
        _ = self.office.registry, self.office.anchor  # which deploys both
        self.chain.mine(self.chain.depth)

    def _open(self) -> Office:
        return open_office(Settings.from_environment({"TALLYSTICK_DATA": str(self._data)}), clock=self.clock)

    def reopen(self) -> None:
        """Go on as after the end of the process."""
        self.close()
        self.office = self._open()
        self.office.__dict__["chain"] = self.chain

    def close(self) -> None:
        """End the process, but not the chain."""
        del self.office.__dict__["chain"]
        self.office.close()

    def work(self) -> Round:
        """Run a round a minute after the last."""
        self.clock.move(minutes=1)
        return work(self.office)

    def registered(self) -> int:
        """How many entries of registration there are."""
        return len(self.office.log.entries(kinds=[REGISTERED_KIND]))

    def state(self, name: str = TASK) -> str | None:
        """How a task was last seen, None once it is done."""
        return next((one.state for one in chain_state(self.office).tasks if one.name == name), None)

    def nonces(self) -> list[int]:
        """The nonces of all that was ever handed in."""
        return [one.terms.nonce for one in self.chain.handed_in]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with one signed version and no chain yet."""
    data = tmp_path_factory.mktemp("signed") / "data"
    clock = Clock()
    with open_office(Settings.from_environment({"TALLYSTICK_DATA": str(data)}), clock=clock) as office:
        sign_by_all(office, load_agreement(AGREEMENT.read_text(encoding="utf-8"), name="document.yaml"))
    return data


@pytest.fixture
def place(signed: Path, tmp_path: Path) -> Iterator[Place]:
    shutil.copytree(signed, tmp_path / "data")
    made = Place(tmp_path / "data")
    yield made
    made.chain.mend()
    made.close()
    made.chain.close()


def until_final(place: Place) -> None:
    place.chain.mine(place.chain.depth + 1)
    assert place.work().recorded == (TASK,)


# ---- what is recorded, and when


def test_nothing_is_recorded_before_its_block_is_final(place: Place) -> None:
    assert place.work().recorded == ()
    assert (place.state(), place.registered()) == ("sent", 0)
    place.chain.mine()
    place.work()
    assert (place.state(), place.registered()) == ("mined", 0)
    place.chain.mine(place.chain.depth - 1)
    place.work()
    assert place.registered() == 0, "one block short"
    place.chain.mine()
    assert place.work().recorded == (TASK,)
    assert (place.state(), place.registered()) == (None, 1)
    place.work()
    assert (len(set(place.nonces())), place.registered()) == (1, 1)
    assert chain_state(place.office).standing == "idle"


@pytest.mark.parametrize("lose", [False, True], ids=["waits-again", "lost-by-the-node"])
def test_a_block_taken_back_leaves_no_record_and_its_call_is_sent_again(place: Place, *, lose: bool) -> None:
    place.work()
    place.chain.mine()
    place.work()
    assert place.state() == "mined"
    place.chain.take_back(1, lose=lose)
    place.work()
    assert (place.state(), place.registered()) == ("sent", 0)
    until_final(place)
    assert len({one.transaction for one in place.chain.handed_in}) == 1, "the same bytes each time"
    assert place.registered() == 1


def test_what_is_gone_after_it_was_final_is_put_there_and_recorded_again(place: Place) -> None:
    place.work()
    until_final(place)
    first = held(place.office, REF).registration
    place.chain.take_back(place.chain.depth + 1, lose=True)
    place.chain.mine()
    place.work()
    place.chain.mine(place.chain.depth + 1)
    place.work()
    again = held(place.office, REF).registration
    assert first is not None
    assert again is not None
    assert (place.registered(), again.block > first.block) == (2, True)
    place.work()
    assert place.registered() == 2


def test_an_anchor_that_was_taken_back_is_sent_again_and_recorded_once(place: Place) -> None:
    size = checkpoint_to_anchor(place.office).size
    place.work()
    place.chain.mine()
    place.chain.take_back(1, lose=True)
    place.work()
    assert anchors(place.office.log) == []
    place.chain.mine(place.chain.depth + 1)
    assert f"anchor/{size}" in place.work().recorded
    (placed,) = anchors(place.office.log)
    assert (placed.size, placed.chain_kind) == (size, "rpc")
    assert placed.block <= place.chain.finalized().number


def test_many_reasons_to_anchor_make_one_transaction_until_it_is_final(place: Place) -> None:
    place.work()
    until_final(place)
    before = len(set(place.nonces()))
    first = checkpoint_to_anchor(place.office).size
    place.work()
    for number in range(3):
        place.office.log.append([sale(f"O{number}", agreement="other@1")])
        last = checkpoint_to_anchor(place.office).size
        place.work()
    assert len(set(place.nonces())) == before + 1, "no other while one is on its way"
    place.chain.mine(place.chain.depth + 1)
    assert place.work().recorded == (f"anchor/{first}",)
    place.work()
    place.chain.mine(place.chain.depth + 1)
    assert place.work().recorded == (f"anchor/{last}",)
    assert [one.size for one in anchors(place.office.log)] == [first, last]


# ---- restarts


class _KilledError(BaseException):
    """The end of the process, as far as a test can have it and go on."""


def killed(place: Place, patch: pytest.MonkeyPatch, name: str, *, after: bool) -> None:
    """Work, and be killed at a method of the chain, before or after it was done; then start again."""
    real: Callable[[bytes], str] = getattr(place.chain, name)

    def die(raw: bytes) -> str:
        if after:
            real(raw)
        raise _KilledError

    with patch.context() as patched:
        patched.setattr(place.chain, name, die)
        with pytest.raises(_KilledError):
            place.work()
    place.reopen()


@pytest.mark.parametrize("after", [False, True], ids=["before-it-was-handed-in", "after"])
def test_killed_while_sending_nothing_is_lost_and_nothing_sent_twice(
    place: Place, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    killed(place, monkeypatch, "send", after=after)
    place.work()
    until_final(place)
    assert len({one.transaction for one in place.chain.handed_in}) == 1
    assert place.registered() == 1


def test_killed_between_the_final_block_and_its_record_it_is_recorded_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.work()
    place.chain.mine(place.chain.depth + 1)

    def die(*_arguments: object) -> None:
        raise _KilledError

    with monkeypatch.context() as patched:
        patched.setattr("api.office.chain_worker.version_tasks.record_registration", die)
        with pytest.raises(_KilledError):
            place.work()
    place.reopen()
    assert place.work().recorded == (TASK,)
    assert (place.registered(), len(set(place.nonces()))) == (1, 1)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"sent": 1}', None])
def test_what_the_worker_remembers_may_be_lost_at_any_moment(place: Place, damage: bytes | None) -> None:
    place.work()
    path = place.office.settings.data_dir / FILE
    path.unlink() if damage is None else path.write_bytes(damage)
    place.chain.mine()
    place.work()
    until_final(place)
    assert (place.registered(), len(set(place.nonces()))) == (1, 1)


def test_of_two_workers_at_once_one_works(place: Place) -> None:
    with lease(place.office) as mine:
        assert mine
        assert place.work().skipped
        assert place.chain.handed_in == []
    assert not place.work().skipped


def test_two_installations_of_one_key_take_no_nonce_twice(place: Place, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "data", tmp_path / "copy", ignore=shutil.ignore_patterns("chain", FILE))
    place.work()
    other = open_office(
        Settings.from_environment({"TALLYSTICK_DATA": str(tmp_path / "copy")}), clock=place.clock
    )
    other.__dict__["chain"] = place.chain
    work(other)
    place.chain.mine(place.chain.depth + 1)
    assert work(other).recorded == place.work().recorded == (TASK,)
    assert (place.registered(), len(other.log.entries(kinds=[REGISTERED_KIND]))) == (1, 1)
    del other.__dict__["chain"]
    other.close()


def test_a_round_cut_short_before_it_hands_in_says_of_nothing_that_it_was_sent(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_arguments: object) -> None:
        raise NodeUnreachable("it does not answer", where="the node")

    with monkeypatch.context() as patched:
        patched.setattr(place.chain, "send_all", down)
        assert place.work().fault is not None
    assert (place.state(), place.chain.handed_in) == ("to_send", [])
    place.clock.move(minutes=5)
    place.work()
    until_final(place)
    assert (place.registered(), len(set(place.nonces()))) == (1, 1)


# ---- fees and nonces


def test_what_waits_too_long_is_replaced_under_its_nonce_by_a_higher_fee(place: Place) -> None:
    place.work()
    place.chain.asked = place.chain.fees()
    (first,) = place.chain.waiting.values()
    place.clock.move(minutes=10)
    place.work()
    (second,) = place.chain.waiting.values()
    assert second.terms.nonce == first.terms.nonce
    assert second.terms.fees.most * 8 >= first.terms.fees.most * 9
    assert second.terms.fees.tip * 8 >= first.terms.fees.tip * 9
    until_final(place)
    assert place.registered() == 1


def test_where_the_chain_asks_more_meanwhile_it_is_offered(place: Place) -> None:
    place.work()
    place.chain.asked = type(place.chain.asked)(most=1_000, tip=50)
    place.chain.waiting.clear()  # nodes drop what offers too little
    place.work()
    (one,) = place.chain.waiting.values()
    assert (one.terms.fees.most, one.terms.nonce) == (1_000, place.nonces()[0])
    until_final(place)


def test_what_reached_the_limit_and_was_lost_by_the_node_is_handed_in_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.work()
    place.chain.waiting.clear()
    real = place.chain.prepare

    def limited(*arguments: Any, **options: Any) -> SignedTransaction:
        prepared = real(*arguments, **options)
        if prepared.terms.fees.most > place.chain.asked.most:
            raise FeesAboveLimit("more than is offered")
        return prepared

    monkeypatch.setattr(place.chain, "prepare", limited)
    place.clock.move(minutes=10)
    assert place.work().fault is None
    assert place.state() == "sent"
    until_final(place)
    assert len({one.transaction for one in place.chain.handed_in}) == 1


@pytest.mark.parametrize("other", [{"chain_id": 5}, {"address": STRANGER.address}], ids=["chain", "key"])
def test_what_was_sent_on_another_chain_or_by_another_key_holds_nothing_up(
    place: Place, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
) -> None:
    place.work()
    before = kept(place.office)
    assert before.seen is not None
    nonce, real = before.sent[0].nonce, place.chain.send
    terms = dataclasses.replace(place.chain.waiting.pop(nonce).terms, chain_id=5)
    foreign = sign_transaction(STRANGER.address, b"", terms, key=STRANGER)
    sent = msgspec.structs.replace(before.sent[0], raw="0x" + foreign.raw.hex())
    seen = msgspec.structs.replace(before.seen, **other)
    keep(place.office, msgspec.structs.replace(before, sent=(sent,), seen=seen))

    def send(raw: bytes) -> str:
        if raw == foreign.raw:
            raise ChainRefused("it is signed for chain 5")
        return real(raw)

    monkeypatch.setattr(place.chain, "send", send)
    assert place.work().fault is None
    until_final(place)


def test_a_node_that_shows_a_record_and_not_its_event_is_said_to_operators(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.work()
    place.chain.mine(place.chain.depth + 1)

    def nothing(*_arguments: Any, **_options: Any) -> tuple[Log, ...]:
        return ()

    with monkeypatch.context() as patched:
        patched.setattr(place.chain, "logs", nothing)
        fault = place.work().fault
    assert fault is not None
    assert fault.code == "chain.untrue"
    assert place.registered() == 0
    assert place.work().recorded == (TASK,)


def test_what_a_node_forgets_is_handed_in_again(place: Place) -> None:
    place.chain.forgets = True
    place.work()
    place.work()
    assert place.chain.waiting == {}
    place.chain.forgets = False
    place.work()
    until_final(place)
    assert len({one.transaction for one in place.chain.handed_in}) == 1


def test_a_nonce_that_nobody_fills_is_filled_by_a_call_that_does_nothing(place: Place) -> None:
    key, chain = place.office.chain_key, place.chain
    foreign = chain.prepare(key.address, b"", key=key)
    chain.send(foreign.raw)
    place.work()
    assert sorted(chain.waiting) == [foreign.terms.nonce, foreign.terms.nonce + 1]
    del chain.waiting[foreign.terms.nonce]  # by another program of the operator's, and lost
    chain.mine()
    place.work()
    assert place.state() == "sent", "it waits behind the nonce that is missing"
    place.clock.move(minutes=10)
    place.work()
    assert [one.task for one in kept(place.office).sent if one.nonce == foreign.terms.nonce] == [NOTHING]
    until_final(place)


def test_what_somebody_else_registered_is_recorded_and_our_own_call_is_emptied(place: Place) -> None:
    place.work()
    (mine,) = place.chain.waiting.values()
    to, data = call_of(mine)
    terms = dataclasses.replace(mine.terms, nonce=0, fees=Fees(0, 0))
    place.chain.by_another(sign_transaction(to, data, terms, key=STRANGER).raw)
    for _ in range(place.chain.depth):
        place.chain.by_another(place.chain.unpriced(STRANGER))
    assert place.work().recorded == (TASK,)
    assert [one.task for one in kept(place.office).sent] == [TASK], "its nonce is still taken"
    place.clock.move(minutes=10)
    place.work()
    assert call_of(place.chain.waiting[mine.terms.nonce]) == (place.office.chain_key.address, b"")
    place.chain.mine()
    place.work()
    assert (kept(place.office).sent, place.registered()) == ((), 1)


# ---- what operators see


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (None, "chain.unreachable"),
        (ChainOther("the node serves chain 5, not 1", where="the node"), "chain.other-id"),
        (NodeUntrue("a receipt of another transaction", where="the node"), "chain.untrue"),
    ],
)
def test_a_chain_that_fails_is_tried_again_later_and_said_to_operators(
    place: Place, fault: Exception | None, code: str
) -> None:
    place.chain.fail(fault)
    assert place.work().fault is not None
    state = chain_state(place.office)
    assert (state.standing, state.failures) == ("held_up", 1)
    assert state.fault is not None
    assert state.fault.code == code
    since = state.fault.since
    assert work(place.office).skipped, "not before its time"
    assert not work(place.office, at_once=True).skipped, "but whoever asks may"
    place.clock.move(minutes=20)
    place.work()
    state = chain_state(place.office)
    assert state.fault is not None
    assert (state.failures, state.fault.since) == (3, since)
    assert [(one.code, one.severity) for one in chain_worker_faults(place.office)] == [(code, "warning")]
    place.chain.mend()
    place.clock.move(minutes=20)
    place.work()
    assert chain_state(place.office).fault is None
    until_final(place)


def test_a_round_that_fails_halfway_forgets_nothing_of_what_it_did_not_come_to(place: Place) -> None:
    size = checkpoint_to_anchor(place.office).size
    place.work()
    before = chain_state(place.office).tasks
    assert {one.state for one in before} == {"sent"}
    place.chain.fail()
    place.work()
    assert chain_state(place.office).tasks == before
    place.office.log.append([sale(agreement="other@1")])
    checkpoint_to_anchor(place.office)
    place.chain.mend()
    place.clock.move(minutes=20)
    place.work()
    assert place.state(f"anchor/{size}") == "sent", "the one that is on its way is followed first"


def test_an_empty_account_is_named_with_what_it_holds(place: Place) -> None:
    place.chain.short = True
    place.work()
    state = chain_state(place.office)
    assert state.fault is not None
    assert (state.fault.code, state.standing) == ("chain.funds", "held_up")
    assert state.seen is not None
    assert (state.seen.address, state.seen.balance) == (place.office.chain_key.address, "0")
    place.chain.short = False
    place.clock.move(minutes=20)
    place.work()
    until_final(place)


def test_a_root_that_another_log_anchored_is_an_error_and_leaves_the_rest_to_go_on(place: Place) -> None:
    place.office.log.append([sale(agreement="other@1")])
    checkpoint = checkpoint_to_anchor(place.office)
    anchor = place.office.anchor
    data = anchor.contract.call_data("anchor", anchor.log, checkpoint.size, b"\x66" * 32)
    prepared = place.chain.prepare(anchor.address, data, key=place.office.chain_key)
    place.chain.send(prepared.raw)
    place.chain.mine()
    place.work()
    (grave,) = [one for one in chain_worker_faults(place.office) if one.severity == "error"]
    assert (grave.code, grave.path) == ("anchor.other-root", f"anchor/{checkpoint.size}")
    until_final(place)


def test_a_worker_that_nobody_runs_is_warned_of(place: Place) -> None:
    (warned,) = chain_worker_faults(place.office)
    assert (warned.code, warned.severity) == ("chain.not-worked", "warning")


def test_a_log_that_grew_is_anchored_once_in_a_while(place: Place) -> None:
    place.work()
    until_final(place)
    place.office.log.append([sale(agreement="other@1")])
    place.work()
    assert anchors(place.office.log) == [], "the first day is not over"
    for _ in range(3):
        place.clock.move(days=1)
        place.work()
        place.chain.mine(place.chain.depth + 1)
        place.work()
    assert len(anchors(place.office.log)) == 1, "what the worker itself put into the log is no reason"
