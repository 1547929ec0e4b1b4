"""A statement served, contested, accepted or left in silence, on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.doctor import examine
from ledger.errors import EntryConflict, ErasureRefused
from ledger.holds import Available, available, holds
from ledger.log import Log
from ledger.rebuild import rebuild
from ledger.settlement.errors import (
    ContestEnded,
    ContestRefused,
    ContestUnknown,
    ServiceRefused,
    StatementClosed,
    StatementUnknown,
)
from ledger.settlement.issue import correct
from ledger.statements.acts import Act, accept, contest, end_contest, serve
from ledger.statements.contested import ContestAsked
from ledger.statements.life import Contest, life_of, lives
from ledger.statements.reading import Statement
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.due_world import EXAMPLE, orders, records
from tests.ledger_samples import FixedClock
from tests.settlement_world import PLAIN, World, receipt, refund, sale

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
"""Noon of 1 April 2026 in Shanghai, a Wednesday; 4 to 6 April are the Qingming holidays."""

PROCESS = """
  - id: "13.1"
    kind: dispute_process
    text: {zh: 争议。, en: Disputes.}
    windows: {answer_days: 5, evidence_days: 7, appeal_days: 10}
    statements: {contest_days: 5, counted_in: COUNTED}
"""


def terms(counted: str = "calendar_days", process: str = PROCESS) -> Agreement:
    text = PLAIN.replace(
        "name: {zh: 机构, en: Agency}", "name: {zh: 机构, en: Agency}, service_address: Hangzhou"
    )
    head = "calendar: CN\n" if counted == "business_days" else ""
    return load_agreement(head + text.strip() + process.replace("COUNTED", counted), name="life.yaml")


@dataclass
class Season:
    """A settled month of three sales, one refunded, with the agency's statement."""

    world: World
    clock: FixedClock

    @property
    def agreement(self) -> Agreement:
        return self.world.agreement

    @property
    def statement(self) -> Statement:
        return self.world.statement("mcn")

    def act(self, **later: int) -> Act:
        self.clock.forward(**later)
        return Act(self.clock(), "mcn-member")

    def serve(self, means: Any = "inbox", **more: Any) -> Any:
        return serve(
            self.world.log, self.statement, self.agreement, means, Act(self.clock(), "operator"), **more
        )

    def accept(self) -> Any:
        return accept(self.world.log, self.statement, self.agreement, self.act())

    def contest(self, *lines: int, figures: tuple[str, ...] = (), reason: str = "wrong rate") -> Contest:
        asked = ContestAsked(reason, lines, figures)
        return contest(
            self.world.log, self.world.store, self.statement, self.agreement, asked, self.act(seconds=1)
        )

    def end(self, number: int, how: Any = "withdrawn") -> Any:
        return end_contest(
            self.world.log, self.statement, self.agreement, number, how, self.act(seconds=1), reason="mended"
        )

    def standing(self) -> str:
        return life_of(self.world.log, self.statement.id).standing(self.agreement, self.clock())

    def available(self) -> Available:
        return available(self.world.log.engine, self.world.account("mcn"), self.clock())


def season_of(engine: Engine, data: Path, agreement: Agreement) -> Season:
    clock = FixedClock(NOON)
    world = World(Log(engine, clock=clock), data, [agreement])
    for order, paid in (("A", "100.00"), ("B", "200.00"), ("C", "300.00")):
        world.tell(sale(agreement, order, paid=paid), receipt(agreement, order, "2026-02-22"))
    world.tell(refund(agreement, "C", "300.00", "2026-02-25"))
    world.settle("2026-04-01")
    return Season(world, clock)


@pytest.fixture
def season(engine: Engine, tmp_path: Path) -> Season:
    return season_of(engine, tmp_path / "data", terms())


