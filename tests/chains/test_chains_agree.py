"""The same signed transactions on py-evm and on a real node: the same outcome, gas, logs and storage.

A seeded sequence over all four contracts, most of it refused, and one that Hypothesis chooses over registry
and anchor. `make soak` runs many more (TALLYSTICK_TWIN_ACTS).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.chains.acts import Acts
from tests.chains.twins import Twins, twins

ACTS = int(os.environ.get("TALLYSTICK_TWIN_ACTS", "36"))
EXAMPLES = max(12, ACTS // 10)

_logs = itertools.count(1)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    with twins(tmp_path_factory.mktemp("twins")) as running:
        yield running


@pytest.fixture(scope="module")
def acts(both: Twins) -> Acts:
    return Acts.begin(both, seed=20_261_123)


def test_a_seeded_sequence_over_all_four_contracts_is_the_same_on_both(both: Twins, acts: Acts) -> None:
    acts.found_vault()
    for number in range(ACTS):
        if number % 3 == 0:
            acts.use_vault()
        elif number % 3 == 1:
            agreement = number // 30 * 3 + acts.dice.randrange(3)  # one that has ended takes no more versions
            acts.register(agreement, wrong=not acts.dice.randrange(3))
            if not acts.dice.randrange(4):
                acts.terminate(agreement)
        else:
            acts.dice.choice((acts.change_keys, lambda: acts.split(2), acts.use_vault))()
            size = number + acts.dice.randint(-6, 6)
            acts.anchor_one(
                acts.dice.randrange(2), acts.dice.randrange(3), max(0, size), acts.dice.randrange(4)
            )
    assert both.require_same_state() > ACTS // 2
    assert both.sent > ACTS
    assert both.sent // 5 < both.refused < both.sent * 4 // 5, "both kinds are among them"


registering = st.tuples(st.just("register"), st.integers(0, 2), st.booleans())
ending = st.tuples(st.just("terminate"), st.integers(0, 2))
changing = st.tuples(st.just("change_keys"))
anchoring = st.tuples(
    st.just("anchor_one"),
    st.integers(0, 1),
    st.integers(0, 1),
    st.sampled_from([0, 1, 2, 5, 2**32, 2**64 - 1]),
    st.integers(0, 2),
)
passing = st.tuples(st.just("pass_by"), st.sampled_from([1, 60, 10**6]))
sequences = st.lists(registering | ending | changing | anchoring | passing, min_size=1, max_size=8)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=sequences, seed=st.integers(0, 2**16))
def test_whatever_is_sent_to_registry_and_anchor_is_the_same_on_both(
    both: Twins, acts: Acts, sequence: list[tuple[object, ...]], seed: int
) -> None:
    acts.dice.seed(seed)
    fresh = next(_logs) * 100  # agreements and logs of this example's own
    for name, *arguments in sequence:
        if name == "register":
            acts.register(fresh + int(str(arguments[0])), wrong=bool(arguments[1]))
        elif name == "terminate":
            acts.terminate(fresh + int(str(arguments[0])))
        elif name == "change_keys":
            acts.change_keys()
        elif name == "pass_by":
            both.clock.pass_by(int(str(arguments[0])))
        else:
            publisher, log, size, root = (int(str(each)) for each in arguments)
            acts.anchor_one(publisher, fresh + log if log else 0, size, root)


def test_in_the_end_every_account_is_the_same_on_both(both: Twins, acts: Acts) -> None:
    assert {acts.registry, acts.anchor} <= both.touched
    assert both.require_same_state() > 0


@pytest.mark.parametrize("slot", ["0x" + "0" * 64, "0x" + "77" * 32])
def test_one_slot_that_differs_is_seen(both: Twins, acts: Acts, slot: str) -> None:
    with both.node.put_back():
        both.node.ask("anvil_setStorageAt", acts.anchor, slot, "0x" + "5e" * 32)
        with pytest.raises(AssertionError):
            both.require_same_state()
    both.require_same_state()


def test_one_wei_that_differs_is_seen(both: Twins, acts: Acts) -> None:
    with both.node.put_back():
        both.node.fund(acts.registry, 1)
        with pytest.raises(AssertionError):
            both.require_same_state()
