"""`score` and `measure record`: what registers and sales tell becomes a score, a tier, an incentive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from api.office.opening import Office
from api.office.registers import tell_event
from api.office.scores import net_sales
from tests.command_line import log_size, office_at, tally
from tests.due_world import orders, season_dues
from tests.integration.cli.test_settle_ladder import sign
from tests.settlement_world import receipt, sale

SERVICE = """
  - id: "20.1"
    kind: service_level
    holder: platform
    toward: brand
    uptime: 99.5%
    monthly_fee: 10_000.00
    credit: 5%
    falls_due: {by: month, after_days: 10}

  - id: "20.2"
    kind: late_shipping
    holder: brand
    toward: platform
    text: {zh: 每单迟发 20.00 元。, en: Each order shipped late costs 20.00.}
    falls_due: {by: month, after_days: 10}
    remedies:
      - {kind: late_shipping, from: brand.balance, to: platform.balance, amount: 20.00 * late_shipments}

"""
"""Clauses that read what measures are recorded as."""

LATE = "  late_shipments: {type: count, of: case, text: {zh: 迟发订单, en: orders shipped late}}\n"

CHECKS = ("product_review", "licences", "price_snapshot", "script_check", "training")
APRIL = ("season-dues", "streamer", "2026-04")


def tell(
    office: Office, register: str, item: str, event: str, at: str, fields: Mapping[str, str], **more: Any
) -> None:
    given = {"by": "platform", "agreement": "season-dues", **more}
    when = datetime.fromisoformat(f"{at}+08:00")
    tell_event(office, register, item, event, fields, occurred_at=when, **given)


def session_with(office: Office, views: str, interactions: str) -> None:
    """Tell of a session that was checked, held and counted in April."""
    trained = {"party": "streamer", "agreement": None, "by": "mcn"}
    tell(office, "training", "T-1", "planned", "2026-04-01T09:00", {"course": "speech"}, **trained)
    passed = {"score": "90", "valid_until": "2027-04-01"}
    tell(office, "training", "T-1", "passed", "2026-04-02T09:00", passed, **trained)
    tell(office, "session", "S-1", "planned", "2026-04-03T09:00", {"host_type": "creator"}, by="mcn")
    for check in CHECKS:
        shown = {"shown_by": "T-1"} if check == "training" else {}
        tell(office, "session", "S-1", "checked", "2026-04-03T10:00", {"check": check, **shown}, by="mcn")
    tell(office, "session", "S-1", "started", "2026-04-05T20:00", {}, by="mcn")
    counted = {"views": views, "interactions": interactions}
    tell(office, "session", "S-1", "counted", "2026-04-05T23:00", counted, by="mcn")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation of the season of dues with orders of March and April, and all that April tells."""
    data = sign(
        tmp_path_factory.mktemp("scores") / "data", "season-dues", {"clauses": SERVICE, "facts": LATE}
    )
    agreement = season_dues()
    with office_at(data) as office:
        office.log.append(orders(agreement))
        office.log.append(
            [
                sale(agreement, "O4", at="2026-04-06", paid="400000.00"),
                receipt(agreement, "O4", "2026-04-12T10:00:00"),
            ]
        )
        minutes = {"minutes_planned": "240", "minutes_up": "237"}
        tell(office, "stream_quality", "Q-1", "measured", "2026-04-05T23:00", minutes)
        session_with(office, "10000", "600")
    return data


def test_a_score_is_worked_out_from_what_is_told_and_shows_what_it_rests_on(month: Path) -> None:
    shown = tally(month, "score", "show", *APRIL, "--json")
    assert shown.code == 0, shown.err
    made = shown.json
    assert {one["component"]: (one["weight"], one["score"]) for one in made["components"]} == {
        "quality": ("3/10", "90"), "interaction": ("1/5", "80"), "sales": ("1/2", "80"),
    }  # fmt: skip
    parts = {one["part"]: one["value"] for component in made["components"] for one in component["parts"]}
    assert parts == {
        "stream.uptime": "79/80", "incidents.confirmed": "0", "sessions.interaction_rate": "3/50",
        "sales.growth": "20/19",
    }  # fmt: skip
    assert (made["total"], made["tier"]) == ("83.00", "established")
    assert made["facts"] == {"period_score": "83.00", "violation_standing": "false"}
    lines = tally(month, "score", "show", *APRIL).out
    assert "streamer 2026-04: 83.00, established" in lines
    assert "credit 500, no violation stands" in lines


def test_net_sales_are_what_was_paid_less_what_went_back(month: Path) -> None:
    with office_at(month) as office:
        march = (datetime.fromisoformat(f"2026-0{one}-01T00:00:00+08:00") for one in (3, 4))
        first, stop = march
        assert net_sales(office, season_dues(), (first, stop)) == (Fraction(380_000), 3)


