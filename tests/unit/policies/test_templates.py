"""Every starting agreement is whole: it loads, checks clean, splits, decides and reads as a contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from policies.agreement import Agreement
from policies.check import check
from policies.clauses import KINDS
from policies.clauses.templates import template_names
from policies.decisions.case import read_case
from policies.decisions.decide import decide
from policies.document import Stage
from policies.facts import order_facts
from policies.loading import load_agreement
from policies.render import contract, write_html, write_pdf, write_text
from policies.splits.line import split_plan
from policies.stages import STAGES, features, stages, unlocked_at
from policies.templates import MODELS, TemplateUnknown, stage_pack, starting_agreement

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "templates.md").read_text(encoding="utf-8")
EVERY = [(model, stage) for model in MODELS for stage in STAGES]

CASES: dict[str, dict[str, Any]] = {
    "initial": {
        "clause": "3.3",
        "claim": {"claimant": "streamer", "respondent": "platform", "amount": "500.00"},
        "facts": {"amount_due": "100000.00", "due_on": "2027-01-05", "paid_on": "2027-01-15"},
        "expect": 50_000,
    },
    "deep_binding": {
        "clause": "5.3",
        "facts": {"pieces_taken": "6000", "stock_left": "100"},
        "expect": 2_920_000,
    },
    "strategic_alliance": {
        "clause": "6.1",
        "facts": {"valid_sales": "8000000.00"},
        "expect": 10_000_000,
    },
    "full_integration": {
        "clause": "6.4",
        "claim": {"claimant": "streamer", "amount": "80000.00"},
        "facts": {"co_branded_sales": "1000000.00"},
        "expect": 8_000_000,
    },
}
"""A case under the clause that each stage adds, and what it comes to in minor units."""


def document(model: str, stage: str) -> Agreement:
    text = starting_agreement(model, stage, agreement="autumn-2026")
    return load_agreement(text, name=f"{model}-{stage}.yaml")


@pytest.mark.parametrize(("model", "stage"), EVERY)
def test_it_checks_with_nothing_to_mend(model: str, stage: str) -> None:
    agreement = document(model, stage)
    assert (agreement.id, agreement.document.model, agreement.document.stage) == ("autumn-2026", model, stage)
    assert [one for one in check(agreement) if one.severity != "info"] == []
    own_cases = [one for one in agreement.document.tests if one.case is not None]
    assert len(own_cases) == 1 + STAGES.index(stage)
    assert len(agreement.document.split_tests) == 2 + (stage != "initial")


@pytest.mark.parametrize(("model", "stage"), EVERY)
def test_it_splits_an_order_that_its_tests_do_not_name(model: str, stage: str) -> None:
    agreement = document(model, stage)
    facts = order_facts(agreement, {"paid": "4567.89", "freight": "12.00"}, where="order")
    split = split_plan(agreement).split(facts)
    assert sum(leg.amount_minor for leg in split.legs.values()) == split.whole.posted == 456_789


@pytest.mark.parametrize(("model", "stage"), EVERY)
def test_it_decides_a_case_under_what_its_stage_adds(model: str, stage: str) -> None:
    agreement = document(model, stage)
    seller = "platform" if model == "self_operated" else "brand"
    given = dict(CASES[stage])
    expected = given.pop("expect")
    other = {"claimant": seller, "respondent": "streamer", "amount": "900000.00"}
    claim = {**other, **given.get("claim", {})}
    if claim["claimant"] == "streamer" and stage != "initial":
        claim["respondent"] = seller
    case = read_case(json.dumps({"decided_at": "2027-02-01", **given, "claim": claim}), name="case.json")
    assert decide([agreement], case).amount_minor == expected


@pytest.mark.parametrize(("model", "stage"), EVERY)
def test_it_reads_as_a_contract_in_every_form(model: str, stage: str) -> None:
    agreement = document(model, stage)
    for language in ("zh", "en"):
        shown = write_text(contract(agreement, "zh" if language == "zh" else "en"))
        assert "«" not in shown
        assert "None" not in shown
    assert "<table>" in write_html(contract(agreement, "both"))
    assert write_pdf(agreement, "zh").startswith(b"%PDF")


@pytest.mark.parametrize(("model", "stage"), EVERY)
def test_it_is_commented_and_uses_what_its_stage_unlocks(model: str, stage: str) -> None:
    text = starting_agreement(model, stage, agreement="x")
    assert "«" not in text
    assert sum(line.lstrip().startswith("#") for line in text.splitlines()) > 12
    used = {feature for clause in document(model, stage).document.clauses for feature in features(clause)}
    reached = {unlocked_at(one) for one in used}
    assert reached == set(STAGES[: STAGES.index(stage) + 1])


def test_a_clause_of_a_later_stage_is_a_warning_with_a_way_out() -> None:
    text = starting_agreement("platform", "deep_binding", agreement="x")
    early = load_agreement(text.replace("stage: deep_binding", "stage: initial"), name="early.yaml")
    found = [one for one in check(early) if one.code == "stage.too-early"]
    assert [one.path for one in found] == ["clauses[9].kind", "clauses[10].kind", "clauses[11].kind"]
    assert {one.severity for one in found} == {"warning"}
    assert "write 'stage: deep_binding'" in found[0].message
    assert "深度绑定" in (found[0].message_zh or "")
    assert "uses Exclusivity (exclusivity)" in found[1].message
    assert "独家合作" in (found[1].message_zh or "")


def test_what_a_stage_unlocks_stays_open() -> None:
    assert unlocked_at("nobody_shipped_this") == "initial"
    order = [unlocked_at(name) for terms in stages().values() for name in terms.unlocks]
    assert order == sorted(order, key=STAGES.index)
    assert len({name for terms in stages().values() for name in terms.unlocks}) == len(order)


@pytest.mark.parametrize("kind", sorted(template_names() | set(KINDS)))
def test_every_named_kind_has_a_stage(kind: str) -> None:
    assert any(kind in terms.unlocks for terms in stages().values())


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(TemplateUnknown, match="there is no starting agreement for barter at initial"):
        starting_agreement("barter", "initial", agreement="x")


@pytest.mark.parametrize("name", [*MODELS, *STAGES])
def test_the_page_has_a_section_for_each_model_and_stage(name: str) -> None:
    assert f"\n### {name}\n" in PAGE


def test_the_page_names_everything_that_a_stage_unlocks() -> None:
    missing = [name for terms in stages().values() for name in terms.unlocks if f"`{name}`" not in PAGE]
    assert missing == []


@pytest.mark.parametrize(("model", "stage"), EVERY)
def test_the_pack_of_a_stage_is_what_it_adds_to_the_stage_before(model: str, stage: str) -> None:
    here = STAGES.index(cast("Stage", stage))
    if here == 0:
        assert stage_pack(model, stage) == ""
        return
    pack = yaml.load(stage_pack(model, stage), Loader=yaml.BaseLoader)
    before = {one.id for one in document(model, STAGES[here - 1]).document.clauses}
    added = [one.id for one in document(model, stage).document.clauses if one.id not in before]
    assert [one["id"] for one in pack["clauses"]] == added
    with pytest.raises(TemplateUnknown):
        stage_pack(model, "friendship")
