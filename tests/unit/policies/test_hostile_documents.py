"""Hostile and careless input is refused with its line and the reason, or read as the text that it is."""

from __future__ import annotations

import pytest

from policies.agreement import Agreement
from policies.decisions.case import read_case
from policies.errors import AgreementRejected, CaseRejected, FormulaError
from policies.formulas.parse import parse
from policies.loading import agreement_from_canonical, load_agreement

PAID = "{zh: 实付, en: paid}"
DOCUMENT = f"""\
language: 1
agreement: hostile
version: 1
title: {{zh: 例, en: Example}}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  platform: {{role: platform, name: {{zh: 平台, en: Platform}}}}
  brand: {{role: merchant, name: {{zh: 品牌, en: Brand}}}}
facts:
  paid: {{type: money, of: case, text: {PAID}}}
  channel: {{type: text, of: case, text: {{zh: 渠道, en: channel}}}}
clauses:
  - id: "1"
    kind: note
    text: {{zh: 备注, en: a note}}
    when: paid > 1.00
"""

# what is changed, what it becomes, the line of the refusal, and words of its reason
REFUSED = [
    ("a number that YAML reads as false", "version: 1", "version: NO", 3, "not a whole number"),
    ("a number in scientific notation", "version: 1", "version: 1e3", 3, "not a whole number"),
    ("a hexadecimal number", "version: 1", "version: 0x10", 3, "not a whole number"),
    ("an octal number", "version: 1", "version: 010", 3, "not a whole number"),
    ("a number to the base of sixty", "version: 1", "version: 1:30", 3, "not a whole number"),
    ("a number with places", "version: 1", "version: 1.0", 3, "not a whole number"),
    ("a full-width digit", "version: 1", "version: １", 3, "not a whole number"),
    ("a negative number", "version: 1", "version: -1", 3, "not a whole number"),
    ("a number of many digits", "version: 1", f"version: {'9' * 5000}", 3, "not a whole number"),
    ("a default that is no amount", f"text: {PAID}", f"default: 1e3, text: {PAID}", 16, "not a decimal"),
    ("a default too precise", f"text: {PAID}", f"default: 1.005, text: {PAID}", 16, "more than 2 places"),
    ("a day that YAML would shift", "effective_from: 2026-01-01", "effective_from: 2026-1-1", 5, "not a day"),
    ("an alias", "version: 1", "version: &one 1\nother: *one", 3, "anchors and aliases"),
    ("an alias that grows", "clauses:", "x: &x [1, 1]\ny: [*x, *x]\nclauses:", 18, "anchors and aliases"),
    ("a tag", "version: 1", "version: !!python/object:os.system 1", 3, "the tag"),
    ("a local tag", "title: {", "title: !secret {", 4, "the tag"),
    ("a merge key", "title: {", "title: {<<: {fr: Exemple}, ", 4, "'<<' is not a key here"),
    ("a key twice", "version: 1", "version: 1\nversion: 2", 4, "given in line 3"),
    ("a key twice in braces", "zh: 例, ", "zh: 例, zh: 另, ", 4, "given in line 4"),
    ("a key that is a list", "version: 1", "[a, b]: 1\nversion: 1", 3, "a key must be plain text"),
    ("brackets without end", "version: 1", f"version: {'[' * 5000}", 3, "at most 20 deep"),
    ("braces without end", "version: 1", f"version: {'{a: ' * 50}1{'}' * 50}", 3, "at most 20 deep"),
    ("two documents", "version: 1", "version: 1\n---\nversion: 2", 4, "another document"),
    ("a name too long", "  paid: {", f"  {'p' * 41}: {{", 16, "40 a side"),
    ("a name in look-alike letters", "  paid: {", "  p\u0430id: {", 16, "lower-case letters"),
    ("a formula in look-alike letters", "paid > 1.00", "p\u0430id > 1.00", 22, "CYRILLIC SMALL LETTER A"),
    ("a look-alike sign", "paid > 1.00", "paid ＞ 1.00", 22, "FULLWIDTH GREATER-THAN SIGN"),
    ("a power", "paid > 1.00", "paid > 9**9**9", 22, "a number, a name or '(' was expected"),
    ("a shift", "paid > 1.00", "paid > 1 << 99", 22, "should end here"),
    ("a number of many digits in a formula", "paid > 1.00", f"paid > {'9' * 600}", 22, "at most 20 digits"),
    ("a thousand places", "paid > 1.00", f"paid > 1.{'0' * 800}1", 22, "is not a number"),
    ("scientific notation in a formula", "paid > 1.00", "paid > 1e9", 22, "should end here"),
    ("a hexadecimal in a formula", "paid > 1.00", "paid > 0x10", 22, "should end here"),
    ("an octal in a formula", "paid > 1.00", "paid > 010", 22, "is not a number"),
    ("nesting in a formula", "paid > 1.00", f"{'(' * 40}paid{')' * 40} > 1.00", 22, "at most 24 deep"),
    ("nested choices", "paid > 1.00", f"{'if(true, ' * 30}1{', 1)' * 30} > 1", 22, "at most 24 deep"),
    ("a formula without end", "paid > 1.00", f"paid > 1.00{' or paid > 1.00' * 90}", 22, "at most"),
    ("a call out", "paid > 1.00", "__import__('os')", 22, "has no meaning here"),
    ("an attribute", "paid > 1.00", "paid.__class__ == 1", 22, "has no meaning here"),
    ("a control character", "a note", "a\\anote", 21, "U+0007"),
    ("a right-to-left override", "a note", "a \\u202e note", 21, "RIGHT-TO-LEFT OVERRIDE"),
    ("a zero-width space", "a note", "a\\u200bnote", 21, "ZERO WIDTH SPACE"),
    ("a byte-order mark", "a note", "a\\ufeffnote", 21, "ZERO WIDTH NO-BREAK SPACE"),
    ("a blank letter", "a note", "a\\u3164note", 21, "HANGUL FILLER"),
    ("a tag letter", "a note", "a\\U000e0061note", 21, "TAG LATIN SMALL LETTER A"),
    ("a line separator", "a note", "a\\u2028note", 21, "LINE SEPARATOR"),
    ("a direction mark in a quoted text", "paid > 1.00", "channel == '\\u200fb'", 22, "RIGHT-TO-LEFT MARK"),
    ("the machine's own time zone", "Asia/Shanghai", "localtime", 7, "not a time zone"),
    ("a folder of time zones", "Asia/Shanghai", "posix/Asia/Shanghai", 7, "not a time zone"),
    ("a path of a file", "Asia/Shanghai", "../../etc/passwd", 7, "not a time zone"),
    ("an offset of POSIX rules", "Asia/Shanghai", "CST-8", 7, "not a time zone"),
    ("no zone at all", "Asia/Shanghai", "Factory", 7, "not a time zone"),
]  # fmt: skip


