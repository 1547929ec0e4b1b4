"""What lets something out of a deposit vault, and that nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.vault_terms import VaultRelease, VaultRuling
from tests.vyper.evm import refusal, wait
from tests.vyper.vault_world import (
    BRAND,
    DAY,
    FIRST,
    PARTIES,
    PLATFORM,
    PRESIDENT,
    SECOND,
    STRANGER,
    STREAMER,
    THIRD,
    VaultWorld,
    a_vault,
    addresses,
    by_address,
    salted,
)  # fmt: skip


@pytest.fixture(scope="module")
def made() -> VaultWorld:
    return a_vault()


@pytest.fixture
def world(made: VaultWorld) -> VaultWorld:
    made.put_in(1_000)
    return made


def words(call: Any, *arguments: Any, **options: Any) -> str:
    said = refusal(call, *arguments, **options)
    assert said.startswith("deposit_vault: "), said
    return said.removeprefix("deposit_vault: ")


def test_what_is_put_in_goes_back_when_its_time_is_over(world: VaultWorld) -> None:
    assert world.vault.held() == 1_000
    wait(30 * DAY - 1)
    assert words(world.vault.release) == "nothing to release"
    wait(1)
    assert world.vault.release() == 1_000
    assert world.vault.owed(BRAND.address) == 1_000
    assert world.withdraw(BRAND) == 1_000
    assert world.token.balanceOf(BRAND.address) == 1_000
    assert world.vault.held() == 0


def test_each_part_of_a_rolling_reserve_goes_back_in_its_own_time(world: VaultWorld) -> None:
    wait(DAY)
    world.put_in(200)
    world.put_in(50)
    wait(29 * DAY)
    assert world.vault.release() == 1_000
    wait(DAY)
    assert world.vault.release() == 250, "what came in at one time is one lot"
    assert words(world.vault.release) == "nothing to release"


def test_more_lots_than_one_call_goes_through_take_another(made: VaultWorld) -> None:
    for _ in range(66):
        made.put_in(1)
        wait(1)
    wait(30 * DAY)
    assert [made.vault.release(), made.vault.release()] == [64, 2]


def test_lots_that_came_due_block_nothing_though_most_of_them_had_left(made: VaultWorld) -> None:
    for _ in range(66):
        made.put_in(2)
        wait(1)
    made.release_by_all((STREAMER.address, 130))
    wait(30 * DAY)
    assert [made.vault.release(), made.vault.release()] == [0, 2]
    assert words(made.vault.release) == "nothing to release"


def test_a_deposit_until_the_end_goes_back_when_the_registry_has_the_end(made: VaultWorld) -> None:
    world = a_vault(after_end=True, registry=made.registry)
    world.put_in(300)
    wait(400 * DAY)
    assert world.vault.releasable() == 0
    end_agreement(world, ends_in=DAY)
    wait(31 * DAY - 1)
    assert words(world.vault.release) == "nothing to release"
    wait(1)
    assert world.vault.release() == 300


def end_agreement(world: VaultWorld, *, ends_in: int) -> None:
    from contracts.termination import AgreementTermination  # noqa: PLC0415  (for one test)
    from tests.vyper.evm import now  # noqa: PLC0415  (as above)

    end = AgreementTermination(world.terms.agreement, 1, salted("document"), now() + ends_in, bytes(32))
    digest = end.digest(world.domain(world.registry))
    signatures = [key.sign(digest) for key in by_address(*PARTIES)]
    world.registry.terminate(*end.fields().values(), signatures)


def test_all_parties_let_anything_go_to_anybody(world: VaultWorld) -> None:
    world.release_by_all((STREAMER.address, 600), (STRANGER.address, 100))
    assert world.withdraw() == 600
    assert world.withdraw(STRANGER) == 100
    assert world.vault.held() == 300
    assert world.vault.releases() == 1


def test_a_release_needs_every_party_for_this_very_release(world: VaultWorld) -> None:
    to, amounts = [STREAMER.address], [600]
    release = VaultRelease(0, (STREAMER.address,), (600,))
    good = world.signed(release, *by_address(*PARTIES))
    call = world.vault.release_by_all
    assert words(call, to, amounts, good[:2]) == "signature missing"
    assert words(call, to, amounts, [*good, good[0]]) == "one signature too many"
    assert words(call, to, amounts, [good[1], good[0], good[2]]) == "not signed by the party"
    assert words(call, to, [601], good) == "not signed by the party"
    assert words(call, [STRANGER.address], amounts, good) == "not signed by the party"
    assert words(call, [], [], good) == "no payees"
    assert words(call, to, [1, 2], good) == "not one amount a payee"
    malformed = refusal(call, to, amounts, [good[0][:64], *good[1:]])
    assert malformed == "agreement_registry: signature is not 65 bytes"
    world.vault.release_by_all(to, amounts, good)
    assert words(call, to, amounts, good) == "not signed by the party", "no release serves twice"


def test_signatures_for_one_vault_open_no_other(world: VaultWorld) -> None:
    other = a_vault(registry=world.registry)
    other.put_in(1_000)
    good = world.signed(VaultRelease(0, (STREAMER.address,), (600,)), *by_address(*PARTIES))
    assert words(other.vault.release_by_all, [STREAMER.address], [600], good) == "not signed by the party"
    assert other.vault.domain_separator() == other.domain(other.vault).separator()


def test_no_release_goes_beyond_what_is_free_nor_to_nobody(world: VaultWorld) -> None:
    def releasing(*payments: tuple[str, int]) -> str:
        return words(world.release_by_all, *payments)

    assert releasing((STREAMER.address, 1_001)) == "more than is free"
    assert releasing((STREAMER.address, 600), (BRAND.address, 401)) == "more than is free"
    assert releasing(("0x" + "00" * 20, 1)) == "payee is empty"
    assert releasing((world.vault.address, 1)) == "payee is the vault"
    world.rule("R-1", 400)
    assert releasing((STREAMER.address, 601)) == "more than is free"
    world.release_by_all((STREAMER.address, 600))


def test_a_ruling_is_drawn_once_nobody_can_appeal(world: VaultWorld) -> None:
    world.rule("R-1", 400)
    assert world.vault.held() == 1_000
    wait(10 * DAY - 1)
    assert words(world.vault.draw, salted("R-1")) == "ruling can be appealed"
    wait(1)
    assert words(world.vault.appeal, BRAND.address, salted("R-1"), sender=BRAND.address) == (
        "time to appeal is over"
    )
    assert words(world.decide, "R-1", stands=False) == "ruling stands already"
    assert world.vault.draw(salted("R-1")) == 400
    assert words(world.vault.draw, salted("R-1")) == "nothing to draw"
    assert world.withdraw() == 400
    assert world.vault.held() == 600


def test_enough_arbiters_sign_a_ruling_and_nobody_else(world: VaultWorld) -> None:
    assert words(world.rule, "R-1", 400, by=(FIRST,)) == "too few have signed"
    ruling = VaultRuling(salted("R-1"), bytes(32), STREAMER.address, 400)
    good = world.seated(ruling, world.terms.arbiters, FIRST, THIRD)
    forged = [world.signed(ruling, STRANGER)[0] if each else b"" for each in good]
    call, fields = world.vault.rule, (salted("R-1"), bytes(32), STREAMER.address)
    assert words(call, *fields, 400, forged) == "not signed by the party"
    assert words(call, *fields, 400, good[:2]) == "not one signature a seat"
    assert words(call, *fields, 401, good) == "not signed by the party"
    call(*fields, 400, good)
    assert words(call, *fields, 400, good) == "ruled already"


def test_a_ruling_stays_within_what_the_document_allows(world: VaultWorld) -> None:
    assert words(world.rule, "R-1", 501) == "more than rulings may award"
    assert words(world.rule, "R-1", 400, payee=PLATFORM) == "not a payee"
    assert words(world.rule, "R-1", 0) == "amount is zero"
    ruling = VaultRuling(bytes(32), bytes(32), STREAMER.address, 1)
    signatures = world.seated(ruling, world.terms.arbiters, FIRST, SECOND)
    assert words(world.vault.rule, bytes(32), bytes(32), STREAMER.address, 1, signatures) == "key is empty"
    world.rule("R-1", 300)
    assert words(world.rule, "R-2", 201) == "more than rulings may award"
    world.rule("R-2", 200, payee=BRAND)
    assert world.vault.awarded() == 500


def test_a_ruling_does_not_award_what_is_not_held(world: VaultWorld) -> None:
    world.release_by_all((STREAMER.address, 900))
    assert words(world.rule, "R-1", 101) == "more than is held"
    world.rule("R-1", 60)
    assert words(world.rule, "R-2", 41) == "more than is held", "what one ruling awards serves no other"


def test_the_reviewers_overturn_what_a_party_appeals(world: VaultWorld) -> None:
    world.rule("R-1", 400)
    wait(9 * DAY)
    world.vault.appeal(BRAND.address, salted("R-1"), sender=BRAND.address)
    again = world.vault.appeal, BRAND.address, salted("R-1")
    assert words(*again, sender=BRAND.address) == "not open to appeal"
    wait(19 * DAY)
    assert words(world.vault.draw, salted("R-1")) == "ruling can be appealed"
    world.decide("R-1", stands=False)
    assert words(world.vault.draw, salted("R-1")) == "nothing to draw"
    assert words(world.decide, "R-1", stands=True) == "nothing to decide"
    assert (world.vault.awarded(), world.vault.reserved()) == (0, 0)
    world.rule("R-2", 500)


def test_the_reviewers_overturn_without_an_appeal_and_upholds_at_once(world: VaultWorld) -> None:
    world.rule("R-1", 100)
    world.rule("R-2", 200)
    assert words(world.decide, "R-1", stands=False, by=()) == "too few have signed"
    world.decide("R-1", stands=False)
    world.decide("R-2", stands=True)
    assert world.vault.draw(salted("R-2")) == 200


def test_where_the_reviewers_are_silent_the_ruling_stands(world: VaultWorld) -> None:
    world.rule("R-1", 400)
    world.vault.appeal(PLATFORM.address, salted("R-1"), sender=PLATFORM.address)
    wait(20 * DAY)
    assert world.vault.draw(salted("R-1")) == 400


def test_an_appeal_shortens_nobodys_time_to_appeal(made: VaultWorld) -> None:
    world = a_vault(registry=made.registry, review_seconds=DAY)
    world.put_in(1_000)
    world.rule("R-1", 400)
    world.vault.appeal(STREAMER.address, salted("R-1"), sender=STREAMER.address)
    wait(10 * DAY - 1)
    assert words(world.vault.draw, salted("R-1")) == "ruling can be appealed"
    world.decide("R-1", stands=False)


def test_what_is_contested_does_not_go_back_before_it_is_ruled_on(world: VaultWorld) -> None:
    wait(29 * DAY)
    world.vault.contest(STREAMER.address, salted("C-1"), 400, sender=STREAMER.address)
    wait(DAY)
    assert world.vault.release() == 600
    world.rule("R-1", 300, contest="C-1")
    assert words(world.rule, "R-2", 1, contest="C-1") == "contest is ruled on"
    assert world.vault.releasable() == 0, "what was contested stays until no appeal can come"
    wait(10 * DAY)
    assert world.vault.release() == 100
    assert world.vault.draw(salted("R-1")) == 300
    assert world.vault.contested(salted("C-1")).ruled


def test_a_contest_that_is_rejected_stays_until_no_appeal_can_come(world: VaultWorld) -> None:
    wait(30 * DAY)
    world.vault.contest(STREAMER.address, salted("C-1"), 500, sender=STREAMER.address)
    world.rule("R-1", 0, contest="C-1")
    world.vault.appeal(STREAMER.address, salted("R-1"), sender=STREAMER.address)
    assert world.vault.release() == 500
    world.decide("R-1", stands=False)
    assert world.vault.releasable() == 0, "overturned: it waits for another ruling"
    world.rule("R-2", 500, contest="C-1")
    world.decide("R-2", stands=True)
    assert world.vault.draw(salted("R-2")) == 500


def test_a_contest_ends_by_itself_and_nobody_blocks_the_vault_with_one_after_another(
    world: VaultWorld,
) -> None:
    contest = world.vault.contest
    contest(STREAMER.address, salted("C-1"), 500, sender=STREAMER.address)
    wait(30 * DAY)
    assert world.vault.release() == 1_000
    again = (STREAMER.address, salted("C-2"), 1)
    assert words(contest, *again, sender=STREAMER.address) == "last contest was not ruled on"
    world.put_in(100)
    world.rule("R-1", 0, contest="C-1")
    assert words(contest, *again, sender=STREAMER.address) == "last contest is pending"
    wait(10 * DAY)
    contest(*again, sender=STREAMER.address)


def test_contests_are_refused_each_for_its_reason(world: VaultWorld) -> None:
    def contesting(party: Any, key: bytes, amount: int, sender: Any = None) -> str:
        by = (sender or party).address
        return words(world.vault.contest, party.address, key, amount, sender=by)

    assert contesting(STRANGER, salted("C"), 1) == "not a party"
    assert contesting(STREAMER, salted("C"), 1, sender=BRAND) == "not the key"
    assert contesting(PLATFORM, salted("C"), 1) == "not a payee"
    assert contesting(BRAND, salted("C"), 1) == "payer contests nothing"
    assert contesting(STREAMER, bytes(32), 1) == "key is empty"
    assert contesting(STREAMER, salted("C"), 0) == "amount is zero"
    assert contesting(STREAMER, salted("C"), 501) == "more than rulings may award"
    world.vault.contest(STREAMER.address, salted("C"), 1, sender=STREAMER.address)
    assert contesting(STREAMER, salted("C"), 1) == "contested already"
    assert words(world.rule, "R", 1, contest="nothing") == "nothing was contested"
    plain = a_vault(registry=world.registry, arbiters=(), quorum=0, reviewers=(), review_quorum=0)
    assert (
        words(plain.vault.contest, STREAMER.address, salted("C"), 1, sender=STREAMER.address) == "no arbiters"
    )


def test_without_arbiters_or_reviewers_there_is_no_ruling_and_no_appeal(world: VaultWorld) -> None:
    plain = a_vault(registry=world.registry, arbiters=(), quorum=0, reviewers=(), review_quorum=0)
    plain.put_in(100)
    assert words(plain.rule, "R-1", 1, by=()) == "nobody decides"
    unappealed = a_vault(registry=world.registry, reviewers=(), review_quorum=0)
    unappealed.put_in(100)
    unappealed.rule("R-1", 1)
    appeal = unappealed.vault.appeal, BRAND.address, salted("R-1")
    assert words(*appeal, sender=BRAND.address) == "no reviewers"


def test_those_who_decide_do_not_sign_with_the_parties(made: VaultWorld) -> None:
    world = a_vault(registry=made.registry, arbiters=addresses(PLATFORM), quorum=1)
    assert list(world.vault.consenting()) == list(addresses(BRAND, STREAMER))
    reviewing = a_vault(registry=made.registry, reviewers=addresses(PLATFORM))
    assert list(reviewing.vault.consenting()) == list(addresses(BRAND, STREAMER))
    world.put_in(10)
    world.release_by_all((STREAMER.address, 10), by=(BRAND, STREAMER))


def test_who_puts_something_in_is_a_party_and_knows_the_terms(world: VaultWorld) -> None:
    terms = world.terms.digest()
    assert world.vault.terms_digest() == terms
    assert tuple(world.vault.terms())[4] == BRAND.address
    assert words(world.vault.put_in, BRAND.address, 5, salted("x"), sender=BRAND.address) == "other terms"
    assert words(world.put_in, 5, by=STRANGER) == "not a party"
    assert world.put_in(5, by=PLATFORM) == 5
    wait(30 * DAY)
    assert world.vault.release() == 1_005, "what anybody puts in is the payer's"


def test_a_credit_is_fetched_by_its_owner_to_where_he_likes(world: VaultWorld) -> None:
    world.release_by_all((STREAMER.address, 600))
    withdraw = world.vault.withdraw
    assert words(withdraw, STREAMER.address, BRAND.address, sender=BRAND.address) == "not the key"
    assert words(withdraw, BRAND.address, BRAND.address, sender=BRAND.address) == "nothing is credited"
    assert world.withdraw(to=STRANGER.address) == 600
    assert words(world.withdraw) == "nothing is credited"
    assert world.token.balanceOf(STRANGER.address) == 600


def test_a_key_that_was_replaced_or_revoked_in_the_registry_is_so_here(world: VaultWorld) -> None:
    from contracts.key_changes import KeyRevocation, KeyRotation  # noqa: PLC0415  (for one test)

    world.release_by_all((STREAMER.address, 600))
    domain = world.domain(world.registry)
    rotation = KeyRotation(STREAMER.address, STREAMER.address, STRANGER.address, 1)
    signatures = [key.sign(rotation.digest(domain)) for key in (STREAMER, STRANGER)]
    world.registry.rotate_key(*rotation.fields().values(), STREAMER.address, *signatures)
    assert words(world.withdraw) == "not the key"
    assert world.vault.withdraw(STREAMER.address, STRANGER.address, sender=STRANGER.address) == 600

    revocation = KeyRevocation(BRAND.address, BRAND.address, 1)
    signature = BRAND.sign(revocation.digest(domain))
    world.registry.revoke_key(*revocation.fields().values(), BRAND.address, signature)
    assert words(world.put_in, 5) == "key is revoked"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"version": 2}, "version is not registered"),
        ({"token": STRANGER.address}, "token is no contract"),
        ({"payer": STRANGER.address}, "payer is not a party"),
        ({"payees": addresses(STREAMER, STRANGER)}, "payee is not a party"),
        ({"payees": addresses(BRAND, STREAMER)[::-1]}, "accounts not strictly ascending"),
        ({"arbiters": addresses(FIRST, SECOND)[::-1]}, "accounts not strictly ascending"),
        ({"arbiters": addresses(FIRST, STREAMER)}, "decides for himself"),
        ({"reviewers": addresses(BRAND), "payees": addresses(STREAMER)}, "decides for himself"),
        ({"quorum": 4}, "quorum out of range"),
        ({"quorum": 0}, "quorum out of range"),
        ({"reviewers": ()}, "quorum of nobody"),
        ({"reviewers": addresses(FIRST, PRESIDENT)}, "arbiter reviews himself"),
        ({"contest_seconds": 315_360_001}, "time is too long"),
    ],
)
def test_terms_that_cannot_be_are_refused_at_the_start(
    made: VaultWorld, changed: dict[str, Any], reason: str
) -> None:
    assert words(a_vault, registry=made.registry, **changed) == reason


def test_a_ruling_that_was_filed_is_read_back(world: VaultWorld) -> None:
    world.rule("R-1", 400)
    read = world.vault.ruling(salted("R-1"))
    assert (read.payee, read.amount, read.contest) == (STREAMER.address, 400, bytes(32))
    assert world.vault.MAX_SECONDS() == 315_360_000
