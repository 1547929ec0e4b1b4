"""A broken clause of a kind is told where it is broken, in both languages; a sound one is completed once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from policies.agreement import Agreement
from policies.check import check
from policies.decisions.case import read_case
from policies.decisions.decide import decide
from policies.errors import AgreementRejected, Finding
from policies.kinds_page import HOST
from policies.loading import agreement_from_canonical, load_agreement

SLOT = """\
  - id: "4.3"
    kind: slot_fee
    holder: mcn
    toward: brand
    fee: 800_000.00
    guaranteed: 4_000_000.00
"""


def loaded(clause: str = SLOT, host: str = HOST) -> Agreement:
    return load_agreement(host + clause, name="deal")


def refused(old: str, new: str, host: str = HOST) -> Finding:
    assert old in SLOT
    with pytest.raises(AgreementRejected) as refusal:
        loaded(SLOT.replace(old, new), host)
    (finding,) = refusal.value.findings
    return finding


LINE = HOST.count("\n")


def test_a_misspelt_parameter_is_told_the_nearest_one_in_both_languages() -> None:
    found = refused("guaranteed:", "guarantee:")
    assert (found.path, found.line) == ("clauses[0].guarantee", LINE + 6)
    assert "did you mean 'guaranteed'?" in found.message
    assert "是否应为“guaranteed”" in str(found.message_zh)


def test_a_missing_parameter_is_named_at_its_clause() -> None:
    found = refused("    fee: 800_000.00\n", "")
    assert (found.path, found.line) == ("clauses[0].fee", LINE + 1)
    assert "'fee' is required here" in found.message
    assert "fee" in str(found.message_zh)


@pytest.mark.parametrize(
    ("old", "new", "path", "says"),
    [
        ("800_000.00", "plenty", "clauses[0].fee", "'plenty' is not an amount such as 2_000_000.00"),
        ("800_000.00", "-5.00", "clauses[0].fee", "is not an amount"),
        ("800_000.00", "0.005", "clauses[0].fee", "more than 2 places"),
        ("holder: mcn", "holder: mnc", "clauses[0].holder", "did you mean 'mcn'?"),
        ("800_000.00", "800_000.00\n    commission: six", "clauses[0].commission", "not a rate such as 5%"),
        ("800_000.00", "800_000.00\n    valid: sold", "clauses[0].valid", "'sold' is not declared"),
        ("800_000.00", "800_000.00\n    days_in_year: year", "clauses[0].days_in_year", "not a whole number"),
    ],
)
def test_a_wrong_value_is_told_inside_the_clause(old: str, new: str, path: str, says: str) -> None:
    found = refused(old, new)
    assert found.path == path
    assert found.line is not None
    assert says in found.message
    assert found.message_zh


def test_a_kind_nobody_shipped_is_offered_the_nearest_kind() -> None:
    found = [one.message for one in _findings(SLOT.replace("slot_fee", "slot_fees"))]
    assert all("did you mean 'slot_fee'?" in one for one in found if "plain clause" in one)
    assert found


def _findings(clause: str) -> tuple[Finding, ...]:
    with pytest.raises(AgreementRejected) as refusal:
        loaded(clause)
    return refusal.value.findings


def test_a_fact_declared_otherwise_is_told_at_the_fact() -> None:
    other = "facts:\n  valid_sales: {type: count, of: case, text: {zh: 件数, en: pieces}}\n"
    found = refused("mcn", "mcn", HOST.replace("facts:\n", other))
    assert (found.code, found.path) == ("fact.otherwise", "facts.valid_sales")


def test_what_is_left_to_the_kind_is_part_of_what_is_signed() -> None:
    agreement = loaded()
    assert agreement.document.facts["valid_sales"].text.en == "valid sales"
    assert "800,000.00 元" in agreement.document.clauses[0].text.zh
    again = agreement_from_canonical(agreement.canonical, name="again")
    assert again == agreement
    assert again.document.clauses[0].core() == agreement.document.clauses[0].core()


def test_words_and_facts_of_the_document_come_before_those_of_the_kind() -> None:
    own = "facts:\n  valid_sales: {type: money, of: case, text: {zh: 成交, en: net sales}}\n"
    agreement = loaded(SLOT + "    text: {zh: 坑位费, en: The slot fee}\n", HOST.replace("facts:\n", own))
    assert agreement.document.facts["valid_sales"].text.en == "net sales"
    assert agreement.document.clauses[0].text.en == "The slot fee"


def test_a_clause_with_its_own_words_and_none_of_the_parameters_is_a_plain_clause() -> None:
    plain = '  - {id: "4.3", kind: slot_fee, text: {zh: 坑位费另议, en: The fee is agreed apart}}\n'
    agreement = loaded(plain)
    assert not agreement.document.clauses[0].computed
    assert "clause.text-only" in {one.code for one in check(agreement)}
    assert agreement_from_canonical(agreement.canonical, name="again") == agreement


def test_what_a_clause_says_itself_joins_what_its_kind_says() -> None:
    more = """\
    when: not excused
    remedies:
      - {kind: fine, from: mcn.balance, to: brand.balance, amount: 100.00}
"""
    host = HOST.replace(
        "facts:\n", "facts:\n  excused: {type: bool, of: case, text: {zh: 免责, en: excused}}\n"
    )
    agreement = loaded(SLOT + more, host)
    case = 'clause: "4.3"\nclaim: {claimant: brand, respondent: mcn}\nfacts: {valid_sales: 0.00, excused: %s}'
    assert decide([agreement], read_case(case % "false", name="c")).amount_minor == 80_010_000
    assert decide([agreement], read_case(case % "true", name="c")).outcome == "rejected"


def test_a_document_without_kinds_reads_no_kind_file() -> None:
    program = (
        "from policies.clauses.templates import template\n"
        "from policies.loading import load_agreement\n"
        "load_agreement(open('examples/disputes/D02/agreement.yaml').read(), name='x')\n"
        "assert template.cache_info().currsize == 0\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
