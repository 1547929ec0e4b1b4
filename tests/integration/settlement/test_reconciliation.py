"""A party's own ledger held against files, recorded and carried over, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.errors import ErasureRefused
from ledger.intake.errors import FileUnreadable, HeaderRefused
from ledger.reconciliation.errors import (
    MatchRefused,
    ReconciliationDiffers,
    ReconciliationRefused,
    ReconciliationUnknown,
    RowsRejected,
)
from ledger.reconciliation.layouts import load_layout, read_layout
from ledger.reconciliation.making import Asked, Made, make, make_again
from ledger.reconciliation.manual import MatchAsked, match_by_hand, withdraw
from ledger.reconciliation.recorded import Book, Recorded, carried, reconciliation, record, state_of
from ledger.reconciliation.three_ways import three_ways
from tests.settlement_world import World, instant, plain, receipt, refund, sale

AT = instant("2026-04-20T12:00:00")
BOOK = Book("plain-split", "mcn", "bill-lines")
HEAD = "order,line,leg,kind,currency,amount,date,note"
LINES = load_layout("tallystick-lines")


class Desk:
    """The agency at its desk: bills written to files and reconciled with what it was settled."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder

    def bill(self, *rows: str, name: str = "bill.csv", head: str = HEAD) -> Path:
        path = self.folder / name
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return path

    def asked(self, path: Path, **more: object) -> Asked:
        return Asked(**{"party": "mcn", "path": path, "layout": LINES, **more})  # type: ignore[arg-type]

    def make(self, path: Path, **more: object) -> Made:
        world = self.world
        return make(world.log, world.store, world.agreements, self.asked(path, **more), at=AT)

    def record(self, made: Made) -> Recorded:
        reference = self.world.agreement.ref
        return record(
            self.world.log, made.content, made.result.open, reference=reference, at=AT, by="mcn-member"
        )

    def match(self, rows: Sequence[str], **more: str) -> str:
        asked = MatchAsked(tuple(rows), "the platform said so", **more)  # type: ignore[arg-type]
        reference = self.world.agreement.ref
        return match_by_hand(self.world.log, BOOK, asked, reference=reference, at=AT, by="mcn-member").id


def told(order: str, amount: str, day: str = "2026-03-18", kind: str = "earned", note: str = "") -> str:
    return f"{order},1,mcn_share,{kind},CNY,{amount},{day},{note}"


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    """Six orders of 100.00 settled on 17 March at 5.40 for the agency, A refunded by 50.00 before."""
    second = plain(
        was_1="version: 1", now_1="version: 2", was_2="20% * paid", now_2="30% * paid",
        was_3="2026-02-01", now_3="2026-03-25",
    )  # fmt: skip
    world.agreements.append(second)
    first = world.agreements[0]
    for order in "ABCDEF":
        world.tell(sale(first, order, paid="100.00"), receipt(first, order, "2026-03-02"))
    world.tell(sale(first, "LATE", paid="100.00", at="2026-03-10"))
    world.tell(refund(first, "A", "50.00", "2026-03-10"))
    world.settle("2026-03-17")
    return Desk(world, tmp_path)


def classes(made: Made) -> list[tuple[str, str, int]]:
    return [(one.cause, (*one.a, *one.b)[0].order, one.difference_minor) for one in made.result.breaks]


def test_each_class_of_break_is_found_from_what_the_log_knows(desk: Desk) -> None:
    bill = desk.bill(
        told("A", "5.40"),  # the reversal is lacking
        told("B", "8.10"),  # what version 2 gives
        told("C", "5.41"),
        told("D", "5.40"), told("D", "5.40"),
        told("E", "4.00"),
        told("LATE", "5.40"),  # not received yet
        told("X", "1.00", "2026-03-16"),
        told("END", "2.00", "2026-03-25"),
    )  # fmt: skip
    made = desk.make(bill, days=2)
    assert classes(made) == [
        ("duplicate.in_file", "D", -540),
        ("missing.in_ledger", "X", -100),
        ("missing.in_file", "F", 540),
        ("rate_version.other", "B", -270),
        ("refund.not_in_file", "A", -270),
        ("rounding.per_leg", "C", -1),
        ("timing.not_settled", "LATE", -540),
        ("timing.after_cutoff", "END", -200),
        ("unknown.amount", "E", 140),
    ]
    assert made.result.a_minor - made.result.b_minor == 2_970 - 4_211


