"""A document that cannot be read says where, what was found and what was expected, near words suggested."""

from __future__ import annotations

import pytest

from policies.errors import AgreementRejected, Finding
from policies.loading import agreement_from_canonical, load_agreement

# what is changed, what it becomes, and the finding: code, line, path, words that must stand in the message
MISTAKES = [
    ("currency: CNY", "curency: CNY", "document.unknown-key", 9, "curency", "did you mean 'currency'"),
    ("currency: CNY\n", "", "document.missing", 4, "currency", "required"),
    ("currency: CNY", "currency: CNYY", "document.value", 9, "currency", "did you mean 'CNY'"),
    ("currency: CNY", " currency: CNY", "document.not-yaml", 9, "", "indentation"),
    ("    days: 15", "\tdays: 15", "document.not-yaml", 93, "", "spaces instead of the tab"),
    ("version: 1\n", "version: 1\nversion: 2\n", "document.duplicate-key", 7, "", "given in line 6"),
    ("version: 1\n", "version: &v 1\n", "document.alias", 6, "", "write the value out"),
    ("version: 1\n", "version: !!int 1\n", "document.tag", 6, "", "remove it"),
    ("version: 1\n", "version: one\n", "document.value", 6, "version", "whole number such as 15"),
    ("version: 1\n", "version:\n", "document.value", 6, "version", "nothing stands here"),
    ("language: 1\n", "language: 2\n", "document.value", 4, "language", "1 was expected"),
    ("language: 1\n", "[" * 30 + "\n", "document.too-deep", 4, "", "at most 20 deep"),
    ("title: {zh", "title: \x07{zh", "document.not-yaml", 7, "", "U+0007"),
    (
        "to: mcn.balance, amount",
        "to: mnc.balance, amount",
        "party.unknown",
        68,
        "clauses[0].waterfall[3].to",
        "did you mean 'mcn'",
    ),
    (
        "(commission - alliance_fee)",
        "(comission - alliance_fee)",
        "formula.invalid",
        68,
        "clauses[0].waterfall[3].amount",
        "did you mean 'commission'",
    ),
    (
        'default: "false"',
        "default: NO",
        "fact.default",
        32,
        "facts.refunded.default",
        "neither true nor false",
    ),
    (
        'rest: true, clause: "6.2"',
        "rest: NO",
        "document.value",
        69,
        "clauses[0].waterfall[4].rest",
        "true nor false",
    ),
    ("20% * base", "20% * b\u0430se", "document.value", 66, "clauses[0].waterfall[1].amount", "CYRILLIC"),
    (
        "20% * base",
        "20 % * base",
        "document.value",
        66,
        "clauses[0].waterfall[1].amount",
        "right after its number",
    ),
    ("2_000_000.00\n", "9" * 400 + "\n", "document.value", 128, "clauses[4].remedies[1].amount", "20 digits"),
    ("2026-02-01", "2026-02-30", "document.value", 8, "effective_from", "day of the calendar"),
    ("amount: 5% * whole", "rest: true", "split.rest", 64, "clauses[0].waterfall", "it has 2"),
    ("kind: commission", "kind: comission", "document.unknown-key", 59, "clauses[0].whole", "'commission'"),
    (
        "stage: deep_binding",
        "stage: deep_bindng",
        "document.value",
        13,
        "stage",
        "did you mean 'deep_binding'",
    ),
    ("time_zone: Asia/Shanghai", "time_zone: Asia", "document.time-zone", 10, "time_zone", "Asia/Shanghai"),
    ("  mcn:      {id", "  MCN:      {id", "document.value", 20, "parties.MCN", "lower-case letters"),
    (
        "later.price < live.price",
        "later.prce < live.price",
        "formula.invalid",
        116,
        "clauses[4].breach.when",
        "did you mean 'later.price'",
    ),
    ("later.price < live.price", "(" * 60 + "a", "document.value", 116, "clauses[4].breach.when", "24 deep"),
    ("window_days: 15", "window_days: 15.5", "document.value", 101, "clauses[3].window_days", "whole number"),
    ('id: "6.1"', 'id: "6 1"', "document.value", 54, "clauses[0].id", "clause number such as 6.1"),
    ('id: "6.1"', 'id: "6.2"', "clause.duplicate", 76, "clauses[1].id", "clauses[0]"),
    ("paid: 299.00", "payed: 299.00", "test.unknown-fact", 185, "tests[0].given.payed", "'paid'"),
    (
        "mcn_share: 16.69",
        "mcnshare: 16.69",
        "test.unknown-leg",
        186,
        "tests[0].expect.mcnshare",
        "'mcn_share'",
    ),
    (
        "recipients: [brand, mcn, streamer]",
        "recipients: brand",
        "document.value",
        162,
        "clauses[6].recipients",
        "a list",
    ),
    ("  sku: ", "  min: ", "name.reserved", 33, "facts.min", "another name"),
    (
        "retention: {days: 1095,",
        "retention: {days: 1095, at_least: 1096,",
        "document.value",
        165,
        "clauses[6].retention",
        "more than the 1095 days",
    ),
]


