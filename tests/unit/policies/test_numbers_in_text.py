"""Numbers, rates and dates are read from contract text as people write them; references are not numbers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from policies.text_numbers import Term, numbers_in, written

F = Fraction


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("费率 20%，另 ２０％，百分之三十", {F(1, 5), F(3, 10)}),
        ("违约金 2,000,000.00 元", {F(2_000_000)}),
        ("违约金200万元，上限二百万元，两百万元", {F(2_000_000)}),
        ("一亿二千万元", {F(120_000_000)}),
        ("满十五日后结算，三个工作日内答辩", {F(15), F(3)}),
        ("万分之五的日违约金，2‰", {F(5, 10_000), F(2, 1_000)}),
        ("至 2026-11-11 止，即2026年11月11日", {date(2026, 11, 11)}),
        ("双11、双十一、618大促期间", set()),
        ("第 9.1-b 条、第六条第二款、法释〔2023〕13号 65、民法典585", set()),
        ("一方不得；第一次；任何一方", set()),
        ("民法典585之外另付 30 元", {F(30)}),
        ("以T+15结算", {F(15)}),
        ("fifteen days, twenty-one days, ten per cent", {F(15), F(21), F(1, 10)}),
        ("by November 11, 2026 or 12 November 2026", {date(2026, 11, 11), date(2026, 11, 12)}),
        ("2 million, 30 per cent, 2.5%", {F(2_000_000), F(3, 10), F(1, 40)}),
        ("clause 9.2, Clauses 9.2 and 9.3, section 4(b), Article 585", set()),
        ("on the 15th day of H5 and B2B trade", {F(15)}),
        ("15.", {F(15)}),
        ("from 5 to 10 days, 3-7 days", {F(5), F(10), F(3), F(7)}),
        ("the one who may not", set()),
    ],
)
def test_text_is_read_as_people_write_it(text: str, terms: set[Term]) -> None:
    assert numbers_in(text) == terms


def test_ids_of_the_document_are_references_but_rates_and_amounts_of_the_same_digits_are_not() -> None:
    ids = ["9.2", "9.1-b", "15"]
    assert numbers_in("since 9.2 says cash, and 9.1-b too", references=ids) == set()
    assert numbers_in("9.2% and 9.20 within 15 days", references=ids) == {F(23, 250), F(46, 5), F(15)}
    assert numbers_in("9.2 元", references=ids) == {F(46, 5)}


@pytest.mark.parametrize(
    ("term", "text"),
    [(F(15), "15"), (F(2_000_000), "2,000,000"), (F(13, 10), "130%"), (F(4_000_001, 2), "2,000,000.5"),
     (date(2026, 11, 11), "2026-11-11"), (F(1, 3), "100/3%")],
)  # fmt: skip
def test_terms_are_written_for_people(term: Term, text: str) -> None:
    assert written(term) == text