def test_a_refund_that_only_the_bill_counts_is_told_by_what_was_refunded(desk: Desk) -> None:
    desk.world.tell(refund(desk.world.agreements[0], "B", "20.00", "2026-04-18"))
    made = desk.make(desk.bill(*(told(order, "5.40") for order in "CDEF"), told("B", "4.32"),
                               told("A", "2.70")))  # fmt: skip
    assert classes(made) == [("refund.not_in_ledger", "B", 108)]
    assert made.result.breaks[0].figures["back"] == -108
    assert made.result.matches == 5, "two rows of A on the own side come to one of the bill"


def test_what_is_open_is_carried_over_and_recorded_once(desk: Desk) -> None:
    first = desk.make(desk.bill(*(told(order, "5.40") for order in "ABCDE")))
    recorded = desk.record(first)
    assert desk.record(first) == recorded
    size = desk.world.log.size()
    assert [one.cause for one in carried(desk.world.log, recorded)] == [
        "refund.not_in_file", "timing.not_in_file",
    ]  # fmt: skip
    with pytest.raises(ReconciliationRefused, match="moved on"):
        desk.record(replace(first, content={**first.content, "tolerance": "9.99"}))
    assert desk.world.log.size() == size
    desk.world.tell(receipt(desk.world.agreements[0], "LATE", "2026-03-20"))
    desk.world.settle("2026-04-10")
    late = desk.bill(told("F", "5.40", "2026-03-19"), told("A", "-2.70", "2026-03-20", "reversed"),
                     told("LATE", "5.40", "2026-04-11"), name="april.csv")  # fmt: skip
    second = desk.make(late)
    assert second.content["previous"] == recorded.id
    assert second.content["brought"] == {"rows": 2, "a_minor": 270, "b_minor": 0}
    assert (second.result.breaks, second.result.matches) == ((), 3)
    assert second.content["statements"] == ["plain-split.2.2"]


def test_it_is_made_again_from_its_file_whatever_happened_since(desk: Desk) -> None:
    bill = desk.bill(*(told(order, "5.40") for order in "BCDE"), told("Q", "8.10"))
    recorded = desk.record(desk.make(bill, tolerance="0.01", days=4))
    desk.world.tell(refund(desk.world.agreements[0], "B", "100.00", "2026-03-19"))
    desk.world.settle("2026-04-10")
    world = desk.world
    again = make_again(world.log, world.store, world.agreements, recorded, desk.asked(bill))
    assert again.result.digest() == recorded.content["digest"]
    other = desk.bill(told("B", "5.40"), name="other.csv")
    with pytest.raises(ReconciliationDiffers, match="its file"):
        make_again(world.log, world.store, world.agreements, recorded, desk.asked(other))


