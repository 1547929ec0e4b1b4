"""Numbers, rates and dates are read from contract text as people write them; references are not numbers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from time import process_time

import pytest

from policies.words.text_numbers import MonthDay, Term, amounts_in, names_same, numbers_in, written

F = Fraction
P = F(1, 100)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        # rates
        ("费率 20%，另 ２０％，百分之三十", {20 * P, 30 * P}),
        ("百分之一百三十；百分之十二点五；百分之 15", {130 * P, F(125, 1000), 15 * P}),
        ("三成归主播，机构得七成五，3成另计", {30 * P, 75 * P}),
        ("万分之五的日违约金，2‰，千分之三", {F(5, 10_000), F(2, 1_000), F(3, 1_000)}),
        ("上调 2 个百分点，30 basis points, 50bp", {2 * P, F(30, 10_000), F(50, 10_000)}),
        ("20-40%，5 至 10%", {20 * P, 40 * P, 5 * P, 10 * P}),
        ("twenty percent, Twenty-five per cent, 30 per cent, 2.5%, 20 percentage points",
         {20 * P, 25 * P, 30 * P, F(1, 40)}),
        # amounts
        ("违约金 2,000,000.00 元", {F(2_000_000)}),
        ("违约金200万元，上限二百万元，两百万元，2百万", {F(2_000_000)}),
        ("一亿二千万元", {F(120_000_000)}),
        ("1.5万，３千元，两万五千元，两万五元，1-3万",
         {F(15_000), F(3_000), F(25_000), F(10_000), F(30_000)}),
        ("人民币贰佰万圆整；壹佰元伍角整", {F(2_000_000), F(201, 2)}),
        ("CNY500, RMB 2,000,000 and US$30", {F(500), F(2_000_000), F(30)}),
        ("2 million, two million, one hundred and twenty thousand yuan", {F(2_000_000), F(120_000)}),
        # days and other counts
        ("满十五日后结算，三个工作日内答辩，每迟延一日另计", {F(15), F(3)}),
        ("十五（15）日；fifteen (15) business days", {F(15)}),
        ("以T+15结算", {F(15)}),
        ("第十五日，on the 15th day of H5 and B2B trade", {F(15)}),
        ("fifteen days, twenty-one days, three sessions", {F(15), F(21), F(3)}),
        ("from 5 to 10 days, 3-7 days", {F(5), F(10), F(3), F(7)}),
        ("假一赔三，按价款的三倍", {F(3)}),
        ("15.", {F(15)}),
        # days of the calendar
        ("至 2026-11-11 止，即2026年11月11日、2026.11.11、2026/11/11", {date(2026, 11, 11)}),
        ("二〇二六年十一月十一日", {date(2026, 11, 11)}),
        ("by November 11, 2026 or 12 November 2026", {date(2026, 11, 11), date(2026, 11, 12)}),
        ("the 11th of November 2026; Nov. 12, 2026", {date(2026, 11, 11), date(2026, 11, 12)}),
        ("11月11日前；十二月一日；on 3 May", {MonthDay(11, 11), MonthDay(12, 1), MonthDay(5, 3)}),
    ],
)  # fmt: skip
def test_text_is_read_as_people_write_it(text: str, terms: set[Term]) -> None:
    assert numbers_in(text) == terms


@pytest.mark.parametrize(
    "text",
    [
        "双11、双十一、618大促期间",
        "第 9.1-b 条、第六条第二款、第三阶段、第 2 版、法释〔2023〕13号 65、民法典585",
        "国令810；国务院令第810号；（2023）最高法民终123号；附件一与附件 2",
        "clause 9.2, Clauses 9.2 and 9.3, section 4(b), Article 585, Arts. 20, Civil Code 585",
        "Annex 3, Schedule 2, version 2, stage 1, tier 3, Order No. 810, ISO 4217, GB 2760-2014",
        "① 品牌方；② 主播；（1）甲方；(2) the agency",
        "1. 品牌方承诺\n2、主播承诺",
        "2026年度，2026年11月，in 2026, November 2026",
        "晚 20:00 开播，24/7 support，https://example.test/2026/11",
        "一方不得；第一次；任何一方；双方；每一件商品；每一日；逐一；唯一；同一人",
        "成交；三方协议；the one who may not; one party",
    ],
)
def test_what_is_no_term_is_passed_over(text: str) -> None:
    assert numbers_in(text) == set()


def test_a_number_beside_a_citation_is_still_a_number() -> None:
    assert numbers_in("民法典585之外另付 30 元") == {F(30)}
    assert numbers_in("第 9.2 条：10 日内付 5%") == {F(10), 5 * P}


def test_ids_of_the_document_are_references_but_rates_and_amounts_of_the_same_digits_are_not() -> None:
    ids = ["9.2", "9.1-b", "15"]
    assert numbers_in("since 9.2 says cash, and 9.1-b too", references=ids) == set()
    assert numbers_in("9.2% and 9.20 within 15 days", references=ids) == {F(23, 250), F(46, 5), F(15)}
    assert numbers_in("9.2 元", references=ids) == {F(46, 5)}


def test_a_day_of_any_year_is_a_term_where_a_term_falls_on_it() -> None:
    assert names_same(MonthDay(11, 11), {F(11), date(2026, 11, 11)})
    assert not names_same(MonthDay(11, 12), {F(11), date(2026, 11, 11)})


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("赔偿 50,000.00 元或贰佰万元", ("50,000.00 元", "贰佰万元")),
        ("a fee of CNY 500, or five hundred yuan; 3,000.00", ("CNY 500", "five hundred yuan", "3,000.00")),
        ("200 万元以内", ("200 万元",)),
        ("第 9.2 条，15 日内，20%，2026-11-11", ()),
    ],
)
def test_sums_of_money_are_told_from_other_numbers(text: str, amounts: tuple[str, ...]) -> None:
    assert amounts_in(text) == amounts


@pytest.mark.parametrize(
    ("term", "text"),
    [(F(15), "15"), (F(2_000_000), "2,000,000"), (F(13, 10), "130%"), (F(4_000_001, 2), "2,000,000.5"),
     (date(2026, 11, 11), "2026-11-11"), (F(1, 3), "100/3%"), (MonthDay(11, 1), "11-01")],
)  # fmt: skip
def test_terms_are_written_for_people(term: Term, text: str) -> None:
    assert written(term) == text


@pytest.mark.parametrize("text", ["2026-00-11 前", "0月5日", "on 0/0/0", "2026年00月01日"])
def test_a_month_that_is_none_names_no_day(text: str) -> None:
    assert not [term for term in numbers_in(text) if not isinstance(term, F)]


@pytest.mark.parametrize(
    "run", ["1", "1,000", "一", "亿", "贰佰", "１", "百分之一点", " ", "1" + " " * 99, "one ", "第1"]
)
def test_no_run_of_characters_takes_time_by_its_square(run: str) -> None:
    text = (f"3 日{run * 4000}")[:4000]
    started = process_time()
    found = numbers_in(text)
    amounts_in(text)
    assert process_time() - started < 2
    assert F(3) in found
    assert all(len(written(term)) < 500 for term in found)


def test_at_once_in_one_sum_is_no_number_and_once_still_is() -> None:
    assert numbers_in("一次性支付 800.00 元") == {F(800)}
    assert numbers_in("限一次") == {F(1)}
