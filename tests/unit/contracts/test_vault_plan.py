"""A vault's plan follows from document and seats, and what no vault can do is refused or listed."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from contracts.errors import VaultNotCompiled
from contracts.signing import SigningKey
from contracts.vault_plan import DAY_SECONDS, Seats, VaultPlan, compile_vault
from contracts.vault_terms import LONGEST_SECONDS, UNLIMITED, VaultTerms
from policies.agreement import Agreement
from policies.calendars import known_calendars, load_calendar
from policies.loading import load_agreement

EXAMPLE = Path(__file__).parents[3] / "examples/agreements/deposit-vault.yaml"
SEATS = Seats(("first_arbiter", "second_arbiter"), ("reviewer",))


def document(*changes: tuple[str, str], signed: bool = True) -> Agreement:
    text = EXAMPLE.read_text("utf-8")
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now)
    agreement = load_agreement(text, name=EXAMPLE.name)
    keys = {party: SigningKey(bytes([n]) * 32).address for n, party in enumerate(agreement.parties, 1)}
    return agreement.with_signers(keys) if signed else agreement


def planned(clause: str = "8.1", seats: Seats | None = SEATS, *changes: tuple[str, str]) -> VaultPlan:
    return compile_vault(document(*changes), clause, seats)


def terms_of(plan: VaultPlan) -> VaultTerms:
    token, registry = "0x" + "11" * 20, "0x" + "22" * 20
    return plan.terms(token=token, decimals=6, registry=registry, agreement_key=bytes(32))


def refused(*changes: tuple[str, str], clause: str = "8.1", seats: Seats | None = SEATS) -> str:
    with pytest.raises(VaultNotCompiled) as fault:
        planned(clause, seats, *changes)
    assert fault.value.code == "vault.not-compiled"
    assert any("\u4e00" <= char <= "\u9fff" for char in fault.value.data["zh"])
    return fault.value.message


def test_a_deposit_goes_back_after_the_end_and_awards_what_was_put_up() -> None:
    plan = planned()
    assert (plan.account, plan.payer) == ("brand.deposit", "brand")
    assert plan.payees == ("brand", "platform", "streamer"), "clause 9.1 pays the streamer out of it"
    assert (plan.after_end, plan.hold_seconds) == (True, 91 * DAY_SECONDS)
    assert plan.cap_minor == 5_000_000
    assert (plan.appeal_seconds, plan.review_seconds) == (11 * DAY_SECONDS, 21 * DAY_SECONDS)
    assert plan.contest_seconds == (6 + 8 + 16) * DAY_SECONDS


def test_a_reserve_goes_back_in_its_days_and_a_cap_is_the_documents() -> None:
    plan = planned("8.2")
    assert (plan.account, plan.after_end, plan.hold_seconds) == ("brand.reserve", False, 31 * DAY_SECONDS)
    assert plan.cap_minor == 2_000_000
    uncapped = planned("8.2", SEATS, ("    cap: 20_000.00\n", ""))
    terms = terms_of(uncapped)
    assert terms.cap == UNLIMITED


def test_the_highest_tier_is_the_most_that_rulings_award() -> None:
    tiers = "    tiers: [{upto: 50_000.00, amount: 500.00}, {amount: 5_000.00}]\n"
    assert planned("8.1", SEATS, ("    amount: 50_000.00\n", tiers)).cap_minor == 500_000


def test_terms_name_addresses_in_order_and_amounts_in_the_tokens_units() -> None:
    plan = planned()
    terms = terms_of(plan)
    assert terms.cap == 50_000_000_000
    assert [int(each, 16) for each in terms.payees] == sorted(int(each, 16) for each in terms.payees)
    assert (len(terms.arbiters), terms.quorum, len(terms.reviewers), terms.review_quorum) == (2, 2, 1, 1)
    assert terms.digest() == terms_of(plan).digest()
    with pytest.raises(VaultNotCompiled, match="1 decimal places, and CNY has 2"):
        plan.units(1, 1)


def test_without_seats_every_arbiter_rules_and_nobody_reviews() -> None:
    plan = compile_vault(document(), "8.1")
    assert plan.seats == Seats(("first_arbiter", "reviewer", "second_arbiter"))


def test_a_document_that_leaves_all_to_rules_has_no_rulings() -> None:
    ladder = ("    ladder: [rules, panel, arbitrator]\n", "    ladder: [rules]\n")
    plan = planned("8.1", None, ladder)
    assert (plan.seats, plan.contest_seconds, plan.appeal_seconds) == (Seats(), 0, 0)
    assert "there are no rulings" in plan.left_out[-1].en
    assert "0 levels" in refused(ladder)


def test_where_no_days_are_given_to_those_who_decide_it_waits_long_and_says_so() -> None:
    plan = planned("8.1", SEATS, ("    deciding: {panel_days: 15, arbitrator_days: 20}\n", ""))
    assert (plan.review_seconds, plan.contest_seconds) == (LONGEST_SECONDS, LONGEST_SECONDS)
    assert "no days are given" in plan.left_out[-1].en


def test_where_the_document_holds_nothing_meanwhile_neither_does_the_vault() -> None:
    assert planned("8.1", SEATS, ("    windows:", "    hold: none\n    windows:")).contest_seconds == 0


def test_what_the_vault_does_not_do_is_listed_in_both_languages() -> None:
    plan = planned("8.1", SEATS, ("to: streamer.balance", "to: consumers"), (
        "facts:\n", "payees:\n  consumers: {name: {zh: 买家, en: Buyers}}\n\nfacts:\n"
    ))  # fmt: skip
    assert plan.payees == ("brand", "platform")
    assert [each.en for each in plan.left_out] == [
        "clause 9.1 pays 'consumers', who have no key: the ledger does that",
        "interest on what goes back late is not paid",
    ]
    assert all(each.zh for each in plan.left_out)


def test_accounts_are_found_in_draws_and_in_pools() -> None:
    drawn = planned("8.1", SEATS, (
        "from: brand.deposit, to: streamer.balance",
        "from: [{account: brand.deposit, up_to: 1_000.00}, {account: brand.balance}], to: streamer.balance",
    ))  # fmt: skip
    assert "streamer" in drawn.payees
    pool = "    pools:\n      damages: {kind: damages, to: streamer.balance, from: brand.deposit}\n"
    into = pool + "    remedies:\n      - {kind: liquidated_damages, into: damages,"
    drawn_on = "    remedies:\n      - {kind: liquidated_damages, from: brand.deposit, to: streamer.balance,"
    pooled = planned("8.1", SEATS, (drawn_on, into))
    assert "streamer" in pooled.payees


def test_what_no_vault_can_do_is_refused_each_for_its_reason() -> None:
    assert refused(clause="9.1").endswith("here those are 8.1, 8.2")
    earnest = ('    return_days: "90"\n    late_rate: 3%\n', "    nature: earnest\n")
    assert refused(earnest).startswith("earnest money")
    assert refused(seats=Seats(("brand",))).startswith("brand: not an arbiter of the document")
    assert refused(seats=Seats(("reviewer",), ("reviewer",))) == "nobody sits twice"
    paid = ("to: streamer.balance", "to: reviewer.balance")
    assert refused(paid) == "'reviewer' would decide what it is paid or pays"


def test_a_party_without_a_key_is_planned_for_and_given_no_terms() -> None:
    plan = compile_vault(document(signed=False), "8.1", SEATS)
    with pytest.raises(VaultNotCompiled, match="no signing key"):
        plan.address("brand")


@pytest.mark.parametrize("name", known_calendars())
def test_seconds_for_business_days_are_never_fewer_than_the_days_of_a_calendar(name: str) -> None:
    calendar = load_calendar(name)
    day = date(2026, 1, 1)
    while day < date(2026, 9, 1):
        for days in (1, 5, 10, 30):
            window = ("appeal_days: 10", f"appeal_days: {days}, counted_in: business_days")
            assert _seconds_of(window) >= (calendar.add(day, Fraction(days)) - day).days * DAY_SECONDS
        day += timedelta(days=7)


_known: dict[tuple[str, str], int] = {}


def _seconds_of(window: tuple[str, str]) -> int:
    if window not in _known:
        calendar = ("time_zone: Asia/Shanghai\n", "time_zone: Asia/Shanghai\ncalendar: CN\n")
        _known[window] = planned("8.1", SEATS, window, calendar).appeal_seconds
    return _known[window]
