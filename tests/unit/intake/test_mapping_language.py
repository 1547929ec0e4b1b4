"""The mapping language: what is read, and how a faulty mapping is told where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.intake import MappingRejected, MappingUnknown, load_mapping, read_mapping, shipped_mappings

GOOD = """\
mapping: 1
source: shop
time_zone: Asia/Shanghai
order: {column: id}
line: {fixed: "1"}
currency: {fixed: CNY}
facts:
  paid: {column: amount, type: money, unit: fen, required: true}
  paid_at: {column: time, type: instant, required: true}
  refunded: {column: back, type: money, unit: fen}
  refunded_at: {column: back_time, type: instant}
events:
  sale.recorded: {at: paid_at}
  refund.recorded: {at: refunded_at, total: refunded, at_most: paid}
"""


def findings_of(text: str) -> list[tuple[str, str, int | None]]:
    with pytest.raises(MappingRejected) as caught:
        read_mapping(text, name="shop.yaml")
    return [(finding.code, finding.path, finding.line) for finding in caught.value.findings]


@pytest.mark.parametrize("name", shipped_mappings())
def test_every_shipped_mapping_is_valid(name: str) -> None:
    assert len(load_mapping(name).sha256) == 64
    assert load_mapping(name).document.title.keys() == {"zh", "en"}


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("fen, required", "fen, written: [slashes], required", "mapping.option", "facts.paid.written"),
        (
            "_time, type: instant",
            "_time, type: instant, written: [sign]",
            "mapping.option",
            "facts.refunded_at.written",
        ),
        ("{fixed: CNY}", "{fixed: CNY, prefix: x}", "mapping.option", "currency"),
        ("mapping: 1", "mapping: 1\nheader_line: 0", "mapping.value", "header_line"),
        ("mapping: 1", "mapping: 1\nskip: many", "mapping.value", "skip"),
    ],
)
def test_an_option_that_does_not_fit_is_refused_where_it_stands(
    old: str, new: str, code: str, path: str
) -> None:
    assert [(found[0], found[1]) for found in findings_of(GOOD.replace(old, new))] == [(code, path)]


def test_an_unknown_mapping_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(MappingUnknown, match="did you mean 'tallystick-orders'"):
        load_mapping("tallystick-order")


def test_a_mapping_file_of_ones_own_is_read_by_path(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("\ufeff" + GOOD, encoding="utf-8")
    assert load_mapping(str(path)).source == "shop"
    with pytest.raises(MappingUnknown, match="no such mapping file"):
        load_mapping(str(tmp_path / "other.yaml"))


def test_comments_and_order_of_fields_do_not_change_the_digest_but_content_does() -> None:
    plain = read_mapping(GOOD, name="a").sha256
    lines = GOOD.splitlines()
    moved = "\n".join(["# a comment", lines[1], lines[0], *lines[2:]])
    assert read_mapping(moved, name="b").sha256 == plain
    assert read_mapping(GOOD.replace("unit: fen", "unit: yuan"), name="c").sha256 != plain


def test_what_happens_after_the_sale_is_no_part_of_the_sale() -> None:
    assert read_mapping(GOOD, name="a").later_facts() == {"refunded", "refunded_at"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("source: shop", "sauce: shop", ("mapping.unknown-field", "sauce", 2)),
        ("source: shop", "source: Shop 1", ("mapping.value", "source", 2)),
        ("mapping: 1", "mapping: 2", ("mapping.value", "mapping", 1)),
        ("Asia/Shanghai", "Asia/Shangai", ("mapping.time-zone", "time_zone", 3)),
        ('line: {fixed: "1"}', "line: {}", ("mapping.key", "line", 5)),
        ("{fixed: CNY}", "{fixed: RMB}", ("mapping.currency", "currency.fixed", 6)),
        ("type: money, unit: fen, r", "type: money, r", ("mapping.unit", "facts.paid", 8)),
        ("type: instant, r", "type: instant, unit: fen, r", ("mapping.option", "facts.paid_at.unit", 9)),
        ("type: money, unit: fen}", "type: monney}", ("mapping.value", "facts.refunded.type", 10)),
        ("required: true}", "required: maybe}", ("mapping.value", "facts.paid.required", 8)),
        ("  refunded_at:", "  Refunded:", ("mapping.fact-name", "facts.Refunded", 11)),
        ("{at: paid_at}", "{at: payed_at}", ("mapping.unknown-fact", "events.sale.recorded.at", 13)),
        ("{at: paid_at}", "{at: paid}", ("mapping.fact-type", "events.sale.recorded.at", 13)),
        ("total: refunded,", "totl: refunded,", ("mapping.unknown-field", "events.refund.recorded.totl", 14)),
        ("  sale.recorded: {at: paid_at}\n", "", ("mapping.missing-field", "events.sale.recorded", 12)),
        ("column: id}", "column: id, column: no}", ("document.duplicate-key", "", 4)),
        ("source: shop", "source: &a shop", ("document.alias", "", 2)),
        ("source: shop", "source: !!str shop", ("document.tag", "", 2)),
    ],
)
def test_a_fault_is_named_with_path_and_line(old: str, new: str, expected: tuple[str, str, int]) -> None:
    assert old in GOOD
    assert expected in findings_of(GOOD.replace(old, new, 1))


def test_an_unknown_field_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(MappingRejected, match="did you mean 'source'"):
        read_mapping(GOOD.replace("source: shop", "soruce: shop"), name="shop.yaml")


def test_a_list_is_not_a_mapping() -> None:
    with pytest.raises(MappingRejected, match="starts with 'mapping: 1'"):
        read_mapping("- a\n- b\n", name="shop.yaml")


def test_an_enum_needs_its_values_and_personal_facts_make_no_events() -> None:
    text = GOOD.replace("facts:", "facts:\n  state: {column: s, type: enum}")
    assert ("mapping.values", "facts.state", 8) in findings_of(text)
    hidden = GOOD.replace("column: time, type: instant,", "column: time, type: instant, personal: true,")
    assert ("mapping.personal", "events.sale.recorded.at", 13) in findings_of(hidden)


def test_a_fact_cannot_take_a_name_that_events_give() -> None:
    text = GOOD.replace("facts:", "facts:\n  confirmed_at: {column: c, type: instant}")
    assert ("mapping.fact-name", "facts.confirmed_at", 8) in findings_of(text)