def test_a_statement_is_issued_then_served_once_by_each_means(season: Season) -> None:
    assert season.standing() == "issued"
    first = season.serve()
    assert season.serve().seq == first.seq, "the same means again adds nothing"
    delivered = season.clock() - timedelta(days=1)
    second = season.serve("address", delivered_at=delivered, reference="SF1234")
    assert second.seq > first.seq
    assert season.standing() == "served"
    (group,) = [one for one in season.world.log.groups(second.seq) if one.name == "service"]
    assert group.content["address"] == "Hangzhou"
    assert group.content["delivered_at"] == "2026-03-31T12:00:00+08:00"
    assert group.readers == ("mcn", "platform")


def test_days_count_from_the_day_on_which_service_was_recorded_and_no_earlier_one(
    season: Season,
) -> None:
    season.serve("address", delivered_at=season.clock() - timedelta(days=30))
    deadline = life_of(season.world.log, season.statement.id).deadline(season.agreement)
    assert deadline is not None
    assert str(deadline.last_day) == "2026-04-06"
    season.clock.now = datetime(2026, 4, 6, 15, 59, 59, tzinfo=UTC)
    assert season.standing() == "served", "the last day counts to its end in the agreement's time zone"
    season.clock.forward(seconds=1)
    assert season.standing() == "accepted", "silence accepts, and nobody had to act"


def test_business_days_are_those_of_the_documents_calendar(engine: Engine, tmp_path: Path) -> None:
    season = season_of(engine, tmp_path / "data", terms("business_days"))
    season.serve()
    deadline = life_of(season.world.log, season.statement.id).deadline(season.agreement)
    assert deadline is not None
    assert str(deadline.last_day) == "2026-04-09", "2, 3, 7, 8 and 9 April"


def test_no_silence_accepts_where_the_document_sets_no_window(engine: Engine, tmp_path: Path) -> None:
    season = season_of(engine, tmp_path / "data", terms(process=""))
    season.serve()
    season.clock.forward(days=400)
    assert season.standing() == "served"
    season.contest(0)
    assert holds(engine, season.clock()) == [], "and nothing is held where no process says so"


def test_nothing_expires_in_a_year_that_the_calendar_does_not_know(engine: Engine, tmp_path: Path) -> None:
    season = season_of(engine, tmp_path / "data", terms("business_days"))
    season.clock.now = datetime(2031, 1, 6, tzinfo=UTC)
    season.serve()
    season.clock.forward(days=100)
    assert season.standing() == "served"
    deadline = life_of(season.world.log, season.statement.id).deadline(season.agreement)
    assert deadline is not None
    assert deadline.last_day is None


def test_a_contested_line_is_held_at_once_and_the_rest_goes_on(season: Season) -> None:
    season.serve()
    before = season.available()
    found = season.contest(0)
    assert found.number == 1
    line = season.statement.content["totals"][0]
    assert line["leg"] == "mcn_share"
    after = season.available()
    assert (after.balance_minor, after.held_minor) == (before.balance_minor, 540)
    assert season.standing() == "contested"
    season.accept()
    assert season.standing() == "accepted_in_part"
    assert season.available().held_minor == 540, "accepting the rest leaves the contest as it is"
    season.end(1)
    assert season.standing() == "accepted"
    assert season.available().held_minor == 0


def test_the_same_contest_again_adds_nothing_and_a_second_of_the_same_line_is_refused(season: Season) -> None:
    first = season.contest(0, 1)
    size = season.world.log.size()
    assert season.contest(1, 0).entry.seq == first.entry.seq
    assert season.world.log.size() == size
    with pytest.raises(ContestRefused, match="stands already"):
        season.contest(0, reason="another")
    with pytest.raises(ContestRefused, match="stands already"):
        season.contest(figures=("/totals/0",))
    season.end(1)
    assert season.contest(0, reason="still wrong").number == 2, "what was withdrawn may be contested again"