def test_a_recorded_score_feeds_the_clause_and_the_incentive_follows(month: Path) -> None:
    recorded = tally(month, "score", "record", *APRIL)
    assert recorded.out.startswith("streamer 2026-04: 83.00, established (season-dues@1, entry "), (
        recorded.err
    )
    size = log_size(month)
    assert tally(month, "score", "record", *APRIL).code == 0
    assert log_size(month) == size, "the same again adds nothing"
    assert tally(month, "score", "list", "--party", "streamer").out == recorded.out
    assert tally(month, "settle", "season-dues", "--until", "2026-05-20").code == 0
    shown = tally(month, "statement", "show", "season-dues.1.4").out
    assert "not settled: 22.1 2026-03 (missing: period_score)" in shown, "March has no score on record"
    (bonus,) = (line for line in shown.splitlines() if "22.1 2026-04" in line)
    assert bonus.split()[-1] == "2,000.00", "of the band that April's sales reached"
    assert tally(month, "doctor").code == 0


def test_the_score_of_another_party_says_nothing_of_the_incentive(month: Path) -> None:
    with office_at(month) as office:
        given = {"order": "1", "wish": "refund", "responsible": "merchant"}
        tell(office, "after_sale", "A-1", "asked", "2026-04-07T09:00", given, by="brand")
        tell(office, "after_sale", "A-1", "accepted", "2026-04-07T10:00", {}, by="brand")
        tell(office, "shipment", "H-9", "promised", "2026-04-06T09:00", {"order": "9"}, by="brand")
        tell(office, "shipment", "H-9", "shipped", "2026-04-06T12:00", {"carrier": "SF"}, by="brand")
    asked = ("facts", "list", "season-dues")
    before = tally(month, *asked)
    assert "period_score" in before.out, before.err
    assert tally(month, "score", "record", "season-dues", "brand", "2026-04").code == 0
    assert tally(month, *asked).out == before.out, "the clause is toward the streamer"


def test_what_cannot_be_scored_is_refused_by_what_is_missing(month: Path) -> None:
    for asked, said in (
        (("season-dues", "streamer", "2026-05"), "nothing tells quality: stream.uptime"),
        (("season-dues", "mcn", "2026-04"), "parties in the role 'mcn' are not scored"),
        (("season-dues", "steamer", "2026-04"), "did you mean 'streamer'"),
        (("season-dues", "streamer", "April"), "'April' is no period"),
    ):
        ran = tally(month, "score", "show", *asked)
        assert (ran.code, said in ran.err) == (2, True), ran.err
    assert "star from 90" in tally(month, "score", "cards").out
    assert [one["role"] for one in tally(month, "score", "cards", "--json").json] == ["merchant", "streamer"]


def test_measures_are_recorded_as_facts_and_clauses_follow_them(month: Path) -> None:
    with office_at(month) as office:
        for number, hours in enumerate((20, 70, 90), 1):
            day, hour = divmod(9 + hours, 24)
            tell(
                office,
                "shipment",
                f"H-{number}",
                "promised",
                "2026-04-06T09:00",
                {"order": str(number)},
                by="brand",
            )
            shipped = f"2026-04-{6 + day:02}T{hour:02}:00"
            tell(office, "shipment", f"H-{number}", "shipped", shipped, {"carrier": "SF"}, by="brand")
        tell(office, "shipment", "H-3", "excused", "2026-04-12T09:00", {"excuse": "force_majeure"})
    of_april = ("--agreement", "season-dues", "--period", "2026-04")
    late = tally(month, "measure", "record", "fulfilment", *of_april)
    assert late.out == "2026-04 late_shipments = 1\n", late.err
    assert tally(month, "measure", "record", "stream", *of_april, "--json").json == {
        "measured_uptime": "98.7500%"
    }
    size = log_size(month)
    assert tally(month, "measure", "record", "stream", *of_april).code == 0
    assert log_size(month) == size, "the same again adds nothing"
    assert tally(month, "settle", "season-dues", "--until", "2026-05-21").code == 0
    shown = tally(month, "statement", "show", "season-dues.2.1").out.splitlines()
    due = {line.split()[0]: line.split()[-1] for line in shown if "2026-04 (due" in line}
    assert (due["20.1"], due["20.2"]) == ("375.00", "-20.00")
    none = tally(month, "measure", "record", "after_sale", *of_april)
    assert (none.code, "of after_sale can be recorded: none" in none.err) == (2, True)
    early = tally(month, "measure", "record", "stream", "--agreement", "season-dues", "--period", "2099-01")
    assert "name a period that is over" in early.err