def refused(text: str) -> tuple[Finding, ...]:
    with pytest.raises(AgreementRejected) as refusal:
        load_agreement(text, name="draft.yaml")
    return refusal.value.findings


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "path", "words"),
    MISTAKES,
    ids=[f"{case[2]}-{index}" for index, case in enumerate(MISTAKES)],
)
def test_a_mistake_is_named_with_its_path_its_line_and_what_was_expected(
    example_text: str, old: str, new: str, code: str, line: int, path: str, words: str
) -> None:
    assert old in example_text
    found = [one for one in refused(example_text.replace(old, new, 1)) if one.code == code]
    assert found, "the finding has its own code"
    assert (found[0].line, found[0].path) == (line, path)
    assert words in found[0].message


def test_an_unused_pool_is_named(example_text: str) -> None:
    extra = "      - {pool: bonus, amount: 1% * base}\n"
    found = refused(example_text.replace("      - {pool: leader_fee", extra + "      - {pool: leader_fee", 1))
    assert [(one.code, one.path) for one in found] == [("split.unused-pool", "clauses[0].waterfall[5]")]


def test_a_formula_cut_off_by_a_comma_is_told_to_be_quoted(example_text: str) -> None:
    found = refused(example_text.replace("amount: 5% * whole", "amount: min(5% * whole, 3.00)", 1))
    assert {one.code for one in found} == {"document.unknown-key", "document.value"}
    assert any("put the formula in quotes" in one.message for one in found)


def test_structure_and_references_are_also_told_in_chinese(example_text: str) -> None:
    for old, new in (
        ("currency: CNY", "curency: CNY"),
        ("to: mcn.balance, amount", "to: mnc.balance, amount"),
    ):
        assert all(one.message_zh for one in refused(example_text.replace(old, new, 1)))


def test_no_and_299_00_stay_text(example_text: str) -> None:
    agreement = load_agreement(example_text.replace("zh: 团长,", "zh: NO,"), name="x")
    assert agreement.parties["leader"].name.zh == "NO"
    assert agreement.document.tests[0].given["paid"] == "299.00"


def test_canonical_bytes_that_do_not_fit_together_are_refused_like_a_draft(example_text: str) -> None:
    data = load_agreement(example_text, name="x").canonical
    with pytest.raises(AgreementRejected) as refusal:
        agreement_from_canonical(data.replace(b"mcn.balance", b"mnc.balance"), name="bytes")
    assert refusal.value.findings[0].code == "party.unknown"


@pytest.mark.parametrize("data", [b"{}", b"\xff\xfe", b"[1]", b'{"language":1.5}', b""])
def test_bytes_that_are_no_agreement_are_refused(data: bytes) -> None:
    with pytest.raises(AgreementRejected):
        agreement_from_canonical(data, name="bytes")


def test_canonical_bytes_read_back_to_the_same_agreement(example_text: str) -> None:
    agreement = load_agreement(example_text, name="x")
    again = agreement_from_canonical(agreement.canonical, name="bytes")
    assert again == agreement
    assert again.document == agreement.document