def test_what_was_taken_from_a_party_holds_nothing(season: Season) -> None:
    totals = season.statement.content["totals"]
    kinds = {one["kind"]: place for place, one in enumerate(totals)}
    season.contest(figures=(f"/totals/{kinds['reversed']}",))
    assert season.available().held_minor == 0
    season.contest(figures=(f"/totals/{kinds['earned']}",))
    assert totals[kinds["earned"]]["amount_minor"] > season.statement.content["payable_minor"]
    assert season.available().held_minor == season.statement.content["payable_minor"], "and no more"


def test_the_whole_holds_what_is_payable_and_leaves_nothing_to_contest(season: Season) -> None:
    season.contest()
    assert season.available().held_minor == season.statement.content["payable_minor"]
    assert season.available().available_minor == 0
    with pytest.raises(ContestRefused, match="contest 1 of it stands already"):
        season.contest(0)


def test_contests_together_hold_what_is_paid_and_each_that_stays_open_keeps_what_it_needs(
    season: Season,
) -> None:
    """Lines 540, 1,080, and 1,620 which was taken back: 1,620 is paid."""
    season.contest(2)
    assert season.available().held_minor == 1620
    season.contest(0)
    season.contest(1)
    assert season.available().held_minor == season.statement.content["payable_minor"] == 1620
    season.end(1)
    assert season.available().held_minor == 540 + 1080, "the hold of the first stays for the others"
    season.end(3, "dismissed")
    assert season.available().held_minor == 540
    season.end(2)
    assert season.available().held_minor == 0
    assert examine(season.world.log.engine) == []


def test_a_statement_that_is_corrected_is_contested_by_its_correction(season: Season) -> None:
    old = season.statement
    season.contest(0)
    agreement = season.agreement
    season.world.tell(sale(agreement, "D", paid="400.00"), receipt(agreement, "D", "2026-02-22"))
    correct(
        season.world.log,
        [agreement],
        data=season.world.data,
        asserter="operator",
        reason="a sale was told late",
    )
    new = season.statement
    assert new.content["corrects"]["statement"] == old.id
    asked = ContestAsked("wrong", (1,))
    with pytest.raises(StatementClosed, match=f"{new.id} corrects it; contest that one instead"):
        contest(season.world.log, season.world.store, old, agreement, asked, season.act(seconds=1))
    assert season.contest(0).number == 1, "the new one is open"
    end_contest(
        season.world.log, old, agreement, 1, "withdrawn", season.act(seconds=1), reason="as corrected"
    )
    assert life_of(season.world.log, old.id).open_contests == ()


def test_contested_amounts_are_held_on_the_accounts_they_went_to(season: Season) -> None:
    platform = season.world.statement("platform")
    asked = ContestAsked("wrong", (), ("/totals/0",))
    contest(season.world.log, season.world.store, platform, season.agreement, asked, season.act())
    total = platform.content["totals"][0]
    (held,) = holds(season.world.log.engine, season.clock())
    assert held.account.purpose == total["leg"]
    back = next(
        one for one in platform.content["totals"] if one["leg"] == total["leg"] and one["kind"] == "reversed"
    )
    assert held.held_minor == total["amount_minor"] + back["amount_minor"], "what is paid from that account"


def test_after_acceptance_or_the_last_day_nothing_more_is_contested(season: Season) -> None:
    season.serve()
    season.contest(0)
    season.clock.forward(days=6)
    assert season.standing() == "accepted_in_part", "what was contested in time stays so"
    with pytest.raises(StatementClosed, match="2026-04-06"):
        season.contest(1)
    season.accept()
    with pytest.raises(StatementClosed, match="accepted"):
        season.contest(1)
    assert season.accept().seq == season.accept().seq


