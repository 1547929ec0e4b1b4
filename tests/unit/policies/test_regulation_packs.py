"""Regulation packs: each rule speaks where it must and only there; findings cite, date and decide nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policies.agreement import Agreement
from policies.check import check
from policies.clauses.templates import is_templated
from policies.decisions.case import read_case
from policies.decisions.decide import decide
from policies.errors import AgreementRejected, Finding
from policies.loading import load_agreement
from policies.packs.findings import findings
from policies.packs.notice import notice_days
from policies.packs.pack import Pack, Rule, RuleTest
from policies.packs.page import page_text
from policies.packs.shipped import PackRejected, packs_named, packs_of, read_pack, shipped_packs

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "regulation-packs.md"

BASE: dict[str, Any] = {
    "language": "1",
    "agreement": "host",
    "version": "1",
    "title": {"zh": "例", "en": "Host"},
    "effective_from": "2026-07-01",
    "currency": "CNY",
    "time_zone": "Asia/Shanghai",
    "prevailing_language": "zh",
    "stage": "deep_binding",
    "model": "alliance",
    "jurisdiction": "CN",
    "parties": {
        "platform": {"role": "platform", "name": {"zh": "平台", "en": "Platform"}},
        "brand": {"role": "merchant", "name": {"zh": "品牌方", "en": "Brand"}},
        "mcn": {"role": "mcn", "name": {"zh": "机构", "en": "Agency"}},
        "streamer": {"role": "streamer", "name": {"zh": "主播", "en": "Streamer"}},
    },
    "payees": {"consumers": {"name": {"zh": "买家", "en": "Buyers"}}},
    "facts": {
        "paid": {"type": "money", "of": "order", "text": {"zh": "实付", "en": "paid"}},
        "buyer": {"type": "text", "of": "order", "default": "", "text": {"zh": "买家", "en": "buyer"}},
    },
}
TEXT = {"zh": "约定如下。", "en": "As agreed."}
OTHER = {"id": "99", "kind": "venue", "text": {"zh": "协商解决。", "en": "By talks."}}

CASES = [
    pytest.param(pack, rule, test, id=f"{pack.pack}.{rule.id}-{number}")
    for pack in shipped_packs()
    for rule in pack.rules
    for number, test in enumerate(rule.tests, 1)
]


def with_words(clause: dict[str, Any]) -> dict[str, Any]:
    """Return a clause with words, those of its kind where it is written with the kind's parameters."""
    said = {"text": TEXT, **clause}
    return clause if is_templated(said) else said


def document(clauses: list[dict[str, Any]], **more: Any) -> Agreement:
    written = [with_words(clause) for clause in clauses]
    plain = {**BASE, "clauses": [*written, OTHER], **more}
    return load_agreement(json.dumps(plain, default=str), name="test")


def of_rule(found: list[Finding], pack: Pack, rule: Rule) -> list[Finding]:
    return [one for one in found if one.code == f"{pack.pack}.{rule.id}"]


@pytest.mark.parametrize(("pack", "rule", "test"), CASES)
def test_a_rule_speaks_where_it_must_and_only_there(pack: Pack, rule: Rule, test: RuleTest) -> None:
    agreement = document(list(test.clauses), **test.document)
    found = of_rule(list(findings(agreement, [pack])), pack, rule)
    assert len(found) == test.finds
    severity = {"block": "error"}.get(rule.severity, rule.severity)
    assert all(one.severity == severity for one in found)


@pytest.mark.parametrize("pack", shipped_packs(), ids=lambda pack: pack.pack)
def test_a_pack_is_called_as_its_file(pack: Pack) -> None:
    assert (ROOT / "policies" / "packs" / f"{pack.pack}.yaml").is_file()


UNPAID = {"id": "12.3", "kind": "exclusivity", "holder": "brand", "toward": "platform"}


def test_unpaid_exclusivity_toward_a_platform_stops_signing() -> None:
    found = [one for one in check(document([UNPAID])) if one.code == "cn-ecommerce.unpaid-exclusivity"]
    assert [one.severity for one in found] == ["error"]
    assert found[0].path == "clauses[0]"


