"""What is said of a sound document before it is signed: each finding with a concrete order, day or figure."""

from __future__ import annotations

import pytest

from policies.agreement import Agreement
from policies.check import check
from policies.errors import Finding
from policies.loading import load_agreement


def changed(text: str, *changes: tuple[str, str]) -> list[Finding]:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return check(load_agreement(text, name="draft.yaml"))


def of(findings: list[Finding], code: str) -> list[Finding]:
    return [one for one in findings if one.code == code]


def test_the_example_has_no_error_and_no_warning(example: Agreement) -> None:
    assert {one.severity for one in check(example)} == {"info"}


def test_the_same_document_gives_the_same_findings_in_the_same_order(example_text: str) -> None:
    change = ("merchant_net, to: brand.balance, rest: true", "merchant_net, to: brand.balance, rest: true")
    assert changed(example_text, change) == changed(example_text, change)


def test_every_finding_speaks_both_languages(example_text: str) -> None:
    found = changed(example_text, ("amount: 5% * whole", "amount: 95% * whole"), ("days: 15", "days: 7"))
    assert len({one.code for one in found}) >= 5
    assert all(one.message and one.message_zh for one in found)


def test_a_failing_test_of_the_document_names_expected_and_got(example_text: str) -> None:
    (found,) = of(changed(example_text, ("mcn_share: 16.69", "mcn_share: 18.54")), "test.failed")
    assert (found.severity, found.path, found.line) == ("error", "tests[0].expect.mcn_share", 186)
    assert found.witness is not None
    assert (found.witness["expected"], found.witness["got"]) == ("18.54", "16.69")


def test_a_test_that_cannot_run_is_an_error_and_not_a_pass(example_text: str) -> None:
    (found,) = of(changed(example_text, ("given: {paid: 0.05}", "given: {paid: five}")), "test.unusable")
    assert (found.severity, found.path) == ("error", "tests[1].given")


@pytest.mark.parametrize(
    ("old", "new", "number", "language"),
    [
        ("实付加平台券的 5%", "实付加平台券的 6%", "6%", "zh"),
        ("2,000,000.00 in damages", "2,000,000.50 in damages", "2,000,000.5", "en"),
        ("Until 2026-11-11 the", "Until 2026-11-12 the", "2026-11-12", "en"),
        ("确认收货满 15 日", "确认收货满三十日", "30", "zh"),
        ("保存 1095 日", "保存 1096 日", "1,096", "zh"),
    ],
)
def test_a_number_in_a_text_that_is_no_term_is_an_error(
    example_text: str, old: str, new: str, number: str, language: str
) -> None:
    found = changed(example_text, (old, new))
    (wrong,) = of(found, "text.number-not-in-terms")
    assert wrong.severity == "error"
    assert wrong.witness == {"number": number, "language": language}
    assert wrong.path.endswith(f"text.{language}")
    assert of(found, "text.languages-differ"), "and the two languages no longer agree"


def test_a_term_changed_without_its_text_is_found_from_the_text(example_text: str) -> None:
    found = of(changed(example_text, ("amount: 30% *", "amount: 35% *")), "text.number-not-in-terms")
    assert {(one.path, one.witness["number"]) for one in found if one.witness} == {
        ("clauses[1].text.zh", "30%"),
        ("clauses[1].text.en", "30%"),
    }


def test_funding_that_is_not_the_whole_is_shown_on_an_order(example_text: str) -> None:
    change = ("amount: platform_coupon, at: settlement", "amount: platform_coupon - freight, at: settlement")
    (found,) = of(changed(example_text, change), "split.funding")
    assert found.severity == "error"
    assert found.witness is not None
    order = found.witness["order"]
    assert float(order["freight"]) > 0
    assert found.witness["funding"] != found.witness["whole"]


def test_a_share_that_some_order_makes_negative_is_shown(example_text: str) -> None:
    found = changed(example_text, ("amount: 5% * whole", "amount: 5% * whole + 3.00"))
    (wrong,) = of(found, "split.negative-share")
    assert (wrong.severity, wrong.path) == ("warning", "clauses[0].waterfall[8]")
    assert wrong.witness is not None
    assert wrong.witness["merchant_net"].startswith("-")


