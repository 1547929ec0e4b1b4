"""Opt-outs keep orders out of answers; what was given ends by itself; incidents tell before they are late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.notices.words import said
from api.office.erasing import erase
from api.office.opening import Office
from api.office.registers import tell_event
from api.office.tending import DUTIES, tend
from ledger.doctor import examine
from ledger.notices.reading import notices
from ledger.registers.errors import TellingRefused
from ledger.registers.items import item
from ledger.sharing.ending import say_gone
from ledger.sharing.record import sharings, sharings_of_order
from tests.command_line import tally
from tests.integration.sharing.conftest import NOW
from tests.integration.sharing.test_access import PHONES, REGIONS, ask, groups_of


def opt_out(office: Office, name: str, event: str = "received", **fields: str) -> int:
    return tell_event(office, "opt_out", name, event, fields, by="platform", party="platform")


def test_who_opted_out_is_left_out_at_once_until_it_is_withdrawn(office: Office) -> None:
    opt_out(office, "1", scope="sharing", buyer="B1")
    opt_out(office, "2", scope="sharing", order="A2")
    opt_out(office, "3", scope="marketing", buyer="B3")
    opt_out(office, "4", scope="sharing", fact="buyer_phone", buyer="13800000004")
    asked = {**PHONES, "orders": ("A1", "A2", "A3", "A4", "B2")}
    done = ask(office, **asked)
    assert ([one["order"] for one in done.given.rows], done.access.withheld) == (
        ["A3", "B2"],
        {"opted_out": 3},
    )
    amounts = ask(office, **{**asked, "fields": ("paid",)})
    assert len(amounts.given.rows) == 5, "no personal field is asked for"
    opt_out(office, "1", "withdrawn", reason="asked again")
    assert [one["order"] for one in ask(office, **asked).given.rows] == ["A1", "A3", "B2"]


def test_a_grant_heeds_the_opt_outs_that_it_names(office: Office) -> None:
    for buyer in range(1, 4):
        opt_out(office, f"m{buyer}", scope="marketing", buyer=f"B{buyer}")
    assert groups_of(ask(office, **REGIONS))[0] == ("Beijing", 10, 5, "1000.00")
    for buyer in range(1, 4):
        opt_out(office, f"p{buyer}", scope="profiling", buyer=f"B{buyer}")
    later = ask(office, "streamer", **REGIONS)
    assert groups_of(later) == [("Shanghai", 8, 4, "800.00"), ("…", 7, 5, "700.00")]
    assert later.access.withheld == {"opted_out": 6}


def test_who_opted_out_is_read_by_the_platform_alone_and_can_be_erased(office: Office) -> None:
    seq = opt_out(office, "1", scope="sharing", buyer="B1")
    readers = {group.name: group.readers for group in office.log.groups(seq)}
    assert readers["personal"] == ("platform",)
    assert "brand" not in readers["register"]
    erase(office, seq, "personal", reason="asked", asserter="platform", request="r1")
    assert len(ask(office, **PHONES).given.rows) == 1, "nobody knows any more whose it was"


def done_by(office: Office) -> dict[str, int]:
    wanted = [duty for duty in DUTIES if duty.name in {"data-given", "data-kept", "clocks"}]
    found = list(tend(office, wanted))
    assert [one.refused for one in found] == [None] * 3
    return {one.duty: one.count for one in found}


def test_what_was_given_ends_by_itself_and_its_recipient_is_told(office: Office) -> None:
    given = ask(office, **{**PHONES, "orders": ("A1", "A2")})
    ask(office, **REGIONS)
    assert done_by(office) == {"data-given": 0, "data-kept": 0, "clocks": 0}
    office.clock = lambda: datetime(2026, 6, 8, 2, tzinfo=UTC)
    assert done_by(office) == {"data-given": 2, "data-kept": 0, "clocks": 0}
    office.clock = lambda: datetime(2026, 6, 9, 2, tzinfo=UTC)
    assert done_by(office) == {"data-given": 0, "data-kept": 21, "clocks": 0}
    one, groups = sharings(office.log)
    assert (one.id, one.awaits_return, one.sets, groups.awaits_return) == (given.access.id, True, None, False)
    (notice,) = notices(office.log)
    assert (notice.new.code, notice.new.readers) == ("data-to-erase", ("brand", "platform"))
    assert said(notice.new).en.endswith("brand deletes the data of 2 orders, and says so.")
    say_gone(office.log, one.id, "deleted", certificate=None, by="brand", at=NOW)
    assert not sharings(office.log)[0].awaits_return
    assert examine(office.engine) == []


def test_who_received_what_may_be_given_no_more_is_told_to_let_it_go(office: Office) -> None:
    given = ask(office, **{**PHONES, "orders": ("A1", "A2", "A3", "C1")})
    ask(office, **{**PHONES, "fields": ("paid",)})
    told = [duty for duty in DUTIES if duty.name == "data-recalled"]
    assert [one.count for one in tend(office, told)] == [0]
    opt_out(office, "1", scope="sharing", order="A1")
    opt_out(office, "2", scope="marketing", buyer="B3")
    sale = office.log.find("orders", "A2/1/sale/1")
    assert sale is not None
    erase(office, sale.seq, "buyer", reason="asked", asserter="platform", request="r1")
    assert [one.count for one in tend(office, told)] == [2]
    assert [one.count for one in tend(office, told)] == [0]
    found = [one.new for one in notices(office.log)]
    assert [(one.about["order"], one.readers) for one in found] == [
        ("A1", ("brand", "platform")), ("A2", ("brand", "platform")),
    ]  # fmt: skip
    assert said(found[0]).en.startswith(f"brand received order A1 with {given.access.id} under clause 11.2")
    assert [one.id for one in sharings_of_order(office.log, "head-streamer", "A3")] == [given.access.id]
    say_gone(office.log, given.access.id, "deleted", certificate=None, by="brand", at=NOW)
    opt_out(office, "3", scope="sharing", order="A3")
    assert [one.count for one in tend(office, told)] == [0], "it is gone already"


def test_an_incident_tells_while_little_time_is_left_and_when_it_is_late(office: Office) -> None:
    def tell(event: str, by: str = "brand", **fields: str) -> None:
        tell_event(office, "disclosure_incident", "I-1", event, fields, by=by, agreement="head-streamer")

    tell("reported", what="leak", discovered_at="2026-03-20T11:00:00+08:00")
    assert done_by(office)["clocks"] == 0
    office.clock = lambda: NOW + timedelta(hours=20)
    assert done_by(office)["clocks"] == 1
    tell("contained", measures="keys changed")
    office.clock = lambda: NOW + timedelta(hours=72, minutes=1)
    assert done_by(office) == {"data-given": 0, "data-kept": 0, "clocks": 1}
    assert done_by(office)["clocks"] == 0, "it is said once"
    near, late = (one.new for one in notices(office.log))
    assert (near.code, late.code, late.severity) == ("clock-near", "clock-late", "breach")
    assert said(near).en.startswith("Data incident I-1: to be contained by 2026-03-21T")
    assert said(late).zh.startswith("数据安全事件 I-1：报告期限 2026-03-23T")
    tell("assessed", persons="12", harm="low")
    with pytest.raises(TellingRefused, match="only where harm was averted"):
        tell("waived", by="platform", reason="nothing happened")
    tell("notified", by="platform", reference="CAC-77")
    found = item(office.log, "disclosure_incident", "I-1")
    assert {one.id: one.ended_at is None for one in found.clocks} == {
        "contain": False, "notice": False, "close": True,
    }  # fmt: skip


def test_a_command_tells_of_an_opt_out_and_the_next_answer_heeds_it(data: Path) -> None:
    told = ("register", "tell", "opt_out", "7", "received", "scope=sharing", "order=C1")
    ran = tally(data, *told, "--party", "platform", "--by", "platform")
    assert ran.code == 0, ran.err
    asked = tally(
        data, "data", "access", "head-streamer", "--for", "brand", "--field", "buyer_phone", "--order", "C1",
        "--purpose", "售后",
    )  # fmt: skip
    assert "0 given under clause 11.2 of head-streamer@1, 1 opted out" in asked.out
