"""The gate keeps unverified parties from being paid and from signing, as of any time, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from ledger.database import reading
from ledger.errors import IdentityNeeded
from ledger.identities import Gate, Identity, gate, identities, require_to_sign, set_gate
from ledger.log import Log
from ledger.payouts.errors import PayoutChanged
from ledger.registers.telling import tell
from tests.payout_world import NOON, Payday

DATES = {"method": "registry", "valid_until": "2026-05-31", "recheck_by": "2026-04-30"}


def say(
    payday: Payday,
    event: str,
    fields: dict[str, str],
    by: str = "operator",
    name: str = "",
    party: str = "mcn",
) -> None:
    at = payday.act().at
    roles = () if by == "operator" else ("platform",)
    tell(
        payday.world.log, None, "identity", name or f"I-{party}", event, fields, by=by, at=at, party=party,
        roles=roles,
    )  # fmt: skip


def verify(payday: Payday, party: str = "mcn", **changed: str) -> None:
    say(payday, "submitted", {"subject": "company"}, party, party=party)
    say(payday, "verified", {**DATES, **changed}, party=party)


def turn(payday: Payday, *, pay: bool = True, sign: bool = True) -> Gate:
    act = payday.act()
    return set_gate(payday.world.log, Gate(sign, pay), by="operator", reason="the law", at=act.at)


def found(log: Log, day: str) -> Identity:
    return identities(log, datetime.fromisoformat(f"{day}T12:00:00+08:00"))["mcn"]


def test_only_who_is_verified_is_paid_while_the_gate_is_on(payday: Payday) -> None:
    payday.accept("mcn", "streamer")
    assert {one.waits for one in payday.payables().values() if one.payable_minor} == {None}, (
        "it is off at first"
    )
    turn(payday)
    verify(payday)
    assert {payee: one.waits for payee, one in payday.payables().items() if one.payable_minor} == {
        "mcn": None, "streamer": "identity",
    }  # fmt: skip
    assert [one.payee for one in payday.prepare().payments] == ["mcn"]
    turn(payday, pay=False)
    assert payday.payables()["streamer"].waits is None


def test_a_platform_of_another_agreement_lets_nobody_be_paid_under_this_one(payday: Payday) -> None:
    payday.accept("mcn")
    turn(payday)
    say(payday, "submitted", {"subject": "company"}, "mcn")
    say(payday, "verified", DATES, "stranger")
    assert (payday.payables()["mcn"].waits, found(payday.world.log, "2026-04-02").standing) == (
        "identity",
        "verified",
    )
    say(payday, "rechecked", {"method": "registry", "recheck_by": "2026-04-30"}, "platform")
    assert payday.payables()["mcn"].waits is None


def test_a_batch_of_a_payee_suspended_since_is_not_released(payday: Payday) -> None:
    payday.accept("mcn")
    turn(payday)
    verify(payday)
    batch = payday.prepare()
    say(payday, "suspended", {"reason": "the papers were forged"})
    with pytest.raises(PayoutChanged, match="identity is not verified any more"):
        payday.release(batch)
    say(payday, "reinstated", {"reason": "they were not"})
    payday.release(batch)


def test_an_identity_expires_and_is_due_to_be_checked_again_by_the_day_alone(payday: Payday) -> None:
    log = payday.world.log
    verify(payday)
    assert [found(log, day).standing for day in ("2026-04-02", "2026-04-30", "2026-05-01", "2026-06-01")] == [
        "verified", "verified", "recheck_due", "expired",
    ]  # fmt: skip
    payday.clock.forward(days=20)
    say(payday, "rechecked", {"method": "face", "recheck_by": "2026-05-20"})
    assert found(log, "2026-05-01") == Identity(
        "mcn", "verified", "I-mcn", "company", date(2026, 5, 31), date(2026, 5, 20), log.size() - 1,
        verified_by="operator", method="face",
    )  # fmt: skip
    assert found(log, "2026-04-15").recheck_by == date(2026, 4, 30), "what was told later did not hold then"
    assert identities(log, NOON - timedelta(days=1)) == {}


def test_nobody_verifies_itself_and_a_renewal_is_another_item(payday: Payday) -> None:
    log = payday.world.log
    say(payday, "submitted", {"subject": "company"}, "mcn")
    say(payday, "verified", DATES, "mcn")
    assert found(log, "2026-04-02").standing == "submitted"
    say(payday, "submitted", {"subject": "company"}, "mcn", name="I-2")
    say(payday, "verified", DATES, name="I-2")
    say(payday, "suspended", {"reason": "forged"}, name="I-2")
    say(payday, "reinstated", {"reason": "it was not"}, "mcn", name="I-2")
    assert found(log, "2026-04-02").standing == "submitted"
    say(payday, "suspended", {"reason": "again"}, name="I-2")
    say(payday, "reinstated", {"reason": "looked into"}, name="I-2")
    say(payday, "submitted", {"subject": "company"}, "mcn", name="I-3")
    say(payday, "rejected", {"reason": "cannot be read"}, name="I-3")
    assert (found(log, "2026-04-02").standing, found(log, "2026-04-02").item) == ("verified", "I-2")


def test_a_signature_passes_the_gate_only_of_who_is_verified(payday: Payday) -> None:
    log = payday.world.log

    def signs(party: str) -> None:
        with reading(log.engine) as session:
            require_to_sign(session, payday.world.agreement, party, payday.clock())

    signs("mcn")
    assert turn(payday).sign
    with pytest.raises(IdentityNeeded, match="its identity is unknown"):
        signs("mcn")
    say(payday, "submitted", {"subject": "company"}, "mcn")
    with pytest.raises(IdentityNeeded, match="its identity is submitted"):
        signs("mcn")
    say(payday, "verified", DATES)
    signs("mcn")


def test_what_the_gate_is_on_for_already_adds_nothing(payday: Payday) -> None:
    first = turn(payday)
    assert turn(payday) == first == gate(payday.world.log)
    assert turn(payday, sign=False, pay=False).seq != first.seq
    assert gate(payday.world.log) == Gate(False, False, payday.world.log.size() - 1)