def test_freight_beyond_what_was_paid_is_only_looked_for_where_orders_allow_it(example_text: str) -> None:
    found = changed(example_text, ("  - freight <= paid\n", ""))
    assert {one.path for one in of(found, "split.negative-share")} >= {"clauses[0].waterfall[3]"}


def test_rounding_alone_is_no_negative_share(example_text: str) -> None:
    found = changed(example_text, ("amount: 5% * whole", "amount: 78% * whole"))
    assert not of(found, "split.negative-share")


def test_a_clause_that_no_case_can_meet_is_named(example_text: str) -> None:
    change = ("cap_if: challenged and not malicious", "cap_if: challenged and not challenged")
    (found,) = of(changed(example_text, change), "clause.never-applies")
    assert found.path == "clauses[4].remedies[1].cap_if"
    breach = ("when: later.price < live.price", "when: later.price < live.price and live.price < later.price")
    assert [one.path for one in of(changed(example_text, breach), "clause.never-applies")] == ["clauses[4]"]


def test_a_promise_that_ends_before_the_agreement_begins_is_named(example_text: str) -> None:
    found = changed(example_text, ("effective_from: 2026-02-01", "effective_from: 2027-02-01"))
    (late,) = of(found, "clause.never-applies")
    assert late.path == "clauses[4].scope.until"


def test_a_refund_after_payout_without_recovery_is_an_error_with_its_day(example_text: str) -> None:
    changes = [
        ("    days: 15\n", "    days: 7\n"),
        ("recovery: [balance, next_settlement]", "recovery: []"),
    ]
    (found,) = of(changed(example_text, *changes), "returns.outlive-clearing")
    assert found.severity == "error"
    assert found.witness == {"day": 8, "clearing_days": 7, "window_days": 15}
    assert of(changed(example_text, changes[0]), "returns.after-payout")[0].severity == "info"


EXCEPTIONS = """\
  - id: "9.5"
    kind: clearance
    exception_of: "9.1"
    text: {zh: 清仓例外。, en: Clearance is an exception.}
    when: vouchers_given > 10
    effects: [{id: cleared, text: {zh: 免责, en: excused}}]
  - id: "9.6"
    kind: small_lots
    exception_of: "9.1"
    text: {zh: 小批例外。, en: Small lots are an exception.}
    when: vouchers_given < 20
    effects: [{id: halved, text: {zh: 减半, en: halved}}]
"""


def test_exceptions_that_meet_and_disagree_are_shown_in_one_case(example_text: str) -> None:
    found = changed(example_text, ("  - id: 9.1-b\n", EXCEPTIONS + "  - id: 9.1-b\n"))
    (conflict,) = of(found, "exception.conflict")
    assert conflict.witness is not None
    assert 10 < int(conflict.witness["case"]["vouchers_given"]) < 20
    assert conflict.witness["clauses"] == ["9.5", "9.6"]


def test_an_exception_that_never_meets_its_rule_is_named(example_text: str) -> None:
    never = EXCEPTIONS.replace("vouchers_given > 10", "later.price > live.price")
    found = changed(example_text, ("  - id: 9.1-b\n", never + "  - id: 9.1-b\n"))
    assert [one.path for one in of(found, "exception.never-applies")] == ["clauses[5].exception_of"]


def test_what_cannot_be_proved_is_a_finding_and_never_a_pass(example_text: str) -> None:
    hard = "amount: 'if(add_months(sold_on, 1) > 2026-02-01, 5%, 6%) * whole'"
    sold_on = "facts:\n  sold_on: {type: date, of: order, text: {zh: 成交日, en: sold on}}\n"
    found = changed(example_text, ("amount: 5% * whole", hard), ("facts:\n", sold_on))
    unknown = of(found, "check.unknown")
    assert unknown
    assert all(one.severity == "warning" for one in unknown)
    assert "add_months() has no exact solver form" in unknown[0].message


def test_missing_signers_text_only_clauses_and_missing_tests_are_told(example_text: str) -> None:
    found = changed(example_text, (example_text[example_text.index("tests:\n") :], ""))
    assert {one.code for one in found} == {
        "signer.missing", "clause.text-only", "clause.not-enforced", "tests.missing",
        "exposure.uncapped",
    }  # fmt: skip
