"""Documents that name each other: found by version, refused where they misfit, shown to whom they concern."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from api.agreements.example import money_path
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.terms import read_terms
from policies.agreement import Agreement
from policies.check import check
from policies.diff.less import paid_less
from policies.errors import AgreementRejected, FactError
from policies.facts import order_facts
from policies.links import LinksRejected, link_agreements
from policies.loading import agreement_from_canonical, load_agreement
from policies.render import contract, write_text
from policies.splits.chain import reverse_chain, split_chain
from policies.splits.line import split_plan

FOLDER = Path(__file__).parents[3] / "examples" / "agreements" / "linked"
RULES, BRAND, STREAMER = "platform-rules", "brand-mcn", "mcn-streamer"


RETURNS = """  - id: "7.4"
    kind: returns
    text: {zh: 收货后 7 日内退款的冲正。, en: Refunds within 7 days of receipt are taken back.}
    window_days: 7
    refundable: 1.00
"""


def document(name: str, *changes: tuple[str, str]) -> Agreement:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now)
    return load_agreement(text, name=f"{name}.yaml")


def deal(*changed: Agreement) -> list[Agreement]:
    by_id = {name: document(name) for name in (STREAMER, RULES, BRAND)} | {one.id: one for one in changed}
    return list(by_id.values())


def refusal(*agreements: Agreement) -> tuple[str, str]:
    with pytest.raises(LinksRejected) as caught:
        link_agreements(agreements)
    (finding,) = caught.value.findings
    assert finding.message_zh
    assert finding.line
    return finding.code, finding.message


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_document_of_the_example_checks_with_its_own_tests(path: Path) -> None:
    agreement = load_agreement(path.read_text(encoding="utf-8"), name=path.name)
    told = [one for one in check(agreement) if one.severity != "info"]
    assert {one.code for one in told} <= {"settlement.not-yet"}, told
    assert agreement_from_canonical(agreement.canonical, name="again") == agreement


def test_documents_are_put_in_order_whatever_order_they_come_in() -> None:
    linked = link_agreements(deal())
    assert [one.id for one in linked.agreements] == [RULES, BRAND, STREAMER]
    (root,) = linked.roots()
    assert [one.id for one in linked.chain(root)] == [BRAND, STREAMER]
    assert linked.feeds["mcn-streamer@1"].account == "mcn.clearing"


def test_a_line_splits_over_the_whole_chain_and_any_of_its_documents_alone() -> None:
    linked = link_agreements(deal())
    (root,) = linked.roots()
    row = {"paid": "299.00", "freight": "10.00", "platform_coupon": "20.00"}
    facts = {one.ref: order_facts(one, row, where="here") for one in linked.agreements}
    split = split_chain(linked, root, facts)
    for one in split.splits.values():
        assert sum(leg.amount_minor for leg in one.legs.values()) == one.whole.posted
    assert split.net(split.splits) == {"platform": 2213, "mcn": 1669, "brand": 24125, "streamer": 3893}
    assert split.net(["mcn-streamer@1"]) == {"mcn": 1669, "streamer": 3893}


def test_a_refund_goes_back_through_the_chain() -> None:
    linked = link_agreements(deal())
    (root,) = linked.roots()
    facts = {one.ref: order_facts(one, {"paid": "100.00"}, where="here") for one in linked.agreements}
    split = split_chain(linked, root, facts)
    half = reverse_chain(split, 5000, 10000)
    assert half["brand-mcn@1"].legs["agency_commission"] == half["mcn-streamer@1"].whole == 900
    assert half["mcn-streamer@1"].legs == {"streamer_share": 630, "agency_net": 270}
    with pytest.raises(FactError, match="no share"):
        reverse_chain(split, 3, 2)


def test_a_pool_may_feed_where_all_its_legs_pay_one_party() -> None:
    pool = document(STREAMER, ("leg: agency_commission", "leg: commission"))
    assert refusal(*deal(pool))[0] == "link.leg"
    alone = document(BRAND, ("to: platform.alliance_fee", "to: mcn.fees"))
    linked = link_agreements(deal(pool, alone))
    assert linked.feeds["mcn-streamer@1"].legs == ("alliance_fee", "agency_commission")


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ((STREAMER, "leg: agency_commission", "leg: agency_comission"), "link.leg", "agency_commission'?"),
        ((STREAMER, "leg: agency_commission", "leg: merchant_net"), "link.leg-party", "pays brand"),
        ((STREAMER, "currency: CNY", "currency: USD"), "link.currency", "CNY"),
        (
            (STREAMER, "{agreement: brand-mcn, version: 1", "{agreement: brand-mcn, version: 2"),
            "link.version",
            "version 1",
        ),
        (
            (STREAMER, "effective_from: 2026-02-01", "effective_from: 2026-01-20"),
            "link.not-in-force",
            "2026-02-01",
        ),
        ((BRAND, "agreement: platform-rules", "agreement: platform-rule"), "link.missing", "platform-rules"),
        (
            (BRAND, "as: accepted_rules", f"as: accepted_rules, sha256: {'0' * 64}"),
            "link.digest",
            "another text",
        ),
        ((BRAND, "as: accepted_rules", "as: frame"), "link.frame-party", "'brand'"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(changed: tuple[str, str, str], code: str, said: str) -> None:
    name, was, now = changed
    found, message = (
        _several(deal(document(name, (was, now))))
        if code == "link.frame-party"
        else refusal(*deal(document(name, (was, now))))
    )
    assert found == code
    assert said in message


def _several(agreements: list[Agreement]) -> tuple[str, str]:
    with pytest.raises(LinksRejected) as caught:
        link_agreements(agreements)
    return caught.value.findings[0].code, caught.value.findings[0].message


def test_a_digest_that_is_pinned_and_right_is_taken() -> None:
    rules = document(RULES)
    link_agreements(
        deal(document(BRAND, ("as: accepted_rules", f"as: accepted_rules, sha256: {rules.sha256}")))
    )


def test_links_that_lead_back_are_refused() -> None:
    back = document(
        RULES, ("effective_from: 2026-01-01", "effective_from: 2026-02-01"),
        ("title:", "links: [{agreement: mcn-streamer, version: 1, as: accepted_rules}]\ntitle:"),
    )  # fmt: skip
    code, message = _several(deal(back))
    assert (code, "back to itself" in message) == ("link.circle", True)


def test_two_versions_that_split_are_one_too_many() -> None:
    later = document(BRAND, ("version: 1\n", "version: 2\n"))
    code, message = refusal(*deal(), later)
    assert code == "link.two-versions"
    assert "brand-mcn@2" in message


def test_a_fed_whole_names_its_link_and_no_funding() -> None:
    with pytest.raises(AgreementRejected) as caught:
        document(STREAMER, ("  - {agreement: brand-mcn, version: 1, as: feeds}\n", ""))
    assert [one.code for one in caught.value.findings] == ["link.unnamed"]
    assert caught.value.findings[0].message_zh
    with pytest.raises(AgreementRejected, match="leave out 'funding'"):
        document(
            STREAMER,
            ("    waterfall:", "    funding: [{from: mcn.a, kind: x, amount: whole}]\n    waterfall:"),
        )
    with pytest.raises(AgreementRejected, match=r"clauses.0..whole.leg: 'leg' is required"):
        document(STREAMER, (", leg: agency_commission", ""))


def test_alone_a_fed_document_splits_what_it_is_told_was_brought() -> None:
    plan = split_plan(document(STREAMER))
    assert plan.split({"whole": Fraction(5562, 100)}).legs["streamer_share"].amount_minor == 3893
    with pytest.raises(FactError, match="fed by 'agency_commission' of brand-mcn"):
        plan.split({})


def test_people_read_where_a_fed_whole_comes_from() -> None:
    assert "what agency_commission of brand-mcn pays" in write_text(contract(document(STREAMER), "en"))


def test_what_a_window_may_still_change_feeds_nothing() -> None:
    counted = document(
        BRAND, ("    waterfall:", "    windows: {monthly: {by: month, measure: base}}\n    waterfall:"),
        ("amount: 20% * base", "over: monthly, amount: 20% * volume"),
    )  # fmt: skip
    code, message = refusal(*deal(counted))
    assert code == "link.window"
    assert "may still change" in message


def test_settlement_asks_for_what_feeds_a_document_and_its_page_says_what_is_brought() -> None:
    with pytest.raises(SettlementRefused, match="brand-mcn@1 brings what it shares out, and was not given"):
        read_terms([document(STREAMER)])
    feeding = read_terms([document(BRAND)])
    (version,) = read_terms([document(STREAMER)], feeding=feeding).versions
    assert version.feed is not None
    assert (version.feed.source, version.feed.account) == ("brand-mcn@1", "mcn.clearing")
    shown = money_path(document(STREAMER))
    assert shown is not None
    assert [step.worded.en for step in shown.steps] == [
        "70% × the whole 55.62 = 38.934 → 38.93 (rounded half up to 0.01)",
        "the whole 55.62 − streamer share 38.93 = 16.69",
    ]


def test_a_returns_clause_of_a_fed_document_is_not_settled_otherwise_than_what_feeds_it_says() -> None:
    own = document(STREAMER, ("\ntests:", RETURNS + "\ntests:"))
    (told,) = [one for one in check(own) if one.code == "settlement.not-yet"]
    assert "the returns clause 7.4 says it otherwise" in told.message
    with pytest.raises(SettlementRefused, match="leave it to brand-mcn"):
        read_terms([own], feeding=read_terms([document(BRAND)]))


def test_a_document_that_rounds_per_statement_feeds_nothing() -> None:
    assert refusal(*deal(document(BRAND, ("at: line", "at: statement"))))[0] == "link.statement"


def test_versions_of_a_fed_document_are_compared_for_whom_they_pay_less() -> None:
    less = document(STREAMER, ("70% * whole", "60% * whole"), ("主播得 70%", "主播得 60%"))
    found = {one.party: one.verdict for one in paid_less(document(STREAMER), less)}
    assert found["streamer"] == "found"