def test_what_cannot_be_contested_is_refused_by_name(season: Season) -> None:
    with pytest.raises(ContestRefused, match="no figure"):
        season.contest(figures=("/totals/99",))
    with pytest.raises(ContestRefused, match="reason"):
        season.contest(0, reason="")
    with pytest.raises(StatementUnknown, match="no line 99"):
        season.contest(99)
    with pytest.raises(ContestRefused, match="more than 500"):
        season.contest(*range(501))
    with pytest.raises(ContestUnknown):
        season.end(1)
    with pytest.raises(ServiceRefused, match="to come"):
        season.serve("address", delivered_at=season.clock() + timedelta(seconds=1))


def test_without_an_address_in_the_document_none_is_served_at_it(season: Season) -> None:
    brand = season.world.statement("brand")
    with pytest.raises(ServiceRefused, match="no address for service of brand"):
        serve(season.world.log, brand, season.agreement, "address", Act(season.clock(), "operator"))


def test_a_contest_ends_once(season: Season) -> None:
    season.contest(0)
    first = season.end(1, "dismissed")
    assert season.end(1, "dismissed").seq == first.seq
    with pytest.raises(ContestEnded, match=r"contest\.dismissed"):
        season.end(1, "withdrawn")


def test_of_two_contests_at_once_the_second_is_refused_whole(season: Season) -> None:
    """The second read the statement before the first was written: its number is taken by then."""
    log, statement = season.world.log, season.statement
    append = log.append

    def late(*given: Any, **more: Any) -> Any:
        log.append = append  # type: ignore[method-assign]
        season.contest(0)
        return append(*given, **more)

    log.append = late  # type: ignore[method-assign]
    with pytest.raises((EntryConflict, ContestRefused)):
        season.contest(0, 1, reason="another")
    assert len(life_of(log, statement.id).contests) == 1
    assert season.available().held_minor == 540


def test_one_walk_of_the_log_tells_every_life_as_each_by_itself(season: Season) -> None:
    season.serve()
    season.contest(0)
    season.contest(1)
    season.end(2)
    accept(season.world.log, season.world.statement("brand"), season.agreement, season.act())
    found = lives(season.world.log)
    assert found == {name: life_of(season.world.log, name) for name in found}
    assert len(found) == 2


def test_it_comes_back_from_a_rebuild_and_cannot_be_erased(season: Season) -> None:
    season.serve()
    seq = season.contest(0).entry.seq
    before = season.available(), life_of(season.world.log, season.statement.id)
    assert rebuild(season.world.log.engine).unchanged
    assert (season.available(), life_of(season.world.log, season.statement.id)) == before
    assert examine(season.world.log.engine) == []
    with pytest.raises(ErasureRefused):
        season.world.log.erase(seq, "contest", reason="x", asserter="operator", source="t", id="1")


def test_a_contested_due_is_held_on_the_account_that_its_clause_pays_into(
    engine: Engine, tmp_path: Path
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace(
        "from: brand.balance, to: mcn.balance, amount: 80_000.00",
        "from: brand.balance, to: mcn.slot_fees, amount: 80_000.00",
    )
    process = PROCESS.replace("COUNTED", "calendar_days")
    agreement = load_agreement(text.replace("\ntables:\n", f"{process}\ntables:\n"), name="slot.yaml")
    clock = FixedClock(NOON)
    world = World(Log(engine, clock=clock), tmp_path / "data", [agreement])
    world.tell(*orders(agreement), *records(agreement))
    world.settle("2026-04-01")
    season = Season(world, clock)
    dues = season.statement.content["dues"]
    place = next(place for place, one in enumerate(dues) if one["leg"] == "slot_fee")
    season.contest(figures=(f"/dues/{place}",))
    (held,) = holds(engine, season.clock())
    assert (held.account.purpose, held.held_minor) == ("slot_fees", dues[place]["amount_minor"])
    season.end(1)
    season.contest()
    found = {one.account.purpose: one.held_minor for one in holds(engine, season.clock()) if one.held_minor}
    assert found["slot_fees"] == dues[place]["amount_minor"]
    assert sum(found.values()) == season.statement.content["payable_minor"]