def test_a_finding_of_law_cites_its_article_since_when_and_is_no_advice() -> None:
    found = next(one for one in check(document([UNPAID])) if one.code == "cn-ecommerce.unpaid-exclusivity")
    assert "E-Commerce Law, 22 (in force since 2019-01-01)" in found.message
    assert "not legal advice" in found.message
    assert found.message_zh is not None
    assert "《电子商务法》22（自 2019-01-01 起施行）" in found.message_zh
    assert "非法律意见" in found.message_zh
    assert found.law is not None
    (pack,) = packs_named(["cn-ecommerce"])
    assert found.law["pack"] == "cn-ecommerce"
    assert found.law["pack_sha256"] == pack.sha256
    assert found.law["legal_advice"] is False
    assert found.as_json()["law"] == found.law


def test_what_a_clause_does_not_say_is_told_and_never_passed() -> None:
    grant = {"id": "7.1", "kind": "storage", "holder": "platform"}
    pack = read_pack(OWN_PACK, name="own.yaml")
    found = list(findings(document([grant]), [pack]))
    assert [one.severity for one in found] == ["info"]
    assert "does not give days" in found[0].message


OWN_PACK = """\
pack: own
title: {zh: 自有规则, en: House rules}
jurisdictions: [CN]
as_of: 2026-07-01
sources:
  house: {title: {zh: 内部规定, en: House rules}, in_force: 2026-01-01}
rules:
  - id: storage-days
    cites: [{source: house, article: "1"}]
    kinds: [storage]
    terms: {days: count}
    must: clause.days >= 30
    severity: warning
    text: {zh: 保存三十日。, en: Stored for thirty days.}
    do: {zh: 延长。, en: Store longer.}
    tests: [{finds: 1}, {finds: 0}]
"""


def test_a_document_of_another_jurisdiction_is_not_checked_by_these_packs() -> None:
    agreement = document([UNPAID], jurisdiction="SG")
    assert packs_of("SG") == ()
    assert list(findings(agreement)) == []


def test_a_law_not_yet_in_force_says_nothing() -> None:
    agreement = document([UNPAID], effective_from="2018-12-31")
    assert "cn-ecommerce.unpaid-exclusivity" not in {one.code for one in check(agreement)}


def test_no_packs_no_findings_of_law() -> None:
    assert not any(one.law for one in check(document([UNPAID]), packs=[]))


def test_the_worked_example_has_no_finding_of_law(example: Agreement) -> None:
    assert [one.code for one in check(example) if one.law] == []


def test_a_pinned_pack_is_part_of_what_is_signed() -> None:
    (pack,) = packs_named(["cn-ecommerce"])
    plain, pinned = document([]), document([], packs=[{"id": pack.pack, "sha256": pack.sha256}])
    assert plain.sha256 != pinned.sha256
    assert b'"packs"' not in plain.canonical
    assert "packs.changed" not in {one.code for one in check(pinned)}


def test_a_decision_names_the_packs_that_its_document_pins() -> None:
    (pack,) = packs_named(["cn-ecommerce"])
    pins = [{"id": pack.pack, "sha256": pack.sha256}]
    clause = {"id": "5.1", "kind": "note", "effects": [{"id": "told", "text": TEXT}]}
    case = read_case("clause: '5.1'\nclaim: {claimant: brand, respondent: mcn}\n", name="case")
    assert decide([document([clause], packs=pins)], case).as_json()["packs"] == pins
    assert "packs" not in decide([document([clause])], case).as_json()


def test_the_rules_of_the_forced_choice_dispute_may_not_be_signed() -> None:
    path = ROOT / "examples" / "disputes" / "D06" / "agreement.yaml"
    agreement = load_agreement(path.read_text(encoding="utf-8"), name="D06")
    found = [one for one in check(agreement) if one.severity == "error"]
    assert [(one.code, one.path) for one in found] == [("cn-ecommerce.unpaid-exclusivity", "clauses[1]")]


FULL: dict[str, Any] = {
    "id": "12.1", "kind": "exclusivity", "holder": "brand", "toward": "platform",
    "field": {"zh": "美妆", "en": "beauty"}, "starts": "2026-07-01", "ends": "2026-12-31",
    "penalty": "1000.00",
}  # fmt: skip