def _changed(before: str, after: str) -> str:
    assert before in DOCUMENT
    after = after if "\\" not in after else f'"{after}"'
    return DOCUMENT.replace(before, after, 1)


def _load(text: str) -> Agreement:
    return load_agreement(text, name="hostile.yaml")


def test_the_document_itself_is_sound() -> None:
    assert _load(DOCUMENT).ref == "hostile@1"


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_hostile_input_is_refused_with_its_line_and_reason(
    before: str, after: str, line: int, reason: str
) -> None:
    with pytest.raises(AgreementRejected) as refusal:
        _load(_changed(before, after))
    first = refusal.value.findings[0]
    assert first.line == line
    assert reason in first.message
    assert first.message_zh is not None
    assert len(first.message) < 400


@pytest.mark.parametrize("word", ["NO", "299.00", "1e3", "0x10", "1:30", "010", "null_", "~x", "on", ".inf"])
def test_a_text_is_read_as_it_is_written(word: str) -> None:
    agreement = _load(_changed("en: a note", f"en: {word}"))
    assert agreement.document.clauses[0].text.en == word


def test_what_hides_in_signed_bytes_is_refused_too() -> None:
    data = _load(DOCUMENT).canonical.replace("备注".encode(), "备\u202e注".encode())
    with pytest.raises(AgreementRejected) as refusal:
        agreement_from_canonical(data, name="signed")
    assert refusal.value.findings[0].path == "clauses[0].text.zh"


def test_what_hides_in_a_case_is_refused_with_its_line() -> None:
    case = 'clause: "1"\nclaim: {claimant: platform, respondent: brand}\nfacts:\n  channel: "a\\u200bb"\n'
    with pytest.raises(CaseRejected, match=r"line 4.*ZERO WIDTH SPACE"):
        read_case(case, name="case.yaml")


def test_what_hides_in_a_quoted_text_is_refused_by_its_column() -> None:
    with pytest.raises(FormulaError, match=r"column 13: U\+202E"):
        parse("channel == '\u202eb'")


def test_a_document_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(AgreementRejected, match="at most 1000000 characters"):
        _load(DOCUMENT + "#" * 1_000_000)
