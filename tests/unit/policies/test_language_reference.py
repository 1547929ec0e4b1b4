"""The reference pages are true: their documents load, clauses fit, formulas read, and every code is listed.

A page's `yaml clause` blocks are put together into one agreement under `HOST`, or under the page's own
`yaml host` block: a document without clauses, whose last line is `clauses:`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
import yaml

from policies.agreement import Agreement
from policies.check import check
from policies.clauses import KINDS
from policies.decisions.case import case_events, case_facts, case_rows, read_case
from policies.errors import FormulaError
from policies.formulas.exact import Facts, Unknown, evaluate
from policies.formulas.parse import AGGREGATES, ARITY, TABLE_READS, parse
from policies.formulas.types import infer
from policies.loading import load_agreement
from policies.references import case_scope, row_scopes

ROOT = Path(__file__).parents[3]
PAGES = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "reference").glob("*.md"))
}
EVERY_PAGE = "\n".join(PAGES.values())


def blocks(mark: str, text: str = EVERY_PAGE) -> list[str]:
    return re.findall(rf"^```{mark}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


HOST = """\
language: 1
agreement: host
version: 1
title: {zh: 例, en: Host}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: full_integration
model: platform
jurisdiction: CN
parties:
  platform: {role: platform, name: {zh: 平台, en: Platform}}
  brand: {role: merchant, name: {zh: 品牌, en: Brand}}
  mcn: {role: mcn, name: {zh: 机构, en: Agency}}
  streamer: {role: streamer, name: {zh: 主播, en: Streamer}}
payees:
  consumers: {name: {zh: 买家, en: Buyers}}
facts:
  paid: {type: money, of: order, text: {zh: 实付, en: paid}}
  freight: {type: money, of: order, default: "0.00", text: {zh: 运费, en: freight}}
  platform_coupon: {type: money, of: order, default: "0.00", text: {zh: 券, en: coupon}}
  days_late: {type: count, of: case, text: {zh: 迟延日数, en: days late}}
  malicious: {type: bool, of: case, text: {zh: 恶意, en: malicious}}
  claimed: {type: bool, of: case, text: {zh: 已请求, en: claimed}}
  month_net_sales: {type: money, of: case, text: {zh: 当月净成交额, en: net sales of the month}}
  caused_by_streamer: {type: bool, of: case, text: {zh: 主播所致, en: caused by the streamer}}
  live.price: {type: money, of: case, text: {zh: 专场价, en: live price}}
  live.sku: {type: text, of: case, text: {zh: 专场商品, en: live item}}
  later.price: {type: money, of: case, text: {zh: 其后价, en: later price}}
  later.sku: {type: text, of: case, text: {zh: 其后商品, en: later item}}
  later.channel: {type: text, of: case, text: {zh: 其后渠道, en: later channel}}
  later.on: {type: date, of: case, text: {zh: 其后日期, en: later day}}
order_facts_where: [paid >= 0, freight >= 0, platform_coupon >= 0, freight <= paid]
clauses:
"""


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if blocks("yaml agreement", text)])
def test_whole_documents_of_the_pages_load_and_check_without_error_or_warning(page: str) -> None:
    for text in blocks("yaml agreement", PAGES[page]):
        told = [one for one in check(load_agreement(text, name=page)) if one.severity != "info"]
        assert {one.code for one in told} <= {"settlement.not-yet"}, told


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if blocks("yaml clause", text)])
def test_all_clauses_of_a_page_fit_into_one_agreement_that_checks_clean(page: str) -> None:
    parts = []
    for text in blocks("yaml clause", PAGES[page]):
        first, *rest = text.rstrip().splitlines()
        parts.append("\n".join([f"  - {first}", *(f"    {line}" for line in rest)]))
    (host,) = blocks("yaml host", PAGES[page]) or [HOST]
    agreement = load_agreement(host + "\n".join(parts) + "\n", name=page)
    told = [one for one in check(agreement) if one.severity != "info"]
    wrong = [one for one in told if one.code != "settlement.not-yet"]
    assert not wrong, wrong


def _examples() -> list[tuple[str, str, str]]:
    return [
        (page, line.partition(" -> ")[0], line.partition(" -> ")[2])
        for page, text in PAGES.items()
        for line in "".join(blocks("formula values", text)).splitlines()
    ]


@cache
def _facts(page: str) -> tuple[Agreement, Facts]:
    (document,) = blocks("yaml agreement", PAGES[page])
    (given,) = blocks("yaml case", PAGES[page])
    agreement, case = load_agreement(document, name=page), read_case(given, name=page)
    rows = case_events(agreement, case) | {"orders": case_rows(agreement, case) or ()}
    return agreement, Facts(case_facts(agreement, case), rows, lambda x: Fraction(round(x * 100), 100))


@pytest.mark.parametrize(("page", "text", "value"), _examples())
def test_examples_of_the_pages_give_what_they_say(page: str, text: str, value: str) -> None:
    agreement, facts = _facts(page)
    node = agreement.formula(text)
    infer(node, case_scope(agreement), row_scopes(agreement))
    if value.startswith("error: "):
        with pytest.raises(FormulaError, match=re.escape(value.removeprefix("error: "))):
            evaluate(node, facts)
    elif value == "unknown":
        assert isinstance(evaluate(node, facts), Unknown)
    else:
        assert evaluate(node, facts) == evaluate(parse(value), facts)


def test_every_kind_and_every_function_has_an_example() -> None:
    shown = {yaml.safe_load(text)["kind"] for text in blocks("yaml clause")}
    assert shown >= KINDS.keys()
    formulas = "\n".join(blocks("formula values"))
    for function in (*ARITY, *AGGREGATES, *TABLE_READS):
        assert f"{function}(" in formulas, function


def test_every_key_of_every_clause_model_stands_on_a_page() -> None:
    for model in KINDS.values():
        for name, field in model.model_fields.items():
            assert f"{field.alias or name}" in EVERY_PAGE, (model.__name__, name)


def test_every_code_that_a_check_gives_is_listed() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "policies" / "checks").glob("*.py")
    )
    codes = set(re.findall(r'^\s+"([a-z]+\.[a-z-]+)",$', sources, re.MULTILINE))
    codes |= set(re.findall(r'finding\("([a-z]+\.[a-z-]+)"', sources))
    assert "split.funding" in codes
    assert all(f"`{code}`" in EVERY_PAGE for code in codes), codes
