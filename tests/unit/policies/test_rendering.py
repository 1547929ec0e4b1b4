"""An agreement reads in both languages, says its money path in words, and says what is not computed."""

from __future__ import annotations

import pytest

from policies.agreement import Agreement
from policies.render import contract, render, write_text
from policies.render.words import WORDS


def test_the_money_path_is_said_step_by_step(frozen: Agreement) -> None:
    commission = render(frozen, "en").sections[0]
    assert commission.heading == "How each order is shared"
    path = [(term.label, term.says, term.to, term.level) for term in commission.terms]
    share = "30% × (commission − alliance service fee)"
    assert ("technical service fee", "5% × the whole", "Platform·technical service fee", 0) in path
    assert ("MCN share", share, "Agency (MCN)·balance", 1) in path
    assert ("streamer share", "the rest of commission", "Head streamer·balance", 1) in path
    assert path[-2][:2] == ("brand's net", "the rest of the whole")


def test_chinese_readers_meet_their_own_words(frozen: Agreement) -> None:
    rendered = render(frozen, "zh")
    assert rendered.title == "头部主播专场合作协议"
    assert [section.heading for section in rendered.sections[:4]] == [
        "分佣顺序",
        "分成",
        "结算账期",
        "退款冲正",
    ]
    says = {term.label: term.says for term in rendered.sections[0].terms}
    assert says["机构分成"] == "30% × (佣金 − 联盟服务费)"


def test_what_is_not_computed_says_so(frozen: Agreement) -> None:
    standing = {section.id: section.standing for section in render(frozen, "en").sections}
    assert standing["14"] == "text_only"
    assert standing["9.1-b"] == "not_enforced"
    assert {standing[one] for one in ("6.1", "6.2", "7.1", "7.4", "9.1", "11.1", "13.1")} == {"computed"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_text_holds_every_clause_and_every_figure(frozen: Agreement, language: str) -> None:
    text = write_text(contract(frozen, "zh" if language == "zh" else "en"))
    for words in ("2,000,000.00", "130%", "1095", frozen.sha256, "2026-11-11"):
        assert words in text
    assert all(clause.id in text for clause in frozen.document.clauses)
    assert "None" not in text


def test_both_languages_have_every_fixed_word() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    assert all(word for words in WORDS.values() for word in words.values())


def test_rendering_is_plain_data_of_the_same_shape_in_both_languages(example: Agreement) -> None:
    zh, en = render(example, "zh"), render(example, "en")
    assert [len(one.terms) for one in zh.sections] == [len(one.terms) for one in en.sections]
