"""A contract in its three forms: golden files, bytes that repeat, and hostile text that stays text."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader

from policies.agreement import Agreement
from policies.fields import Words
from policies.loading import load_agreement
from policies.render import Reader, contract, write_html, write_pdf, write_text
from policies.render.as_text import width
from policies.render.typesetting import set_pdf
from tests.golden.contract.write import HERE, pdf_text, written

READERS: tuple[Reader, ...] = ("zh", "en", "both")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=//example.org/x onerror=alert(1)>',
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.2.2": *',
    "$ x^2 $ *bold* @label <ref> = heading",
    "\\u{0023}eval",
    "${7*7} {{7*7}} %s {0}",
)


def test_a_frozen_agreement_reads_as_it_did(frozen: Agreement) -> None:
    for name, text in written(frozen).items():
        kept = (HERE / name).read_text(encoding="utf-8")
        assert text == kept, f"{name} differs: look at it, then python -m tests.golden.contract.write"


@pytest.mark.parametrize("reader", READERS)
def test_a_pdf_has_the_same_bytes_each_time(frozen: Agreement, reader: Reader) -> None:
    first = write_pdf(frozen, reader)
    assert first == write_pdf(frozen, reader)
    information = PdfReader(io.BytesIO(first)).metadata
    assert information is not None
    assert str(information["/CreationDate"]) == "D:20260201000000Z"


def hostile(example_text: str, words: str) -> Agreement:
    quoted = words.replace("'", "''")
    text = example_text.replace("{zh: 头部主播专场合作协议, en: Head streamer partnership}",
                                f"{{zh: '{quoted}', en: '{quoted}'}}")  # fmt: skip
    text = text.replace("{zh: 团长, en: Team leader}", f"{{zh: '{quoted}', en: '{quoted}'}}")
    text = text.replace("{zh: 机构分成, en: MCN share}", f"{{zh: '{quoted}', en: '{quoted}'}}")
    text = text.replace("name: an order too small to share evenly", f"name: '{quoted}'")
    assert text.count(quoted) == 7
    return load_agreement(text, name="hostile.yaml")


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_is_shown_and_never_run(example_text: str, words: str) -> None:
    agreement = hostile(example_text, words)
    page = _Seen()
    page.feed(write_html(contract(agreement, "both")))
    assert page.tags & {"script", "img", "link", "iframe", "object", "a", "form"} == set()
    assert {name for name in page.attributes if name.startswith("on") or name in {"src", "href"}} == set()
    assert words in "".join(page.text)
    assert words in write_text(contract(agreement, "zh"))
    squeezed = re.sub(r"\s", "", pdf_text(write_pdf(agreement, "zh")))
    assert re.sub(r"\s", "", words) in squeezed


def test_an_html_contract_asks_nobody_for_anything(example: Agreement) -> None:
    page = write_html(contract(example, "both"))
    assert re.findall(r"https?://|url\(|@import|src=|href=", page) == []
    assert "default-src 'none'" in page


def test_characters_that_are_not_seen_do_not_reach_a_contract(example: Agreement) -> None:
    title = Words(zh="例", en="Team\u202e\u200b leader")  # refused on loading; never shown
    hidden = replace(example, document=example.document.model_copy(update={"title": title}))
    shown = write_text(contract(hidden, "en"))
    assert "Team leader" in shown
    assert "\u202e" not in shown


def test_a_line_of_a_text_never_passes_for_a_line_of_the_contract(example_text: str) -> None:
    text = example_text.replace(
        "因不可抗力不能履行的，依法部分或者全部免除责任。", '"免除责任。\\n\\n第 15 条  一切归平台"'
    )
    lines = write_text(contract(load_agreement(text, name="lines.yaml"), "zh")).splitlines()
    assert "    第 15 条  一切归平台" in lines
    assert "第 15 条  一切归平台" not in lines


def test_columns_of_a_table_line_up_where_characters_are_wide(example: Agreement) -> None:
    lines = write_text(contract(example, "zh")).splitlines()
    start = next(number for number, line in enumerate(lines) if "[计算]" in line) + 1
    assert len({width(line) for line in lines[start : start + 12]}) == 1


def test_amounts_stand_in_capitals_beside_their_figures(example: Agreement) -> None:
    shown = write_text(contract(example, "zh"))
    assert "2,000,000.00 元（人民币贰佰万元整）" in shown
    assert "裁决金额 > 1,000,000.00 元（人民币壹佰万元整）" in shown
    assert "20% × 佣金基数" in shown, "a rate is no amount"
    assert "人民币" not in write_text(contract(example, "en"))


def test_of_two_languages_the_prevailing_one_stands_first(example_text: str) -> None:
    text = example_text.replace("prevailing_language: zh", "prevailing_language: en")
    both = write_text(contract(load_agreement(text, name="en.yaml"), "both"))
    assert both.index("Head streamer partnership") < both.index("头部主播专场合作协议")
    assert both.count("____________________") == 5, "each party signs once"


@pytest.fixture
def frozen_remedies(example_text: str) -> Agreement:
    clauses = """
  - id: "20"
    kind: defective_goods
    holder: brand
    toward: streamer
    text: {zh: 缺陷商品。, en: Defective goods.}
    when: proven.loss and not by_streamer
    presume: {by_streamer: "false"}
    needs_proof: [loss]
    figures:
      top_up: {value: "max(0, 30% * loss)", text: {zh: 补足额, en: top-up}}
    pools:
      buyers_pool:
        kind: compensation
        to: consumers
        from:
          - {account: brand.deposit, up_to: balance.brand.deposit}
          - {account: platform.advance, kind: advance_compensation}
        text: {zh: 买家赔付, en: buyers}
    remedies:
      - {kind: refund, into: buyers_pool, amount: loss}
      - kind: late_fee
        from: brand.balance
        to: streamer.balance
        amount: top_up + awarded.refund
        phase: next_settlement
      - kind: reversal
        from: streamer.balance
        to: brand.balance
        amount: reversed.mcn_share
        toward_claim: "false"
  - id: "21"
    kind: recall
    follows: "20"
    text: {zh: 召回。, en: Recall.}
    effects:
      - {id: recalled, text: {zh: 召回商品, en: The goods are recalled}}
"""
    text = example_text.replace("\ntests:\n", clauses + "\ntests:\n").replace(
        "\nfacts:\n",
        "\nfacts:\n  loss: {type: money, of: case, text: {zh: 损失, en: loss}}\n"
        "  by_streamer: {type: bool, of: case, text: {zh: 主播所致, en: caused by the streamer}}\n",
    )
    return load_agreement(text, name="remedies.yaml")


def test_draws_pools_proof_and_figures_are_said(frozen_remedies: Agreement) -> None:
    shown = write_text(contract(frozen_remedies, "en"))
    for words in (
        "Source 1: Brand·deposit: what remains, up to what is in Brand·deposit",
        "Source 2: Platform·advance: what remains",
        "Presumed until shown otherwise: caused by the streamer: no",
        "Counts only when proven: loss",
        "top-up: the larger of (0, 30% × loss)",
        "paid into buyers",
        "posted beside the claim, no part of its answer",
        "paid with the next settlement",
        "loss is proven",
        "Applies together with clause: 20",
    ):
        assert words in shown, words
    assert "awarded." not in shown
    assert "balance." not in shown


def test_a_pdf_bears_a_time_of_any_fraction_as_whole_seconds() -> None:
    whole = datetime(2026, 3, 2, 20, 0, 1, tzinfo=UTC)
    within = whole.replace(microsecond=419_903)
    assert set_pdf(b"signed", {}, within) == set_pdf(b"signed", {}, whole)
