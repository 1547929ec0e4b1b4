"""`session` and `lottery`: sales by the ledger, shares of a promotion, a draw that anyone redoes."""

from __future__ import annotations

import csv
import shutil
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from api.office.opening import Office
from api.office.registers import tell_event
from tests.command_line import EXAMPLES, Ran, office_at, tally

WEEK = EXAMPLES / "orders" / "autumn-week-5.csv"
"""The last export of the week's orders, some refunded, which the example imports."""

CHECKS = ("product_review", "licences", "price_snapshot", "script_check")
DIGEST = "ab" * 32


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-10-{text}:00+08:00")


class Shop:
    """The worked example, told of sessions."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def told(self, register: str, item: str, event: str, at: str | None = None, by: str = "mcn",
             **fields: str) -> None:  # fmt: skip
        of = {"party": "streamer"} if register == "training" else {"agreement": "head-streamer"}
        when = moment(at) if at else None
        tell_event(self.office, register, item, event, fields, by=by, occurred_at=when, **of)

    def session(self, name: str, start: str, end: str, *, sku: str = "", **fields: str) -> None:
        """Tell of a session from start to end, checked as it has to be."""
        self.told("session", name, "planned", start, host_type="creator", **fields)
        for check in CHECKS:
            self.told("session", name, "checked", start, check=check)
        self.told("session", name, "checked", start, check="training", shown_by="T1")
        if sku:
            self.told("session", name, "item_listed", start, sku=sku, price="1.00")
        self.told("session", name, "started", start)
        self.told("session", name, "counted", start, views="2000", interactions="500")
        self.told("session", name, "ended", end)


@pytest.fixture(scope="module")
def shop(example_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the worked example with four sessions, a promotion and a trained streamer."""
    data = Path(shutil.copytree(example_data, tmp_path_factory.mktemp("shop") / "data"))
    with office_at(data) as office:
        shop = Shop(office)
        shop.told("training", "T1", "planned", course="law_and_rules")
        shop.told("training", "T1", "passed", score="90", valid_until="2027-01-01")
        shares = {"mcn_share": "0%", "streamer_share": "33.33%", "merchant_share": "33.34%"}
        named = {"name": "autumn", "starts_on": "2026-10-01", "platform_share": "33.33%"}
        shop.told("promotion", "P1", "planned", **named, **shares)
        shop.told("promotion", "P1", "started")
        for amount, by in (("100.00", "merchant"), ("0.01", "mcn")):
            shop.told("promotion", "P1", "cost_spent", channel="feed_ads", amount=amount, paid_by=by)
        shop.told("promotion", "P1", "result_counted", channel="feed_ads", impressions="9000")
        shop.session("S1", "12 18:00", "15 00:00", promotion="P1")
        shop.told("session", "S1", "spoken", "12 18:01", at_ms="61500", said="lowest price")
        flag = {"rule": "absolute terms", "severity": "warning", "found_by": "model"}
        shop.told("session", "S1", "flagged", "12 18:02", "platform", at_ms="61500", **flag)
        shop.session("S2", "15 00:00", "20 00:00", sku="serum-30ml")
        shop.session("S3", "15 00:30", "20 00:00", sku="lipstick-12")
        shop.session("S4", "15 01:00", "20 00:00", sku="lipstick-12")
    return data


def sums(start: str, end: str, sku: str | None = None) -> tuple[int, int]:
    """Return what the file says was paid, and refunded, for orders between two times, in minor units."""
    paid = refunded = Decimal(0)
    with WEEK.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if f"2026-10-{start}" <= row["paid_at"] < f"2026-10-{end}" and sku in {None, row["sku"]}:
                paid += Decimal(row["paid"])
                refunded += Decimal(row["refunded"] or 0)
    return int(paid * 100), int(refunded * 100)


def test_a_session_is_reported_with_what_the_ledger_says_was_sold_in_it(shop: Path) -> None:
    report = tally(shop, "session", "report", "S1", "--json").json
    gross, refunded = sums("12 18:00", "15 00:00")
    assert (report["gross_minor"], report["refunded_minor"]) == (gross, refunded)
    assert report["net_minor"] == gross - refunded
    assert sum(one["gross_minor"] for one in report["items"]) == gross > 0
    assert report["conversion"] == str(Fraction(report["orders"], 2000))
    assert [(one["kind"], one["at_ms"]) for one in report["said"]] == [("spoken", 61500), ("flagged", 61500)]
    shown = tally(shop, "session", "report", "S1").out
    assert "by time and items listed" in shown
    assert "transcript of 1 parts, 1 flagged" in shown
    assert "kept until 2029-10-14" in shown


