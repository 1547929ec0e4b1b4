"""Signing on the record, on both databases: proposals step by step, and the register of parties' keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.database import reading
from ledger.entries import Group, NewEntry
from ledger.errors import EntryConflict, ErasureRefused
from ledger.log import Log
from ledger.signing.errors import KeyRefused, OutOfTurn, ProposalOver, SigningRefused
from ledger.signing.keys import (
    NAMED,
    PROPOSED,
    REVOKED,
    ROTATED,
    SignerKeys,
    all_keys,
    event_id,
    keys_of,
    record_change,
)
from ledger.signing.proposals import SOURCE, Process, Proposal, demand_process, end_id, proposals_of
from ledger.signing.signatory import Authority, Signatory, VerifiedAs
from tests.ledger_samples import AGREEMENT, START, FixedClock

SIGNERS = ("brand", "mcn", "streamer")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD, NEW, NEWER = (f"0x{number:040x}" for number in (1, 2, 3))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def log(engine: Engine, clock: FixedClock) -> Log:
    return Log(engine, clock=clock)


def said(log: Log, kind: str, name: str, at: datetime = START, **groups: Any) -> int:
    parts = tuple(Group(group, SIGNERS, content) for group, content in groups.items())
    entry = NewEntry(source=SOURCE, id=name, kind=kind, occurred_at=at, asserter="operator", groups=parts,
                     agreement=AGREEMENT, concerns=SIGNERS)  # fmt: skip
    (seq,) = log.append([entry]).seqs
    assert seq is not None
    return seq


def propose(log: Log, process: Process | None = None, name: str = AGREEMENT) -> Proposal:
    groups: dict[str, Any] = {"agreement": {"canonical": name}, "salt": {}}
    if process is not None:
        groups["process"] = process.content()
    said(log, "agreement.proposed", name, **groups)
    return standing(log)


def standing(log: Log) -> Proposal:
    with reading(log.engine) as session:
        return proposals_of(session, AGREEMENT)[-1]


def give(log: Log, party: str, signatory: Signatory | None = None, at: datetime = START) -> None:
    told = {"party": party, "address": OLD, "signature": "0x00"}
    groups = {"signature": told} | ({} if signatory is None else {"signatory": signatory.as_json()})
    said(log, "signature.given", standing(log).signature_id(party), at, **groups)


def end(log: Log, kind: str, party: str, reason: str = "the share is too small") -> None:
    told = {"party": party, "member": "ada", "reason": reason}
    said(log, kind, end_id(standing(log)), step=told)


def test_a_proposal_without_terms_of_signing_is_signed_by_anybody_at_any_time(log: Log) -> None:
    one = propose(log)
    for name in SIGNERS:
        one.demand_turn(name, SIGNERS, START + 9_000 * DAY)
    assert (one.id, one.process, one.reminder_due(START + 900 * DAY)) == (AGREEMENT, Process(), None)


def test_who_is_placed_later_waits_and_who_is_not_placed_does_not(log: Log) -> None:
    one = propose(log, Process(order=(("streamer",), ("brand",))))
    one.demand_turn("mcn", SIGNERS, START)
    one.demand_turn("streamer", SIGNERS, START)
    with pytest.raises(OutOfTurn, match="'brand' signs after streamer; wait for them"):
        one.demand_turn("brand", SIGNERS, START)
    give(log, "streamer")
    standing(log).demand_turn("brand", SIGNERS, START)


@pytest.mark.parametrize(
    ("process", "where"),
    [
        (Process(order=(("buyer",),)), "order"),
        (Process(order=(("brand",), ("brand",))), "order"),
        (Process(order=((),)), "order"),
        (Process(expires_at=START), "expires_at"),
        (Process(expires_at=datetime.max.replace(tzinfo=UTC)), "expires_at"),
        (Process(remind_days=0), "remind_days"),
    ],
)
def test_terms_of_signing_that_cannot_be_are_refused(process: Process, where: str) -> None:
    with pytest.raises(SigningRefused) as refused:
        demand_process(process, SIGNERS, START)
    assert refused.value.where == where


def test_time_ends_a_proposal_by_itself_but_not_one_that_all_have_signed(log: Log) -> None:
    one = propose(log, Process(expires_at=START + DAY, remind_days=2))
    assert one.ended(START + DAY - HOUR) is None
    assert one.ended(START + DAY) == "expired"
    with pytest.raises(ProposalOver, match="has expired; propose it anew"):
        one.demand_turn("brand", SIGNERS, START + DAY)
    for name in SIGNERS:
        give(log, name)
    with pytest.raises(ProposalOver, match="everybody has signed it"):
        standing(log).demand_open(SIGNERS, START + 2 * DAY)


def test_of_two_ends_at_once_one_stands_and_another_proposal_of_the_version_may_follow(log: Log) -> None:
    propose(log)
    give(log, "brand")
    end(log, "agreement.declined", "mcn")
    with pytest.raises(EntryConflict):
        end(log, "agreement.withdrawn", "brand", "not any more")
    over = standing(log)
    assert (over.ended(START), over.end and over.end.reason) == ("declined", "the share is too small")
    with pytest.raises(ProposalOver, match="has been declined"):
        over.demand_open(SIGNERS, START)
    second = propose(log, name=f"{AGREEMENT}#2")
    assert (second.number, second.id, second.given) == (2, f"{AGREEMENT}#2", ())
    give(log, "mcn")
    assert standing(log).waiting(SIGNERS) == ("brand", "streamer")
    with reading(log.engine) as session:
        first, _ = proposals_of(session, AGREEMENT)
    assert [step.kind.partition(".")[2] for step in first.steps] == ["proposed", "given", "declined"]


def test_a_signature_taken_back_is_missing_again_and_is_given_anew(log: Log) -> None:
    propose(log)
    give(log, "brand")
    told = {"party": "brand", "member": None, "reason": "a wrong annex"}
    said(log, "signature.withdrawn", f"{AGREEMENT}/brand/withdrawn", step=told)
    assert standing(log).waiting(SIGNERS) == SIGNERS
    give(log, "brand")
    assert (standing(log).given[0].party, len(standing(log).steps)) == ("brand", 4)


def test_reminders_count_from_the_last_step(log: Log) -> None:
    one = propose(log, Process(remind_days=3))
    assert one.reminder_due(START + 3 * DAY - HOUR) is None
    assert one.reminder_due(START + 7 * DAY) == START + 6 * DAY
    give(log, "brand", at=START + 4 * DAY)
    assert standing(log).reminder_due(START + 7 * DAY) == START + 7 * DAY


def test_who_signed_on_what_authority_and_as_whom_verified_comes_back_as_it_was_given(log: Log) -> None:
    letter = Authority("general manager", "ab" * 32, "X3")
    identity = VerifiedAs("verified", "K1", "company", "registry", "platform", "2027-03-31", 7)
    one = Signatory("ada", "Ada", "sign", "wallet", NEW, letter, identity)
    propose(log)
    give(log, "brand", one)
    assert standing(log).given[0].signatory == one
    assert standing(log).counting({}, START).given == (), "by a key that is not the signer's"
    give(log, "mcn")
    assert standing(log).given[1].signatory is None, "as in logs from before"
    with pytest.raises(SigningRefused, match="64 hex digits"):
        Authority(letter_sha256="a letter")
    with pytest.raises(SigningRefused, match="is made by one of"):
        replace(one, method="fax")  # type: ignore[arg-type]


# ---- keys


def change(log: Log, kind: str, says: dict[str, Any], keys: SignerKeys | None = None) -> int:
    standing = keys or keys_of(all_keys(log), OLD)
    return record_change(log, standing, kind, says, party="brand", readers=["mcn"], by="ada", at=START)


def rotated(successor: str = NEW, cooling: timedelta = DAY) -> dict[str, Any]:
    return {"new_key": successor, "usable_from": (START + cooling).isoformat(), "word": "key"}


def revoked(key: str = OLD, word: str = "members") -> dict[str, Any]:
    return {"key": key, "cause": "lost", "word": word, "reason": "left in a taxi"}


def keys(log: Log) -> SignerKeys:
    return all_keys(log)[OLD]


def test_a_signer_of_whom_nothing_is_recorded_signs_by_its_own_key() -> None:
    one = keys_of({}, OLD)
    assert (one.key(START), one.state(OLD, START), one.state(NEW, START)) == (OLD, "current", "unknown")


def test_a_new_key_signs_in_the_place_of_the_old_once_it_has_cooled(log: Log, clock: FixedClock) -> None:
    change(log, ROTATED, rotated())
    one = keys(log)
    assert [one.key(START), one.state(OLD, START), one.state(NEW, START)] == [OLD, "current", "cooling"]
    later = START + DAY
    assert [one.key(later), one.state(OLD, later), one.state(NEW, later)] == [NEW, "replaced", "current"]
    clock.forward(days=2)
    change(log, ROTATED, rotated(NEWER, 3 * DAY))
    one = keys(log)
    assert [one.key(START + 2 * DAY), one.key(START + 3 * DAY), one.next_number] == [NEW, NEWER, 3]
    assert one.at(START + 3 * DAY).replaced == {OLD: START + DAY, NEW: START + 3 * DAY}


def test_a_replacement_objected_to_while_it_cools_never_was(log: Log, clock: FixedClock) -> None:
    change(log, ROTATED, rotated())
    clock.forward(hours=3)
    change(log, REVOKED, revoked(NEW))
    one, later = keys(log), START + 2 * DAY
    assert [one.key(later), one.state(NEW, later), one.next_number] == [OLD, "revoked", 1]
    change(log, ROTATED, rotated(NEWER))
    assert keys(log).key(later) == NEWER


def test_a_key_revoked_after_it_has_cooled_leaves_nobody_to_sign(log: Log, clock: FixedClock) -> None:
    change(log, ROTATED, rotated())
    clock.forward(days=2)
    change(log, REVOKED, revoked(NEW, "recovery"))
    one = keys(log)
    assert [one.key(clock.now), one.state(NEW, clock.now)] == [NEW, "revoked"]
    assert one.state(NEW, START + DAY) == "current", "what it signed before stands"
    assert one.next_number == 3, "the registry numbers it, as what two members said it does not"


def test_a_key_names_its_recovery_and_members_ask_before_they_revoke(log: Log) -> None:
    change(log, NAMED, {"recovery": NEWER})
    change(log, PROPOSED, {"key": OLD, "cause": "lost", "reason": "left in a taxi"})
    one = keys(log)
    assert [one.recovery, one.asked and one.asked.content["by"]] == [NEWER, "ada"]
    assert one.state(OLD, START) == "current", "one member alone stops nothing"
    change(log, REVOKED, revoked())
    one = keys(log)
    assert [one.asked, one.revoked[OLD].cause, one.next_number] == [None, "lost", 2]


def test_of_two_changes_at_once_one_is_taken(log: Log) -> None:
    def attempt(successor: str) -> str:
        try:
            change(log, ROTATED, rotated(successor), SignerKeys(OLD))
        except KeyRefused as fault:
            return fault.code
        return "taken"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(attempt, (NEW, NEWER))) == ["key.refused", "taken"]
    assert len(keys(log).events) == 1


def test_the_register_shows_no_address_in_the_open_and_is_not_erased(log: Log) -> None:
    seq = change(log, ROTATED, rotated())
    assert event_id(OLD, 1).endswith("/1")
    assert OLD.encode() not in log.entry(seq).leaf
    with pytest.raises(ErasureRefused):
        log.erase(seq, "key", reason="asked", asserter="brand", source="t", id="e")
