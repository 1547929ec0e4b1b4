"""What one version changes against another: each change once, in words of both languages, and in money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policies.agreement import Agreement
from policies.diff.compare import compare
from policies.diff.less import paid_less
from policies.diff.money import NotComparable, money_difference
from policies.diff.terms import changed_terms
from policies.diff.words import says
from policies.loading import load_agreement
from policies.money import to_minor

TEXT = (Path(__file__).parents[2] / "golden" / "agreement-v1.yaml").read_text(encoding="utf-8")
OLD = load_agreement(TEXT, name="old.yaml")
MCN = ("amount: 30% * (commission", "amount: 25% * (commission")
MCN_TEXT = (("30%，其余归主播", "25%，其余归主播"), ("is 30% of commission", "is 25% of commission"))


def changed(*changes: tuple[str, str]) -> Agreement:
    """The example with texts replaced, as its second version."""
    text = TEXT.replace("version: 1\n", "version: 2\nsupersedes: {version: 1}\n", 1)
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now)
    return load_agreement(text, name="new.yaml")


def sentences(new: Agreement, language: Any = "en", old: Agreement = OLD) -> list[str]:
    """Every change as a sentence."""
    return [says(one, old, new, language) for one in changed_terms(old, new)]


def test_a_new_version_of_the_same_terms_changes_nothing() -> None:
    found = compare(OLD, changed())
    assert found.same
    assert found.money is not None
    assert found.money.changed == ()
    assert {one.verdict for one in found.less} == {"never"}


def test_a_changed_formula_is_said_in_words_of_both_languages() -> None:
    new = changed(MCN, *MCN_TEXT)
    assert sentences(new)[0] == (
        "clause 6.1 (How each order is shared), MCN share, amount:"
        " 30% × (commission − alliance service fee) → 25% × (commission − alliance service fee)"
    )
    assert sentences(new, "zh")[0] == (
        "第 6.1 条（分佣顺序），机构分成，金额：30% × (佣金 − 联盟服务费) → 25% × (佣金 − 联盟服务费)"
    )
    assert "“The agency's share is 30% of" in sentences(new)[1]


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("effective_from: 2026-02-01", "effective_from: 2026-05-01", "from: 2026-02-01 → 2026-05-01"),
        ("days: 15\n    after", "days: 10\n    after", "7.1 (When an order is settled), days: 15 → 10"),
        ("to: mcn.balance, amount", "to: mcn.reserve, amount", "Agency (MCN)·balance → Agency (MCN)·reserve"),
        ("recovery: [balance, next_settlement]", "recovery: [reserve]", "balance, next settlement → reserve"),
        (
            "id: leader, role: leader",
            "id: leader, role: mcn",
            "Team leader, role: team leader → agency (MCN)",
        ),
        (
            'freight:         {type: money, of: order, default: "0.00"',
            "freight: {type: money, of: order",
            "fact freight, default removed: 0.00",
        ),
    ],
)
def test_each_kind_of_term_is_named_where_it_changed(was: str, now: str, said: str) -> None:
    found = sentences(changed((was, now)))
    assert len(found) == 1
    assert said in found[0]


def test_a_warning_signed_over_is_named_by_its_code_and_clause() -> None:
    accepted = """\
accepted_findings:
  - {code: amendment.pays-less, clause: "6.1", reason: {zh: 双方商定, en: as agreed}}
