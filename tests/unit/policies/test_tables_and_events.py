"""Tables, enums and sets of events: what does not fit is named where it stands; cases are read by them."""

from __future__ import annotations

import pytest

from policies.decisions.case import case_events, read_case
from policies.decisions.decide import decide
from policies.errors import AgreementRejected, CaseRejected, Finding
from policies.formulas.tree import Aggregate, Lookup, walk
from policies.loading import agreement_from_canonical, load_agreement
from tests.property.policies.documents import DOCUMENT

CASE = """\
clause: "1"
claim: {claimant: platform, respondent: brand}
events:
  listings: [{listing.sku: A, seen: 9.00, count: "3"}]
"""


def refused(before: str, after: str) -> Finding:
    assert before in DOCUMENT
    with pytest.raises(AgreementRejected) as refusal:
        load_agreement(DOCUMENT.replace(before, after, 1), name="tables.yaml")
    return refusal.value.findings[0]


MISFITS = [
    ("upto: 1_000.00", "upto: 0.5", "tables.ladder.steps[1].upto", "does not lie above 0.5"),
    (", {value: 2%}]", "]", "tables.ladder.steps[2]", "the last step is open"),
    ("{value: 2%}]", "{upto: 9.00, value: 2%}, {value: 3%}]", "tables.ladder.steps[3].upto", "not lie above"),
    ("{upto: 3, value", "{upto: 3.5, value", "tables.fees.steps[0].upto", "not a whole number"),
    ("value: 500.01", "value: 500.011", "tables.fees.steps[1].value", "more than 2 places"),
    ("store: 2%", "store: 2 %", "tables.rates.rows[0].value", "not a rate"),
    ("otherwise: 4%", "otherwise: many", "tables.rates.otherwise", "not a rate"),
    ("rates: {by: text", "rates: {by: money", "tables.rates", "a table by text has 'rows'"),
    ("options: [store, live, other], ", "", "facts.channel", "an enum has 'options'"),
    (
        "of: listings, text: {zh: 所见价",
        "of: listing, text: {zh: 所见价",
        "facts.seen.of",
        "did you mean 'listings'",
    ),
    ("model: platform", "model: platform\ncalendar: XX", "calendar", "not a calendar"),
    ("  listings: {", "  case: {", "events.case", "means something else"),
]


@pytest.mark.parametrize(("before", "after", "path", "words"), MISFITS)
def test_a_misfit_is_named_where_it_stands(before: str, after: str, path: str, words: str) -> None:
    finding = refused(before, after)
    assert (finding.path, finding.line is not None, finding.message_zh is not None) == (path, True, True)
    assert words in finding.message


WRONG_FORMULAS = [
    ("channel == 'stor'", "'stor' is not an option of 'channel'; did you mean 'store'"),
    ("channel in ('store', 'shop')", "'shop' is not an option"),
    ("lookup(rate, word) > 1%", "'rate' is not a table of the document; did you mean 'rates'"),
    ("bracket(rates, paid) > 1%", "read it with lookup()"),
    ("lookup(ladder, paid) > 1%", "read it with bracket() or marginal()"),
    ("marginal(ladder, times) > 1%", "gives a number where money is needed"),
    ("business_days(sold_on, due_on) > 1", "needs a calendar"),
    ("add_days(sold_on, paid) > due_on", "gives money where a number is needed"),
    ("count(listing) > 1", "'listing' is not a set of rows; did you mean 'listings'"),
    ("count(orders with listings) > 1", "needs a 'where' that holds an equality"),
    ("count(orders with listings where price > seen) > 1", "needs a 'where' that holds an equality"),
    ("count(orders with orders where sku == sku) > 1", "cannot be joined with itself"),
    ("sum(max(price for orders) for orders) > 1.00", "an aggregate cannot stand inside another"),
]


@pytest.mark.parametrize(("formula", "words"), WRONG_FORMULAS)
def test_a_formula_that_does_not_fit_its_document_is_refused_by_name(formula: str, words: str) -> None:
    finding = refused("en: A note}\n", f'en: A note}}\n    when: "{formula}"\n')
    assert finding.path == "clauses[0].when"
    assert words in finding.message
    assert finding.message_zh is not None


@pytest.mark.parametrize(
    "text",
    [
        "not (lookup(rates, word) > 1%)",
        "-marginal(ladder, paid) < 1.00",
        "min(freight, marginal(ladder, paid)) > 1.00",
        "bracket(ladder, marginal(ladder, paid)) > 1%",
        "sum(marginal(ladder, price) for orders) > 1.00",
        "count(orders where lookup(rates, sku) > 1%) > 1",
        "refunded and lookup(rates, word) + 1% > 2%",
    ],
)
def test_a_table_is_found_wherever_in_a_formula_it_is_read(text: str) -> None:
    node = load_agreement(DOCUMENT, name="tables.yaml").formula(text)
    reads = [part for part in walk(node) if isinstance(part, Lookup)]
    reads += [
        part
        for one in walk(node)
        if isinstance(one, Aggregate) and one.rows.where is not None
        for part in walk(one.rows.where)
        if isinstance(part, Lookup)
    ]
    assert reads
    assert all(one.table is not None and one.table.name == one.name for one in reads)


@pytest.mark.parametrize(
    "where", ["sku == listing.sku", "listing.sku == sku", "price > seen and sku == listing.sku"]
)
def test_an_equality_joins_two_sets_whichever_side_is_named_first(where: str) -> None:
    node = load_agreement(DOCUMENT, name="tables.yaml").formula(f"count(orders with listings where {where})")
    assert isinstance(node, Aggregate)
    assert node.rows.on == (("sku", "listing.sku"),)


def test_tables_and_events_survive_the_signed_form() -> None:
    agreement = load_agreement(DOCUMENT, name="tables.yaml")
    again = agreement_from_canonical(agreement.canonical, name="signed")
    assert again == agreement
    assert again.bindings.tables == agreement.bindings.tables


def test_a_case_gives_rows_of_a_declared_set_and_no_others() -> None:
    agreement = load_agreement(DOCUMENT, name="tables.yaml")
    rows = case_events(agreement, read_case(CASE, name="case.yaml"))["listings"]
    assert [(row.facts["listing.sku"], row.count) for row in rows] == [("A", 3)]
    for before, after, words in (
        ("listings:", "listing:", "did you mean 'listings'"),
        ("seen: 9.00", "sean: 9.00", "did you mean 'seen'"),
        ("seen: 9.00", "seen: 9.001", "more than 2 places"),
        ('count: "3"', 'count: "0"', "not a count of rows"),
    ):
        with pytest.raises(CaseRejected, match=words):
            case_events(agreement, read_case(CASE.replace(before, after), name="case.yaml"))


def test_a_decision_names_the_calendar_it_used() -> None:
    dated = DOCUMENT.replace("model: platform", "model: platform\ncalendar: CN")
    used = decide([load_agreement(dated, name="dated.yaml")], read_case(CASE, name="case.yaml")).as_json()
    assert used["calendar"]["id"] == "CN"
    assert len(used["calendar"]["sha256"]) == 64
    plain = decide([load_agreement(DOCUMENT, name="plain.yaml")], read_case(CASE, name="case.yaml")).as_json()
    assert "calendar" not in plain