def test_rows_are_matched_by_hand_and_open_again_when_that_is_withdrawn(desk: Desk) -> None:
    log = desk.world.log
    desk.record(desk.make(desk.bill(*(told(order, "5.40") for order in "BCD"), told("E", "5.00"))))
    opened = {row.order + row.side: row.id for one in state_of(log, BOOK).open for row in (*one.a, *one.b)}
    with pytest.raises(MatchRefused, match="no row 'nothing' is open"):
        desk.match(["nothing"])
    with pytest.raises(MatchRefused, match="40 minor units apart; say of which class"):
        desk.match([opened["Ea"], opened["Eb"]])
    match = desk.match([opened["Ea"], opened["Eb"]], kind="rounding")
    assert "E" not in {row.order for one in state_of(log, BOOK).open for row in (*one.a, *one.b)}
    with pytest.raises(MatchRefused):
        desk.match([opened["Ea"]], kind="rounding")
    second = desk.make(desk.bill(told("A", "5.40"), told("A", "-2.70", kind="reversed"), name="second.csv"))
    by_hand = [one for one in second.result.breaks if one.cause == "by_hand"]
    assert [(one.kind, one.difference_minor, one.open) for one in by_hand] == [("rounding", 40, False)]
    kept = desk.record(second)
    withdraw(log, BOOK, match, "it was another order", reference="plain-split@1", at=AT, by="mcn-member")
    (again,) = [one for one in state_of(log, BOOK).open if one.cause == "unknown.reopened"]
    assert (again.difference_minor, again.figures) == (40, {"match": match})
    assert reconciliation(log, kept.id).content == kept.content
    with pytest.raises(ReconciliationUnknown):
        withdraw(log, BOOK, "plain-split.none", "no", reference="plain-split@1", at=AT, by="m")


def test_each_party_reads_its_own_alone(desk: Desk) -> None:
    recorded = desk.record(desk.make(desk.bill(told("A", "5.40"))))
    log = desk.world.log
    for entry in log.entries(kinds=["reconciliation.recorded", "reconciliation.carried"]):
        groups = log.groups(entry.seq)
        assert {group.readers for group in groups if group.name == "reconciliation"} == {("mcn",)}
    with pytest.raises(ReconciliationUnknown):
        reconciliation(log, recorded.id, party="platform")
    with pytest.raises(ReconciliationRefused, match="no party to the agreement"):
        desk.make(desk.bill(told("A", "5.40")), party="somebody")
    platform = desk.make(desk.bill(told("A", "5.40")), party="platform")
    assert {row.leg for one in platform.result.breaks for row in one.a} == {"tech_fee", "alliance_fee"}


def test_files_that_cannot_be_read_are_refused_and_leave_nothing(desk: Desk, tmp_path: Path) -> None:
    size = desk.world.log.size()
    with pytest.raises(HeaderRefused, match="column 'amount' is missing; is it 'amuont'"):
        desk.make(desk.bill(told("A", "5.40"), head=HEAD.replace("amount", "amuont")))
    with pytest.raises(FileUnreadable):
        desk.make(tmp_path / "none.csv")
    with pytest.raises(ReconciliationRefused, match="no version has a leg 'mcn-share'"):
        desk.make(desk.bill(told("A", "5.40")), legs=("mcn-share",))
    with pytest.raises(ReconciliationRefused, match="is no amount"):
        desk.make(desk.bill(told("A", "5.40")), tolerance="a little")
    rejects = tmp_path / "rejects.csv"
    bill = desk.bill(told("A", "5.40x"), *(told(order, "5.40") for order in "BCDEF"))
    with pytest.raises(RowsRejected, match=r"1 of 6 rows cannot be read.*row 1, column amount"):
        desk.make(bill, rejects=rejects)
    mended = tmp_path / "mended.csv"
    mended.write_text(rejects.read_text(encoding="utf-8-sig").replace("5.40x", "5.40"), encoding="utf-8")
    found = desk.make(bill, mended=mended)
    assert [one.cause for one in found.result.breaks] == ["refund.not_in_file"]
    assert len(found.content["files"]) == 2
    assert desk.world.log.size() == size