parties:
"""
    new = changed(("parties:\n", accepted))
    (said,) = sentences(new)
    assert said == "warning signed over added: code amendment.pays-less; clause 6.1; reason “as agreed”"
    assert sentences(new, "zh") == ["签署接受的警示新增：代码 amendment.pays-less；条款 6.1；理由 “双方商定”"]


def test_a_clause_put_between_two_others_changes_neither() -> None:
    clause = '  - {id: "13.2", kind: late_fee, text: {zh: 新条款, en: A new clause.}}\n  - id: "14"\n'
    new = changed(('  - id: "14"\n', clause))
    assert sentences(new) == ["clause 13.2 (late fee) added: A new clause."]
    assert sentences(new, "zh") == ["第 13.2 条（late fee）新增：新条款"]
    assert sentences(OLD, old=new) == ["clause 13.2 (late fee) removed: A new clause."]


def test_steps_in_another_order_are_said_to_be() -> None:
    lines = TEXT.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if "leg: tech_fee" in line)
    swapped = "".join([*lines[:at], *lines[at + 1 : at + 5], lines[at], *lines[at + 5 :]])
    (only,) = sentences(load_agreement(swapped, name="swapped.yaml"))
    assert "put in another order" in only


def test_an_order_of_the_tests_is_shown_share_by_share_and_sums_to_nothing() -> None:
    money = money_difference(OLD, changed(MCN))
    one = next(one for one in money.orders if one.order.name.startswith("one order with freight"))
    moved = {share.name: (share.before, share.after) for share in one.shares if share.difference}
    assert moved == {"mcn_share": (1669, 1391), "streamer_share": (3893, 4171)}
    assert all(sum(order.by_party().values()) == 0 for order in money.orders)
    assert money.losses["mcn"].difference == -money.gains["streamer"].difference


def test_a_coupon_the_platform_no_longer_brings_is_its_gain() -> None:
    new = changed(
        ("from: platform.subsidy, kind: platform_coupon", "from: brand.subsidy, kind: platform_coupon")
    )
    money = money_difference(OLD, new)
    one = next(one for one in money.orders if one.order.given["platform_coupon"] == "20.00")
    assert one.by_party()["platform"] == 2000
    assert one.by_party()["brand"] == -2000


def test_who_is_paid_less_is_shown_by_an_order_and_who_is_not_is_proved() -> None:
    found = {one.party: one for one in paid_less(OLD, changed(MCN))}
    assert {party for party, one in found.items() if one.verdict == "found"} == {"mcn"}
    assert {one.verdict for party, one in found.items() if party != "mcn"} == {"never"}
    assert found["mcn"].after < found["mcn"].before


def test_a_version_that_pays_less_only_above_an_amount_is_found_out() -> None:
    capped = ("amount: 20% * base", "amount: 'min(2_000.00, 20% * base)'")
    found = {one.party: one for one in paid_less(OLD, changed(capped))}
    assert found["streamer"].verdict == "found"
    assert found["brand"].verdict == "never"
    assert found["streamer"].order is not None
    assert (
        float(found["streamer"].order.order.given["paid"])
        + float(found["streamer"].order.order.given["platform_coupon"])
        > 10_000
    )


def test_documents_in_two_currencies_are_compared_in_terms_alone() -> None:
    new = changed(("currency: CNY", "currency: USD"))
    with pytest.raises(NotComparable, match="USD"):
        money_difference(OLD, new)
    found = compare(OLD, new)
    assert found.money is None
    assert "CNY" in (found.no_money or "")
    assert found.as_json()["money"] is None


def test_the_difference_as_json_is_plain_and_exact() -> None:
    found = compare(OLD, changed(MCN)).as_json()
    assert found["same"] is False
    assert found["starts"]["day"] == "2026-02-01"
    (term,) = found["terms"]
    assert (term["item"], term["path"]) == ("6.1", ["waterfall", "mcn_share", "amount"])
    assert found["money"]["greatest"]["loss"].keys() == {"mcn"}
    named = found["money"]["orders"][0]
    assert {"share": "mcn_share", "party": "mcn", "clause": "6.2", "before_minor": 1669, "after_minor": 1391,
            "difference_minor": -278} in named["shares"]  # fmt: skip


LADDER = """\
tables:
  ladder: {by: money, gives: rate, steps: [{upto: 1_000_000.00, value: 15%}, {value: 20%}]}
clauses:
"""
WINDOWED = (
    "{pool: commission, over: monthly, amount: 'marginal(ladder, volume)', provisional: 15% * base,"
    " text: {zh: 佣金, en: commission}}"
)


def over_a_month(threshold: str = "1_000_000.00") -> Agreement:
    """The example with commission by a ladder over the month's volume."""
    return changed(
        ("clauses:\n", LADDER.replace("1_000_000.00", threshold)),
        ("{pool: commission, amount: 20% * base, text: {zh: 佣金, en: commission}}", WINDOWED),
        ("    base: paid + platform_coupon - freight\n",
         "    base: paid + platform_coupon - freight\n    windows: {monthly: {by: month, measure: base}}\n"),
    )  # fmt: skip


def test_a_threshold_that_moves_up_pays_less_from_a_volume_on_whatever_is_paid_meanwhile() -> None:
    old, new = over_a_month(), over_a_month("3_000_000.00")
    found = {one.party: one for one in paid_less(old, new)}
    assert found["streamer"].verdict == "found"
    assert found["brand"].verdict == "never"
    assert found["streamer"].order is not None
    given = found["streamer"].order.order.given
    assert given["volume.monthly"] == "0.00", "one order stands for all that the month holds"
    volume = to_minor(given["paid"], "CNY") + to_minor(given["platform_coupon"], "CNY")
    assert volume > 1_000_000_00
    money = money_difference(old, new)
    assert money.losses.keys() == {"streamer", "mcn", "platform"}


def test_the_same_ladder_written_again_pays_nobody_less() -> None:
    assert {one.verdict for one in paid_less(over_a_month(), over_a_month())} == {"never"}