def test_sessions_at_one_time_share_no_order_and_items_listed_tell_them_apart(shop: Path) -> None:
    found = {
        name: tally(shop, "session", "report", name, "--json").json["gross_minor"]
        for name in ("S2", "S3", "S4")
    }
    serum = sums("15 00:00", "20 00:00", "serum-30ml")[0]
    lipstick = sums("15 00:30", "20 00:00", "lipstick-12")[0]
    assert found == {"S2": serum, "S3": lipstick, "S4": 0}
    assert serum > 0
    assert lipstick > 0


def test_a_promotion_says_who_bears_what_to_the_cent_and_what_it_brought(shop: Path) -> None:
    report = tally(shop, "session", "promotion", "P1", "--json").json
    bears = {one["role"]: one["bears_minor"] for one in report["shares"]}
    assert bears == {"platform": 3333, "mcn": 0, "streamer": 3333, "merchant": 3335}
    assert sum(bears.values()) == report["cost_minor"] == 10001
    assert sum(one["due_minor"] for one in report["shares"]) == 0
    gross, refunded = sums("12 18:00", "15 00:00")
    assert Fraction(report["roi"]) == Fraction(gross - refunded, 10001)
    assert "9,000 impressions" in tally(shop, "session", "promotion", "P1").out


def test_what_is_not_there_or_does_not_come_to_the_whole_is_refused(shop: Path) -> None:
    assert "[register.item.unknown]" in tally(shop, "session", "report", "S9").err
    asked = ("P2", "planned", "name=x", "starts_on=2026-10-01", "platform_share=50%", "mcn_share=0%")
    refused = tally(shop, "register", "tell", "promotion", *asked, "streamer_share=0%", "merchant_share=40%",
                    "--agreement", "head-streamer", "--by", "mcn")  # fmt: skip
    assert (refused.code, "the shares come to 100%" in refused.err) == (2, True)


def test_a_draw_can_be_redone_by_anyone_and_nothing_of_it_can_be_chosen_afterwards(
    shop: Path, tmp_path: Path
) -> None:
    people, joined = tmp_path / "entrants.txt", tmp_path / "joined.txt"
    people.write_text("\n".join(f"fan-{n:03}" for n in range(40)) + "\n", encoding="utf-8")
    joined.write_text(people.read_text(encoding="utf-8") + "friend\n", encoding="utf-8")
    made = tally(shop, "lottery", "seed", "--json").json

    def announce(name: str, value: str) -> Ran:
        prize = ("prize=serum", "winners=3", "closes_at=2026-11-16T12:00:00+08:00")
        asked = (*prize, f"commitment={made['commitment']}", f"prize_value={value}")
        of = ("--agreement", "head-streamer", "--by", "brand")
        return tally(shop, "register", "tell", "lottery", name, "announced", *asked, *of)

    def run(step: str, file: Path, *more: str) -> Ran:
        return tally(shop, "lottery", step, "L1", "--entrants", file, *more, "--by", "brand")

    assert "worth no more than the limit" in announce("L0", "50000.01").err
    assert announce("L1", "299.00").code == 0
    assert "[register.item.state]" in run("draw", people, "--seed", made["seed"]).err
    assert "closed with 40 entrants" in run("close", people).out
    assert "not the one that was announced" in run("draw", people, "--seed", "another").err
    sealed = tally(shop, "register", "tell", "lottery", "L1", "drawn", "seed=another", f"result={DIGEST}",
                   "--agreement", "head-streamer", "--by", "brand")  # fmt: skip
    assert "is not what was sealed as 'commitment'" in sealed.err
    assert "not the one that was fixed at closing" in run("draw", joined, "--seed", made["seed"]).err
    assert len(set(run("draw", people, "--seed", made["seed"], "--json").json["winners"])) == 3
    checked = tally(shop, "lottery", "check", "L1", "--entrants", people)
    assert (checked.code, "drawn again, the same win" in checked.out) == (0, True)
    assert "odds 3/40" in checked.out
    wrong = tally(shop, "lottery", "check", "L1", "--entrants", joined)
    assert (wrong.code, "differs: the list is not the one" in wrong.out) == (1, True)
