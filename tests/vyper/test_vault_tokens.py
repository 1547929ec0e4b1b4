"""A vault loses nothing to a token that misbehaves, and one payee's trouble is nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode

from contracts.hashing import keccak256
from tests.vyper.evm import refusal, wait
from tests.vyper.vault_world import BRAND, DAY, STRANGER, STREAMER, VaultWorld, a_vault, salted


@pytest.fixture(scope="module")
def made() -> VaultWorld:
    return a_vault()


@pytest.fixture
def world(made: VaultWorld) -> VaultWorld:
    made.put_in(1_000)
    return made


def test_a_token_that_takes_a_fee_is_counted_as_it_arrives(made: VaultWorld) -> None:
    made.token.misbehave(10, 0, True, False)
    assert made.put_in(1_000) == 900
    assert made.vault.held() == 900
    wait(30 * DAY)
    assert made.vault.release() == 900
    assert made.withdraw(BRAND) == 900
    assert made.token.balanceOf(BRAND.address) == 810, "the fee on the way out is the payee's"


def test_a_token_of_which_nothing_arrives_puts_nothing_in(made: VaultWorld) -> None:
    made.token.misbehave(100, 0, True, False)
    assert refusal(made.put_in, 1_000) == "deposit_vault: nothing came in"


def test_a_token_that_answers_nothing_is_used_like_any_other(made: VaultWorld) -> None:
    world = a_vault("SilentToken", registry=made.registry)
    assert world.put_in(1_000) == 1_000
    world.release_by_all((STREAMER.address, 400))
    assert world.withdraw() == 400
    assert world.token.balanceOf(STREAMER.address) == 400


def test_a_token_that_answers_false_has_done_nothing(world: VaultWorld) -> None:
    world.release_by_all((STREAMER.address, 400))
    world.token.misbehave(0, 0, False, False)
    assert refusal(world.withdraw) == "deposit_vault: token refused"
    assert refusal(world.put_in, 5) == "deposit_vault: token refused"
    assert world.vault.owed(STREAMER.address) == 400, "the credit stands until the token does it"
    world.token.misbehave(0, 0, True, False)
    assert world.withdraw() == 400


def test_a_token_that_takes_more_than_it_is_asked_to_is_refused(world: VaultWorld) -> None:
    world.release_by_all((STREAMER.address, 400))
    world.token.misbehave(0, 1, True, False)
    assert refusal(world.withdraw) == "deposit_vault: token took more"
    assert world.vault.owed(STREAMER.address) == 400


def test_who_is_blocked_by_a_token_blocks_nobody_and_may_fetch_elsewhere(world: VaultWorld) -> None:
    world.release_by_all((STREAMER.address, 400), (BRAND.address, 100))
    world.token.refuse(STREAMER.address, True)
    assert refusal(world.withdraw) == "odd_token: refuses this account"
    assert world.withdraw(BRAND) == 100
    assert world.withdraw(STREAMER, to=STRANGER.address) == 400


def test_a_token_that_refuses_everybody_keeps_the_books_as_they_were(world: VaultWorld) -> None:
    world.release_by_all((STREAMER.address, 400))
    world.token.misbehave(0, 0, True, True)
    assert refusal(world.withdraw) == "odd_token: refuses everybody"
    assert (world.vault.held(), world.vault.owed(STREAMER.address)) == (600, 400)


def test_a_balance_that_shrinks_is_borne_first_by_what_nobody_was_credited(world: VaultWorld) -> None:
    world.release_by_all((STREAMER.address, 400))
    world.token.rebase(50)
    assert world.vault.held() == 100
    assert world.vault.owed(STREAMER.address) == 400
    wait(30 * DAY)
    assert world.vault.release() == 100


def test_a_balance_below_the_credits_is_shared_by_all_who_are_credited(world: VaultWorld) -> None:
    world.release_by_all((STREAMER.address, 600), (BRAND.address, 400))
    world.token.rebase(30)
    assert world.vault.held() == 0
    assert [world.vault.owed(each.address) for each in (STREAMER, BRAND)] == [180, 120]
    assert world.withdraw(STREAMER) == 180
    assert world.withdraw(BRAND) == 120
    assert world.token.balanceOf(world.vault.address) == 0


def test_a_ruling_whose_money_a_token_took_away_draws_what_is_left(world: VaultWorld) -> None:
    world.rule("R-1", 500)
    world.token.rebase(20)
    wait(10 * DAY)
    assert refusal(world.release_by_all, (BRAND.address, 1)) == "deposit_vault: more than is free"
    assert world.vault.draw(salted("R-1")) == 200
    assert world.vault.reserved() == 0


def test_a_balance_that_grows_belongs_to_what_is_held(world: VaultWorld) -> None:
    world.token.rebase(150)
    world.token.mint(world.vault.address, 30)
    assert world.vault.held() == 1_530
    wait(30 * DAY)
    assert world.vault.release() == 1_530


def calling(signature: str, *arguments: Any) -> bytes:
    types = signature[signature.index("(") + 1 : -1]
    return keccak256(signature.encode())[:4] + encode(types.split(",") if types else [], arguments)


@pytest.mark.parametrize(
    "call",
    ["withdraw(address,address)", "release()", "draw(bytes32)", "held()", "releasable()", "owed(address)"],
)
def test_a_token_that_calls_back_finds_the_vault_locked(world: VaultWorld, call: str) -> None:
    coin = world.token.address
    world.rule("R-1", 300)
    world.release_by_all((STREAMER.address, 400), (coin, 100))
    wait(30 * DAY)
    arguments = {
        "withdraw(address,address)": (coin, STRANGER.address),
        "draw(bytes32)": (salted("R-1"),),
        "owed(address)": (coin,),
    }.get(call, ())
    world.token.call_back(world.vault.address, calling(call, *arguments))
    assert world.withdraw() == 400
    assert world.put_in(50) == 50
    assert (world.token.call_backs(), world.token.call_backs_refused()) == (2, 2)
    assert (world.vault.held(), world.vault.owed(coin)) == (550, 100)
    method = getattr(world.vault, call.partition("(")[0])
    method(*arguments, sender=coin)  # and outside of another call it is allowed