def test_a_named_kind_is_read_by_its_parameters() -> None:
    def codes(clause: dict[str, Any]) -> set[str]:
        return {one.code for one in check(load(clause)) if one.law}

    def load(clause: dict[str, Any]) -> Agreement:
        plain = {**BASE, "clauses": [clause, OTHER]}
        return load_agreement(json.dumps(plain, default=str), name="test")

    assert "cn-ecommerce.unpaid-exclusivity" in codes(FULL)
    paid = codes({**FULL, "consideration": "50_000.00"})
    assert "cn-ecommerce.unpaid-exclusivity" not in paid
    assert "cn-competition.exclusivity-of-the-dominant" in paid


@pytest.mark.parametrize("name", ["cn-ecommerce", "cn-nothing"])
def test_a_pinned_pack_that_is_not_at_hand_is_told(name: str) -> None:
    agreement = document([], packs=[{"id": name, "sha256": "0" * 64}])
    found = [one for one in check(agreement, packs=[]) if one.code == "packs.changed"]
    assert [(one.severity, one.path) for one in found] == [("warning", "packs[0]")]


def test_a_pin_without_a_digest_is_refused() -> None:
    with pytest.raises(AgreementRejected) as refused:
        document([], packs=[{"id": "cn-ecommerce", "sha256": "latest"}])
    assert "SHA-256" in refused.value.findings[0].message


@pytest.mark.parametrize(
    ("jurisdiction", "affects_many", "on", "days"),
    [
        ("CN", False, date(2026, 3, 1), 7),
        ("CN", True, date(2026, 3, 1), 15),
        ("CN", True, date(2026, 1, 31), 7),
        ("DE", False, date(2026, 3, 1), 15),
    ],
)
def test_the_law_says_how_long_a_change_is_announced(
    jurisdiction: str,
    affects_many: bool,  # noqa: FBT001 (a column of the table above)
    on: date,
    days: int,
) -> None:
    notice = notice_days(packs_of(jurisdiction), affects_many=affects_many, on=on)
    assert notice is not None
    assert notice.days == days
    assert "in force since" in notice.citation.en


def test_no_pack_asks_for_no_notice() -> None:
    assert notice_days((), affects_many=True, on=date(2026, 3, 1)) is None


def test_a_pack_that_nobody_ships_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(PackRejected, match="did you mean 'cn-ecommerce'"):
        packs_named(["cn-ecomerce"])


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("clause.days >= 30", "clause.dais >= 30", "'clause.dais' is not declared; did you mean"),
        ("clause.days >= 30", "clause.days", "gives a number where a condition is needed"),
        ("source: house,", "source: hous,", "which 'sources' does not list"),
        ("tests: [{finds: 1}, {finds: 0}]", "tests: [{finds: 1}, {finds: 1}]", "one that it does not"),
        ("must: clause.days >= 30", "why: so", "Extra inputs"),
        ("    must: clause.days >= 30\n", "", "would always speak"),
        ("pack: own", "pack: own\npack: two", "stands here again"),
        ("kinds: [storage]", "kinds: [storage]\n    of: document", "chooses clauses"),
    ],
)
def test_a_pack_file_that_does_not_fit_is_refused(written: str, instead: str, message: str) -> None:
    assert written in OWN_PACK
    with pytest.raises(PackRejected, match=message):
        read_pack(OWN_PACK.replace(written, instead, 1), name="own.yaml")


def test_the_tests_of_a_pack_are_no_part_of_its_digest() -> None:
    pack = read_pack(OWN_PACK, name="own.yaml")
    assert read_pack(OWN_PACK.replace("{finds: 0}", "{finds: 2}, {finds: 0}"), name="a").sha256 == pack.sha256
    assert read_pack(OWN_PACK.replace(">= 30", ">= 31"), name="a").sha256 != pack.sha256


def test_the_reference_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_text()


def test_of_a_monitor_only_what_its_file_says_is_part_of_the_digest() -> None:
    text = (ROOT / "policies/packs/cn-advertising.yaml").read_text(encoding="utf-8")
    pack = read_pack(text, name="a")
    (monitor,) = pack.monitors or ()
    assert "payable" not in monitor.model_fields_set
    said = text.replace(
        "    severity: breach\n    under:", "    severity: breach\n    payable: false\n    under:"
    )
    assert said != text
    assert read_pack(said, name="a").sha256 != pack.sha256