def test_a_bank_that_names_nothing_is_matched_by_amount_and_sums(desk: Desk) -> None:
    desk.world.tell(receipt(desk.world.agreements[0], "LATE", "2026-03-20"))
    desk.world.settle("2026-04-10")
    path = desk.folder / "bank.csv"
    rows = ["交易日期,收入金额,支出金额,摘要", "2026/3/19,20.00,-,一", "2026/3/20,9.70,-,二",
            "2026/4/12,5.40,-,三", "2026/4/9,-,1.00,费"]  # fmt: skip
    path.write_text("\n".join(rows), encoding="gb18030")
    made = desk.make(path, layout=load_layout("bank-account"))
    matched = made.result.matched.group_by("match", "how").len().sort("match")
    assert matched.rows() == [("plain-split.1.2", "subset", 3), ("plain-split.2.2", "amount", 2)]
    assert [(one.cause, one.difference_minor) for one in made.result.breaks] == [("missing.in_ledger", 100)]


def test_three_ways_lead_from_the_bill_over_the_own_ledger_to_the_bank(desk: Desk) -> None:
    log = desk.world.log
    desk.record(desk.make(desk.bill(told("A", "5.40"), told("B", "5.40"), told("C", "5.50"))))
    bank = desk.folder / "bank.csv"
    bank.write_text("交易日期,收入金额,支出金额,摘要\n2026/3/20,29.00,-,一\n", encoding="gb18030")
    with pytest.raises(ReconciliationRefused, match="nothing is reconciled"):
        three_ways(log, BOOK, replace(BOOK, name="bank-account"))
    desk.record(desk.make(bank, layout=load_layout("bank-account")))
    with pytest.raises(ReconciliationRefused, match="a bill about order lines"):
        three_ways(log, replace(BOOK, name="bank-account"), BOOK)
    opened = [row.id for one in state_of(log, BOOK).open for row in (*one.a, *one.b) if row.order == "C"]
    desk.match(opened, kind="unknown")
    found = three_ways(log, BOOK, replace(BOOK, name="bank-account"))
    assert [(one.kind, one.name, one.amount_minor) for one in found] == [
        ("total", "bill", 1_630), ("break", "timing", 1_620), ("break", "refund", -270),
        ("closed", "closed", -10), ("total", "lines", 2_970), ("total", "paid", 2_970),
        ("break", "timing", -2_970), ("break", "missing", 2_900), ("total", "bank", 2_900),
    ]  # fmt: skip


def test_notes_of_rows_can_be_erased_and_nothing_else(desk: Desk) -> None:
    log = desk.world.log
    desk.record(desk.make(desk.bill(told("Q", "1.00", "2026-03-16", note="paid by Wang"))))
    (entry,) = log.entries(kinds=["reconciliation.carried"])
    why = {"reason": "asked", "asserter": "operator", "source": "erase"}
    with pytest.raises(ErasureRefused, match="what later entries rest on"):
        log.erase(entry.seq, "reconciliation", id="1", **why)
    before = {row.note for one in state_of(log, BOOK).open for row in one.b}
    log.erase(entry.seq, "notes", id="2", **why)
    after = {row.note for one in state_of(log, BOOK).open for row in one.b}
    assert (before, after) == ({"paid by Wang"}, {""})
    assert desk.make(desk.bill(told("A", "5.40"))).content["number"] == 2


def test_a_wide_bill_gives_a_row_an_amount_and_only_its_legs_are_compared(desk: Desk) -> None:
    layout = read_layout(
        """
layout: 1
source: wide
rests_on: {zh: 测试, en: test}
side: bill
level: leg
time_zone: agreement
reference: {order: {column: 订单}, line: {fixed: "1"}}
currency: {fixed: CNY}
at: {column: 日期}
amounts:
  - {column: 技术服务费, unit: fen, leg: tech_fee, negate: true}
""",
        name="wide.yaml",
    )
    bill = desk.bill(*(f"{order},-500,2026-03-18" for order in "BCDEF"), "A,-250,2026-03-18",
                     head="订单,技术服务费,日期")  # fmt: skip
    made = desk.make(bill, party="platform", layout=layout)
    assert (made.result.breaks, made.result.rows_a, made.result.matches) == ((), 7, 6)
