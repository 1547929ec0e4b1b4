"""`tallystick decide`: a case decided with no database, as scripts outside the project call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.command_line import AGREEMENT, EXAMPLES, Ran, tally, tally_process

KEYS = {
    "outcome", "amount_minor", "amount", "components", "clauses", "law", "postings", "uncovered", "effects",
    "missing", "trace", "human_review", "review",
}  # fmt: skip
POSTING_KEYS = {
    "seq", "from", "to", "amount_minor", "amount", "currency", "kind", "phase", "status", "clause",
}  # fmt: skip


def case_text(name: str) -> str:
    return (EXAMPLES / "cases" / f"{name}.yaml").read_text(encoding="utf-8")


def decide(tmp_path: Path, text: str, *agreements: Path, name: str = "case.yaml") -> Ran:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tally(tmp_path, "decide", *(agreements or (AGREEMENT,)), tmp_path / name, "--json")


@pytest.mark.parametrize("name", ["D01", "D05"])
def test_a_decision_has_every_documented_key(tmp_path: Path, name: str) -> None:
    ran = decide(tmp_path, case_text(name))
    assert ran.code == 0
    assert set(ran.json) >= KEYS
    for posting in ran.json["postings"]:
        assert set(posting) - {"memo"} == POSTING_KEYS
        assert posting["phase"] == "decision"
        assert type(posting["amount_minor"]) is int


def test_d01_is_rejected_and_moves_nothing(tmp_path: Path) -> None:
    found = decide(tmp_path, case_text("D01")).json
    assert found["outcome"] == "rejected"
    assert found["amount_minor"] == 0
    assert found["postings"] == []
    assert found["missing"] == []
    assert found["human_review"] is False
    assert "6.2" in found["clauses"]
    assert found["trace"]


def test_d05_is_granted_in_part_with_the_postings_of_the_case(tmp_path: Path) -> None:
    found = decide(tmp_path, case_text("D05")).json
    assert found["outcome"] == "granted_in_part"
    assert found["amount_minor"] == 283_560_000
    assert sorted(found["components"].values()) == [78_000_000, 205_560_000]
    assert {one["kind"]: (one["from"], one["amount_minor"]) for one in found["postings"]} == {
        "price_difference": ("brand.balance", 205_560_000),
        "liquidated_damages": ("brand.balance", 78_000_000),
    }
    assert found["human_review"] is True
    assert found["effects"]


@pytest.mark.parametrize("name", ["D01", "D05"])
def test_a_case_in_json_is_decided_like_the_same_in_yaml(tmp_path: Path, name: str) -> None:
    as_json = json.dumps(yaml.load(case_text(name), yaml.BaseLoader), ensure_ascii=False)
    by_yaml, by_json = decide(tmp_path, case_text(name)), decide(tmp_path, as_json, name="case.json")
    assert by_json == by_yaml


def test_numbers_of_a_json_case_are_read_as_written(tmp_path: Path) -> None:
    text = json.dumps(yaml.load(case_text("D01"), yaml.BaseLoader)).replace('"1850.00"', "1850.00")
    assert "1850.00," in text
    assert (
        decide(tmp_path, text.replace('"299.00"', "299.00"), name="case.json").json["outcome"] == "rejected"
    )


def test_orders_may_be_a_file_beside_the_case(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "count,paid,freight,platform_coupon\n1000,299.00,10.00,20.00\n", "utf-8"
    )
    text = case_text("D01").split("orders:")[0] + "orders: orders.csv\nsettled:\n  mcn_share: 16690.00\n"
    assert decide(tmp_path, text) == decide(tmp_path, case_text("D01"), name="whole.yaml")


def test_an_orders_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    ran = decide(tmp_path, case_text("D01").split("orders:")[0] + "orders: gone.csv\n")
    assert (ran.code, ran.out) == (2, "")
    assert "gone.csv" in ran.err


def test_the_agreement_that_holds_the_clause_decides_among_several(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = AGREEMENT.read_text(encoding="utf-8").replace(
        "agreement: head-streamer", "agreement: another-deal"
    )
    other.write_text(text, encoding="utf-8")
    named = "agreement: head-streamer\n" + case_text("D01")
    alone = decide(tmp_path, named)
    assert alone.json["agreement"] == "head-streamer@1"
    assert decide(tmp_path, named, other, AGREEMENT) == alone
    assert decide(tmp_path, named, AGREEMENT, other) == alone


def test_a_clause_in_two_agreements_must_be_named(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = AGREEMENT.read_text(encoding="utf-8").replace(
        "agreement: head-streamer", "agreement: another-deal"
    )
    other.write_text(text, encoding="utf-8")
    ran = decide(tmp_path, case_text("D01"), AGREEMENT, other)
    assert (ran.code, ran.out) == (2, "")
    assert "another-deal" in ran.err


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('clause: "6.2"', 'clause: "6.9"', "6.9"),
        ("amount: 1850.00", "amount: lots", "lots"),
        ("claimant: mcn", "claiment: mcn", "claim"),
        ("paid: 299.00", "paid: 2.9.9", "2.9.9"),
        ("settled:", "setled:", "setled"),
    ],
)
def test_a_case_that_cannot_be_read_is_refused_by_name(tmp_path: Path, was: str, now: str, said: str) -> None:
    text = case_text("D01")
    assert was in text
    ran = decide(tmp_path, text.replace(was, now))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "case.yaml" in ran.err


def test_a_fact_in_dispute_leaves_it_undecided_and_is_named(tmp_path: Path) -> None:
    text = case_text("D05").replace("value: 257.70, status: proven", "value: 257.70, status: disputed")
    found = decide(tmp_path, text).json
    assert found["outcome"] == "undecided"
    assert "later.price" in found["missing"]
    assert found["postings"] == []


def test_people_read_the_outcome_in_both_languages(tmp_path: Path) -> None:
    case = EXAMPLES / "cases" / "D05.yaml"
    assert "2,835,600.00" in tally(tmp_path, "decide", AGREEMENT, case).out
    assert "部分支持" in tally(tmp_path, "decide", AGREEMENT, case, "--lang", "zh").out


def test_a_process_of_its_own_prints_one_json_value_and_writes_nothing(tmp_path: Path) -> None:
    case = EXAMPLES / "cases" / "D05.yaml"
    ran = tally_process(tmp_path / "data", "decide", AGREEMENT, case, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["outcome"] == "granted_in_part"
    assert not (tmp_path / "data").exists()
    assert tally_process(tmp_path, "decide", AGREEMENT).code == 2


def test_counterfactuals_tell_at_which_price_nothing_would_be_due(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(case_text("D05"), encoding="utf-8")
    asked = ("decide", AGREEMENT, tmp_path / "case.yaml", "--counterfactuals")
    english, chinese = tally(tmp_path, *asked), tally(tmp_path, *asked, "--lang", "zh")
    assert "  - Had later price been 429.00 or more, nothing would be due.\n" in english.out
    assert "  - 其后售价若为 429.00 或以上，则无须支付。\n" in chinese.out
    found = tally(tmp_path, *asked, "--json").json["counterfactuals"]
    assert found["complete"]
    unpaid = {one["fact"]: one for one in found["found"] if one["outcome"] == "rejected"}
    assert (unpaid["later.price"]["from"], unpaid["later.price"]["to"]) == ("429.00", None)
    assert unpaid["later.channel"]["anything_but"] == ["brand_store", "brand_live"]
