"""Registers: what is told of an item follows its declaration, once, on the word of who may tell it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.accounts import Account
from ledger.database import Session
from ledger.entries import NewEntry
from ledger.errors import ErasureRefused
from ledger.holds import NewHold, holds, placed_within, placing, releasing_left
from ledger.log import Log
from ledger.registers import importing
from ledger.registers.asking import Standing, Telling
from ledger.registers.errors import ItemState, ItemTaken, ItemUnknown, TellingRefused
from ledger.registers.importing import Imported, import_rows
from ledger.registers.items import Item, item, items, seen_by
from ledger.registers.telling import append_following, tell, tell_all
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.ledger_samples import FixedClock

EXAMPLES = Path(__file__).parents[3] / "examples" / "agreements"
START = datetime.fromisoformat("2026-05-04T10:00:00+08:00")
DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    path = EXAMPLES / "head-streamer.yaml"
    return load_agreement(path.read_text(encoding="utf-8"), name=path.name)


class Teller:
    """Tells things of one agreement, a minute apart."""

    def __init__(self, log: Log, agreement: Agreement, clock: FixedClock) -> None:
        self.log, self.agreement, self.clock = log, agreement, clock

    def __call__(
        self, register: str, name: str, event: str, fields: Mapping[str, str] | None = None, **more: Any
    ) -> int:
        self.clock.forward(minutes=1)
        given = {"by": self.agreement.party_id("mcn"), "at": self.clock(), **more}
        return tell(self.log, self.agreement, register, name, event, fields or {}, **given)

    def trained(self, name: str = "T1") -> None:
        about = {"party": self.agreement.party_id("streamer"), "roles": ["mcn"]}
        fields = {"course": "law_and_rules", "trainee": "Lin"}
        self("training", name, "planned", fields, **about)
        self("training", name, "passed", {"score": "88", "valid_until": "2027-05-01"}, **about)

    def checked(self, name: str, *checks: str) -> None:
        for check in checks:
            shown = {"shown_by": "T1"} if check == "training" else {}
            self("session", name, "checked", {"check": check, **shown})

    def show(self, name: str = "S1") -> Item:
        return item(self.log, "session", name)


CHECKS = ("product_review", "licences", "price_snapshot", "script_check", "training")


@pytest.fixture
def told(engine: Engine, agreement: Agreement) -> Teller:
    clock = FixedClock(START)
    return Teller(Log(engine, clock=clock), agreement, clock)


@pytest.fixture
def live(told: Teller) -> Teller:
    told.trained()
    told("session", "S1", "planned", {"host_type": "creator"})
    told.checked("S1", *CHECKS)
    told("session", "S1", "started")
    return told


def test_an_item_is_opened_goes_through_its_states_and_keeps_what_was_told(live: Teller) -> None:
    live("session", "S1", "item_listed", {"sku": "LIP-01", "price": "299.00"})
    live("session", "S1", "price_changed", {"sku": "LIP-01", "price": "279.00"})
    shown = live.show()
    assert (shown.state, shown.agreement) == ("live", "head-streamer")
    assert (shown.text("host_type"), shown.text("price")) == ("creator", "279.00")
    listed = shown.last("item_listed")
    assert listed is not None
    assert listed.fields == {"sku": "LIP-01", "price": "299.00"}
    assert live.log.entry(listed.seq).kind == "session.item_listed"
    assert item(live.log, "session", "S1", end=listed.seq).text("price") == ""
    assert [one.id for one in items(live.log, "session", "head-streamer")] == ["S1"]
    assert items(live.log, "session", "another") == []


def test_nothing_starts_before_its_checklist_is_done(told: Teller) -> None:
    told.trained()
    told("session", "S1", "planned", {"host_type": "creator"})
    told.checked("S1", *CHECKS[:3])
    with pytest.raises(ItemState, match="open on its checklist: script_check, training"):
        told("session", "S1", "started")
    told.checked("S1", *CHECKS[3:])
    told("session", "S1", "check_withdrawn", {"check": "licences", "note": "the report has run out"})
    with pytest.raises(ItemState, match="licences"):
        told("session", "S1", "started")


def test_a_check_shown_by_another_register_falls_with_what_showed_it(told: Teller) -> None:
    told("session", "S1", "planned", {"host_type": "creator"})
    for fields, why in (
        ({"check": "training"}, "which training shows"),
        ({"check": "training", "shown_by": "T9"}, "no training 'T9'"),
        ({"check": "licences", "shown_by": "T1"}, "shown by no other register"),
        ({"check": "trainin"}, "did you mean 'training'"),
    ):
        with pytest.raises(TellingRefused, match=why):
            told("session", "S1", "checked", fields)
    told.trained()
    told.checked("S1", *CHECKS)
    told.clock.now = datetime.fromisoformat("2027-05-02T00:00:00+08:00")
    with pytest.raises(ItemState, match="T1 was valid until 2027-05-01; this is of 2027-05-02"):
        told("session", "S1", "started")
    told("training", "T1", "expired", by="monitor")
    with pytest.raises(ItemState, match="training T1 is 'expired', not passed"):
        told("session", "S1", "started")


def test_what_does_not_fit_is_refused_and_says_what_does(live: Teller) -> None:
    wrong: list[tuple[str, dict[str, str], str]] = [
        ("item_liste", {}, "did you mean 'item_listed'"),
        ("item_listed", {"sku": "A"}, "needs price"),
        ("item_listed", {"sku": "A", "price": "cheap"}, "price: 'cheap'"),
        ("item_listed", {"sku": "A", "price": "1.00", "stok": "3"}, "did you mean 'stock'"),
        ("spoken", {"said": "hello", "at_ms": "172800001"}, "within 48 hours"),
        (
            "flagged",
            {"at_ms": "1", "rule": "x", "severity": "grave", "found_by": "model"},
            "none of its options",
        ),
        ("recorded", {"recording": "AB" * 32}, "SHA-256"),
    ]
    size = live.log.size()
    for event, fields, why in wrong:
        with pytest.raises(TellingRefused, match=why):
            live("session", "S1", event, fields)
    with pytest.raises(ItemState, match="'cancelled' is for preparing; it is 'live'"):
        live("session", "S1", "cancelled", {"reason": "rain"})
    with pytest.raises(ItemUnknown, match="'planned' opens one"):
        live("session", "S2", "ended")
    with pytest.raises(TellingRefused, match="time to come"):
        live("session", "S1", "ended", occurred_at=START + timedelta(days=9))
    with pytest.raises(TellingRefused, match="'flagged' is told by"):
        live(
            "session",
            "S1",
            "flagged",
            wrong[5][1] | {"severity": "stop"},
            by=live.agreement.party_id("brand"),
        )
    with pytest.raises(TellingRefused, match="is no party"):
        live("session", "S1", "ended", by="stranger")
    assert live.log.size() == size


def test_the_same_again_adds_nothing_and_another_of_the_name_is_refused(live: Teller) -> None:
    first = live("session", "S1", "counted", {"views": "10", "interactions": "2"})
    assert live("session", "S1", "counted", {"views": "10", "interactions": "2"}) == first
    again = live("session", "S1", "counted", {"views": "11", "interactions": "2"})
    assert live("session", "S1", "counted", {"views": "10", "interactions": "2"}) > again
    when = START + timedelta(minutes=2)
    timed = live("session", "S1", "item_listed", {"sku": "A", "price": "1.00"}, occurred_at=when)
    live("session", "S1", "item_listed", {"sku": "B", "price": "1.00"}, occurred_at=when)
    assert live("session", "S1", "item_listed", {"sku": "A", "price": "1.00"}, occurred_at=when) == timed
    with pytest.raises(ItemTaken):
        live("session", "S1", "planned", {"host_type": "store"})


def test_of_two_who_tell_at_once_one_is_told_first(live: Teller) -> None:
    at = live.clock()

    def end(by: str) -> int | str:
        try:
            return tell(
                live.log, live.agreement, "session", "S1", "ended", {}, by=live.agreement.party_id(by), at=at
            )
        except ItemState as refused:
            return refused.message

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(end, ("mcn", "platform")))
    assert sorted(isinstance(one, int) for one in answers) == [False, True]
    assert sum(one.event == "ended" for one in live.show().happened) == 1


def test_clocks_run_from_one_event_to_another_in_the_days_of_the_document(live: Teller) -> None:
    live("session", "S1", "ended")
    recording, figures = live.show().clocks
    assert (recording.id, recording.due) == ("recording", "2026-05-05T23:59:59+08:00")
    late = datetime.fromisoformat("2026-05-06T00:00:00+08:00")
    assert recording.is_late(late)
    assert not figures.is_late(late)
    live("session", "S1", "recorded", {"recording": DIGEST})
    (recording, _) = live.show().clocks
    assert recording.ended_at is not None
    assert not recording.is_late(late)


def test_personal_fields_stand_apart_and_what_is_erased_is_told_as_erased(told: Teller) -> None:
    told.trained()
    shown = item(told.log, "training", "T1")
    assert shown.party == told.agreement.party_id("streamer")
    assert shown.fields["trainee"].personal
    groups = {one.name: one for one in told.log.groups(shown.opened.seq)}
    assert "Lin" not in str(groups["register"].content)
    told.log.erase(shown.opened.seq, "personal", reason="asked", asserter="mcn", source="ops", id="E1")
    after = item(told.log, "training", "T1")
    assert (after.fields["trainee"].text, after.text("course"), after.state) == (
        None,
        "law_and_rules",
        "passed",
    )


def test_who_left_the_agreement_reads_nothing_that_is_told_after(live: Teller) -> None:
    mcn, leader = live.agreement.party_id("mcn"), live.agreement.party_id("leader")
    parties = {key: one for key, one in live.agreement.parties.items() if key != "leader"}
    document = live.agreement.document.model_copy(update={"parties": parties, "version": 2})
    live.agreement = replace(live.agreement, document=document)
    ended = live("session", "S1", "ended")
    assert leader not in {reader for group in live.log.groups(ended) for reader in group.readers}
    shown = live.show()
    assert seen_by(shown, [mcn]) == shown
    assert (shown.state, seen_by(shown, [leader]).state) == ("ended", "live")
    assert seen_by(shown, [leader]).last("ended") is None


def test_a_register_with_no_retention_keeps_what_its_state_rests_on(told: Teller) -> None:
    told.trained()
    with pytest.raises(ErasureRefused, match="later entries rest on"):
        told.log.erase(0, "register", reason="asked", asserter="mcn", source="ops", id="E1")


def test_a_session_is_kept_three_years_from_its_end_and_can_be_erased_then(live: Teller) -> None:
    spoken = live("session", "S1", "spoken", {"at_ms": "61000", "said": "the lowest price of the year"})

    def erase() -> int:
        return live.log.erase(spoken, "register", reason="over", asserter="mcn", source="ops", id="E1")

    with pytest.raises(ErasureRefused, match="until 1095 days after 'ended', which has not happened"):
        erase()
    live("session", "S1", "ended")
    live.clock.now = START + timedelta(days=1094)
    with pytest.raises(ErasureRefused, match="kept until 2029-05-03"):
        erase()
    live.clock.now = START + timedelta(days=1096)
    erase()
    shown = live.show()
    assert shown.state == "ended"
    assert [one.erased for one in shown.happened if one.event == "spoken"] == [True]


def test_what_is_said_with_a_time_code_happened_so_long_after_the_start(live: Teller, tmp_path: Path) -> None:
    started = live.show().last("started")
    assert started is not None
    live.clock.forward(hours=1)
    path = tmp_path / "transcript.csv"
    path.write_text(
        "item,at_ms,said\nS1,61500,hello\nS1,90000,only tonight\nS1,99000000,later\n", encoding="utf-8"
    )
    first = taken(live, path, "session", event="spoken")
    assert (first.told, first.refused) == (3, 0)
    said = [one for one in live.show().happened if one.event == "spoken"]
    after = [(one.occurred_us - started.occurred_us) // 1000 for one in said]
    assert after[:2] == [61500, 90000]
    assert after[2] == 3_600_000, "a time code beyond now says nothing"
    assert taken(live, path, "session", event="spoken").repeated == 3


def taken(told: Teller, path: Path, name: str = "survey", **more: Any) -> Imported:
    return import_rows(
        told.log, path, name, by="platform", standing=lambda _: Standing(told.agreement),
        clock=told.clock, **more,
    )  # fmt: skip


def test_a_file_of_events_is_told_once_and_its_bad_rows_are_named(
    told: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 7)
    path = tmp_path / "survey.csv"
    rows = [f"V-{n},{n % 6},O-{n}" for n in range(30)]
    path.write_text("item,score,order\n" + "\n".join(rows), encoding="utf-8")
    first = taken(told, path, event="given")
    assert (first.rows, first.told, first.repeated, first.refused) == (30, 25, 0, 5)
    assert first.refusals[0].row == 1
    assert "a score is 1 to 5" in first.refusals[0].message
    again = taken(told, path, event="given")
    assert (again.told, again.repeated, again.refused) == (0, 25, 5)
    assert len(items(told.log, "survey")) == 25


def test_rows_that_name_no_item_are_named_by_what_they_say(told: Teller, tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("event,score,order\ngiven,5,O-1\ngiven,5,O-2\ngiven,5,O-1\nvoided,,\n", encoding="utf-8")
    found = taken(told, path)
    assert (found.told, found.repeated, found.refused) == (2, 1, 1)
    assert "'voided' needs occurred_at" in found.refusals[0].message
    path.write_text("event,skore\ngiven,5\n", encoding="utf-8")
    with pytest.raises(TellingRefused, match="did you mean 'score'"):
        taken(told, path)
    path.write_text("score\n5\n", encoding="utf-8")
    with pytest.raises(TellingRefused, match="say which event"):
        taken(told, path)


def test_what_follows_of_an_item_is_written_with_what_is_told_of_it(told: Teller) -> None:
    """A hold placed and released so, as incidents have theirs."""
    log, agreement = told.log, told.agreement
    account = Account(agreement.party_id("brand"), agreement.id, "balance", "CNY")

    def follow(session: Session, one: Item, _told: Telling | None) -> list[NewEntry]:
        words: dict[str, Any] = {"at": told.clock(), "by": "operator"}
        if placed_within(session, one.id) is None:
            hold = NewHold(
                id=one.id, account=account, amount_minor=100, reason="incident", clause="7.1",
                agreement=agreement.ref, readers=(account.owner,),
            )  # fmt: skip
            return [placing(hold, **words)]
        assert placed_within(session, one.id) == account
        if one.state == "reported":
            return []
        left = releasing_left(session, one.id, release=one.state, reason="over", **words)
        return [] if left is None else [left]

    def tells(event: str, **fields: str) -> list[str]:
        told.clock.forward(minutes=1)
        first, platform = log.size(), agreement.party_id("platform")
        one = Telling("incident", "I-1", event, fields, platform, told.clock(), None, Standing(agreement))
        tell_all(log, [one], partial=True, follow=follow)
        return [log.entry(seq).kind for seq in range(first, log.size())]

    assert tells("remedied", measures="none") == [], "of what is refused nothing follows"
    reported = {"what": "defect", "responsible": "merchant"}
    assert tells("reported", **reported) == ["incident.reported", "hold.placed"]
    assert tells("reported", **reported) == []
    assert tells("dismissed", reason="unfounded") == ["incident.dismissed", "hold.released"]
    told("incident", "I-2", "reported", reported)
    assert [append_following(log, item(log, "incident", "I-2"), follow) for _ in range(2)] == [1, 0]
    assert [one.held_minor for one in holds(log.engine, told.clock())] == [0, 100]
