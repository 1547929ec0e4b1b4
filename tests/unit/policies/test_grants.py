"""A request is permitted by one whole grant; of those that do not permit it the nearest is named."""

from __future__ import annotations

from datetime import date

import pytest

from policies.agreement import Agreement
from policies.errors import AgreementRejected
from policies.grants import Wanted, access_verdict, data_grants, opt_outs_heeded
from policies.kinds_page import HOST
from policies.loading import load_agreement
from policies.render import contract, write_text

GRANT = """
  - id: "11.1"
    kind: data_grant
    holder: platform
    text: {zh: 对账。, en: Reconciliation.}
    recipients: [brand]
    fields: [paid]
    purpose: {zh: 对账, en: Reconciliation}
    retention: {days: 90}
"""


RULED = (
    GRANT
    + """\
    personal: [paid]
    valid_from: 2026-02-01
    valid_until: 2026-03-31
    aggregates: {at_least: 20, told_apart_by: buyer}
    opt_outs: [marketing]
"""
)


def document(grant: str = GRANT) -> Agreement:
    host = HOST.replace("facts:\n", "facts:\n  buyer: {type: text, of: order, text: {zh: 买家, en: buyer}}\n")
    return load_agreement(host + grant, name="grant.yaml")


def wanted(**changed: object) -> Wanted:
    asked = {
        "recipient": "brand", "purpose": "对账", "fields": ("paid",), "level": "order",
        "day": date(2026, 3, 1),
    }  # fmt: skip
    return Wanted(**{**asked, **changed})  # type: ignore[arg-type]  # what is changed is named at its use


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"purpose": " RECONCILIATION "}, None),
        ({"purpose": "对"}, "purpose"),
        ({"recipient": "mcn"}, "recipient"),
        ({"fields": ("paid", "refunded")}, "fields"),
        ({"level": "aggregate"}, None),
        ({"day": date(2026, 3, 31)}, None),
        ({"day": date(2026, 4, 1)}, "term"),
        ({"day": date(2026, 1, 31)}, "term"),
    ],
)
def test_a_grant_permits_its_purpose_fields_recipient_and_term(
    changed: dict[str, object], reason: str | None
) -> None:
    assert access_verdict(document(RULED), wanted(**changed)).reason == reason


def test_groups_are_given_where_the_grant_says_so_and_nothing_finer_where_it_says_only() -> None:
    assert access_verdict(document(), wanted(level="aggregate")).reason == "level"
    only = document(RULED.replace("told_apart_by: buyer", "only: true"))
    assert access_verdict(only, wanted()).reason == "level"
    assert access_verdict(only, wanted(level="aggregate")).permits


def test_of_grants_that_do_not_permit_it_the_nearest_is_named() -> None:
    two = GRANT + GRANT.replace('"11.1"', '"11.2"').replace("fields: [paid]", "fields: [refunded]")
    found = access_verdict(document(two), wanted(fields=("refunded",), purpose="marketing"))
    assert (found.clause and found.clause.id, found.reason) == ("11.2", "purpose")
    assert access_verdict(document(two), wanted(fields=("paid", "refunded"))).outside == ("refunded",)
    assert access_verdict(document(two), wanted(recipient="mcn")).clause is None


def test_opt_outs_of_sharing_are_heeded_for_personal_fields_and_others_where_named() -> None:
    (plain,), (ruled,) = (list(data_grants(document(one))) for one in (GRANT, RULED))
    assert opt_outs_heeded(plain, ("paid",)) == set()
    assert opt_outs_heeded(ruled, ("paid",)) == {"marketing", "sharing"}
    assert opt_outs_heeded(ruled, ("refunded",)) == {"marketing"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("at_least: 2", "is less than 3"), ("told_apart_by: bier", "did you mean 'buyer'")],
)
def test_groups_that_cannot_be_are_refused_where_they_stand(wrong: str, said: str) -> None:
    name = wrong.partition(":")[0]
    text = RULED.replace({"at_least": "at_least: 20", "told_apart_by": "told_apart_by: buyer"}[name], wrong)
    with pytest.raises(AgreementRejected, match=said):
        document(text)


def test_people_read_what_is_given_in_groups_and_whose_is_not() -> None:
    zh, en = write_text(contract(document(RULED), "zh")), write_text(contract(document(RULED), "en"))
    assert "每组不少于 20 名买家（以买家区分）" in zh
    assert "groups of at least 20 buyers (told apart by buyer)" in en
    assert "marketing" in en
