"""Incidents hold what is at stake and cost credit; what buyers wait too long for is told late by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.office.agreements import signed_versions
from api.office.register_duties import keep_holds
from api.office.registers import import_events, tell_event
from ledger.holds import holds, release_hold
from ledger.registers import telling
from tests.command_line import office_at, tally


def tell(
    data: Path, register: str, item: str, event: str, *fields: str, by: str = "platform", at: str = ""
) -> None:
    when = ("--at", at) if at else ()
    given = (register, item, event, "--agreement", "head-streamer", "--by", by, *when, *fields)
    told = tally(data, "register", "tell", *given)
    assert told.code == 0, told.err


def held(data: Path, name: str) -> Any:
    found = [one for one in tally(data, "hold", "list", "--json").json if one["hold"] == name]
    return found[0]["held_minor"] if found else None


def rounds(data: Path) -> dict[str, int]:
    return {one["duty"]: one["count"] for one in tally(data, "tend", "--json").json if one["count"]}


def test_what_is_at_stake_is_held_from_the_report_until_the_incident_is_closed(installation: Path) -> None:
    tell(
        installation, "incident", "I-1", "reported", "what=defect", "responsible=merchant", "at_stake=5000.00"
    )
    assert held(installation, "incident.I-1") == 500_000
    shown = tally(installation, "hold", "list").out
    assert "incident.I-1   brand.balance" in shown
    tell(installation, "incident", "I-1", "confirmed", "responsible=merchant", "severity=3", "clause=7.1")
    assert rounds(installation)["credit"] == 1
    credit = tally(installation, "credit", "show", "brand").out
    assert "brand with platform: 440 (watched)" in credit
    assert "-60 now  -60.00  standing  violation_proven, clause 7.1" in credit
    tell(installation, "incident", "I-1", "remedied", "measures=recalled", by="brand")
    assert held(installation, "incident.I-1") == 500_000
    tell(installation, "incident", "I-1", "closed")
    assert held(installation, "incident.I-1") == 0
    assert rounds(installation) == {}, "nothing is done twice"
    assert tally(installation, "doctor").code == 0


def test_what_is_at_stake_moves_with_who_answers_for_it(installation: Path) -> None:
    reported = ("what=false_claim", "responsible=streamer", "at_stake=5000.00")
    tell(installation, "incident", "I-1", "reported", *reported)
    tell(installation, "incident", "I-1", "confirmed", "responsible=merchant", "severity=1", "clause=7.1")
    assert held(installation, "incident.I-1") == 0
    now = tally(installation, "hold", "list").out.splitlines()
    whose = [line.split()[1] for line in now if " 5,000.00 of 5,000.00 " in line]
    assert whose == ["brand.balance"]
    assert rounds(installation) == {"credit": 1}
    tell(installation, "incident", "I-1", "closed")
    assert " 5,000.00 of 5,000.00" not in tally(installation, "hold", "list").out


def test_an_incident_that_is_dismissed_costs_nothing(installation: Path) -> None:
    for name, more in (("I-1", ("at_stake=5000.00",)), ("I-2", ())):
        tell(installation, "incident", name, "reported", "what=false_claim", "responsible=streamer", *more)
        tell(installation, "incident", name, "dismissed", "reason=it was true")
    assert held(installation, "incident.I-1") == 0
    assert held(installation, "incident.I-2") is None, "nothing was at stake"
    assert rounds(installation) == {}


def test_an_after_sale_case_that_waits_too_long_is_told_late_once_and_costs_credit(
    installation: Path,
) -> None:
    asked = ("order=1001", "wish=refund", "responsible=merchant", "buyer=Zhou", "amount=99.00")
    tell(installation, "after_sale", "A-1", "asked", *asked, at="2026-01-05T10:00:00+08:00")
    assert rounds(installation) == {"overdue": 1, "credit": 1}
    assert rounds(installation) == {}
    shown = tally(installation, "register", "show", "after_sale", "A-1", "--json").json
    late = [one for one in shown["happened"] if one["event"] == "overdue"]
    assert [(one["fields"]["clock"], one["occurred_at"]) for one in late] == [
        ("answer", "2026-01-07T10:00:00+08:00")
    ]
    assert "after_sale_late" in tally(installation, "credit", "show", "brand").out


def test_feedback_that_waits_too_long_is_told_late_once_also_when_opened_again(installation: Path) -> None:
    filed = ("topic=quality", "sku=serum", "words=it leaks")
    tell(installation, "feedback", "F-9", "filed", *filed, at="2026-01-05T10:00:00+08:00")
    assert rounds(installation) == {"overdue": 1}
    tell(installation, "feedback", "F-9", "answered", "answer=sorry", at="2026-01-20T10:00:00+08:00")
    tell(installation, "feedback", "F-9", "reopened", at="2026-02-02T10:00:00+08:00")
    assert rounds(installation) == {}, "its clock ran from when it was filed, and has ended"


def test_what_is_held_is_placed_moved_and_released_in_the_transaction_that_tells_of_it(
    installation: Path, tmp_path: Path
) -> None:
    with office_at(installation) as office:

        def told(event: str, **fields: str) -> list[str]:
            before = office.log.size()
            tell_event(office, "incident", "I-1", event, fields, by="platform", agreement="head-streamer")
            added = [office.log.entry(seq) for seq in range(before, office.log.size())]
            assert len({one.recorded_us for one in added}) <= 1, "one transaction"
            return [one.kind for one in added]

        reported = {"what": "defect", "responsible": "streamer", "at_stake": "5000.00"}
        assert told("reported", **reported) == ["incident.reported", "hold.placed"]
        assert told("reported", **reported) == []
        confirmed = {"responsible": "merchant", "severity": "3", "clause": "7.1"}
        assert told("confirmed", **confirmed) == ["incident.confirmed", "hold.released", "hold.placed"]
        assert told("remedied", measures="recalled") == ["incident.remedied"]
        (moved,) = [one for one in holds(office.engine, office.clock()) if one.held_minor == 500_000]
        release_hold(
            office.log, moved.id, 100, release="closed", at=office.clock(), by="operator", reason="in part"
        )
        assert told("closed") == ["incident.closed", "hold.released"], "under another name than was taken"
        assert not any(one.held_minor == 499_900 for one in holds(office.engine, office.clock()))
        rows = "item,event,occurred_at,what,responsible,at_stake,reason"
        rows += "\nI-2,reported,2026-03-02T10:00:00+08:00,defect,merchant,10.00,"
        rows += "\nI-3,reported,2026-03-02T11:00:00+08:00,defect,merchant,20.00,"
        rows += "\nI-3,dismissed,2026-03-02T12:00:00+08:00,,,,unfounded\n"
        (tmp_path / "incidents.csv").write_text(rows, encoding="utf-8")
        import_events(
            office, tmp_path / "incidents.csv", "incident", by="platform", agreement="head-streamer"
        )
        held_now = {one.id: one.held_minor for one in holds(office.engine, office.clock()) if one.held_minor}
        assert held_now.get("incident.I-2") == 1_000
        assert "incident.I-3" not in held_now
        agreement = signed_versions(office, "head-streamer")[-1].agreement
        telling.tell(
            office.log, agreement, "incident", "I-4", "reported", reported, by="platform", at=office.clock()
        )
        assert (keep_holds(office), keep_holds(office)) == (1, 0), (
            "what was told otherwise, in the next round"
        )
