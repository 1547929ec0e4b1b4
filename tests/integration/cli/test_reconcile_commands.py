"""`tallystick reconcile` over the worked example, with the files that the how-to uses."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from api.office.settling import documents
from ledger.reconciliation.layouts import load_layout
from ledger.reconciliation.making import Asked, make
from ledger.reconciliation.words import reason
from ledger.statements.lines import LineStore
from policies.loading import load_agreement
from tests.command_line import EXAMPLES, ROOT, log_size, office_at, tally

FILES = EXAMPLES / "reconciliation"
HOW_TO = ROOT / "docs" / "how-to" / "reconcile-with-a-bill.md"
FIRST = ("--since", "2026-11-01", "--until", "2026-11-06")
RUN = ("reconcile", "run", "head-streamer")
AS_MCN = ("--party", "mcn", "--layout", "tallystick-lines")
CLASSES = {"timing", "rate_version", "refund", "rounding", "missing", "duplicate", "unknown"}


@pytest.fixture
def code(installation: Path) -> Path:
    """A file with the access code of the agency's member."""
    told = dict(
        line.split("\t") for line in (installation / "example" / "access-codes.txt").read_text().splitlines()
    )
    path = installation / "mcn.code"
    path.write_text(told["mcn-finance"], encoding="utf-8")
    return path


def test_the_first_bill_has_a_break_of_each_class_once_the_second_version_is_known(
    example_data: Path,
) -> None:
    second = load_agreement((FILES / "head-streamer-2.yaml").read_text(encoding="utf-8"), name="second")
    asked = Asked(
        party="mcn",
        path=FILES / "mcn-bill-1.csv",
        layout=load_layout("tallystick-lines"),
        since=date(2026, 11, 1),
        until=date(2026, 11, 6),
    )
    with office_at(example_data) as office:
        versions = [*documents(office, "head-streamer"), second]
        made = make(office.log, LineStore(office.files), versions, asked, at=office.clock())
    assert {one.kind for one in made.result.by_class() if one.count} == CLASSES
    (rate,) = [one for one in made.result.breaks if one.kind == "rate_version"]
    assert reason(rate, "CNY")["en"].startswith("the file's 7.16 is what version 2 gives")


def test_a_bill_is_reconciled_recorded_dealt_with_and_carried_over(installation: Path, code: Path) -> None:
    bill, by = FILES / "mcn-bill-1.csv", ("--code-file", code)
    before = log_size(installation)
    seen = tally(installation, *RUN, bill, *AS_MCN, *FIRST)
    assert (seen.code, "explained by" in seen.out) == (1, True), "something is open"
    assert log_size(installation) == before
    recorded = tally(installation, *RUN, bill, *AS_MCN, *FIRST, "--record", *by, "--json").json
    told = recorded["reconciliation"]
    assert {one["break_class"] for one in told["classes"]} == CLASSES - {"rate_version"}
    explained = sum(one["difference"]["amount_minor"] for one in told["classes"])
    assert (
        explained
        == told["difference"]["amount_minor"]
        == told["own"]["amount_minor"] - told["file"]["amount_minor"]
    )
    again = tally(installation, "reconcile", "check", told["id"], bill)
    assert (again.code, again.out.startswith(f"{told['id']}: the same, digest ")) == (0, True)
    other = tally(installation, "reconcile", "check", told["id"], FILES / "mcn-bill-2.csv")
    assert (other.code, "its file is not the one" in other.out) == (1, True)
    (twice,) = [one for one in recorded["breaks"] if one["break_class"] == "duplicate"]
    row = twice["rows"][0]["id"]
    assert f" match head-streamer {row} " in HOW_TO.read_text(encoding="utf-8")
    book = ("head-streamer", "--party", "mcn", "--book", "bill-lines")
    matched = tally(installation, "reconcile", "match", row, *by, "--reason", "billed twice", "--class",
                    "duplicate", "--json", *book)  # fmt: skip
    assert matched.code == 2, "the agreement comes before the rows"
    matched = tally(installation, "reconcile", "match", "head-streamer", row, *book[1:], *by, "--reason",
                    "billed twice", "--class", "duplicate", "--json")  # fmt: skip
    assert matched.json["difference"] == {"amount_minor": -1_183, "currency": "CNY"}
    second = tally(installation, *RUN, FILES / "mcn-bill-2.csv", *AS_MCN, "--record", *by, "--json").json
    assert second["reconciliation"]["previous"] == told["id"]
    assert {one["about"] for one in second["breaks"] if one["open"]} == {
        "AW-0002/1/mcn_share", "AW-0003/1/mcn_share", "AW-0004/2/mcn_share", "AW-0008/2/mcn_share",
        "AW-0999/1/mcn_share",
    }  # fmt: skip
    aging = tally(installation, "reconcile", "open", *book, "--on", "2027-01-01", "--aging", "--csv")
    rows = list(csv.DictReader(io.StringIO(aging.out)))
    assert {(one["break_class"], one["ages"], one["count"]) for one in rows} == {
        ("missing", "31-90", "2"), ("rounding", "31-90", "1"), ("unknown", "31-90", "2"),
    }  # fmt: skip
    each = list(csv.DictReader(io.StringIO(tally(installation, "reconcile", "open", *book, "--csv").out)))
    assert {one["about"] for one in each} >= {"AW-0999/1/mcn_share"}
    withdrawn = tally(installation, "reconcile", "withdraw", "head-streamer", matched.json["id"], *book[1:],
                      *by, "--reason", "it was not")  # fmt: skip
    assert "withdrawn, entry " in withdrawn.out
    shown = tally(installation, "reconcile", "open", *book)
    assert f"the match {matched.json['id']} by hand was withdrawn" in shown.out
    listed = tally(installation, "reconcile", "list", "head-streamer", "--party", "mcn")
    assert [line.split()[0] for line in listed.out.splitlines()] == [
        second["reconciliation"]["id"], told["id"],
    ]  # fmt: skip
    assert tally(installation, "reconcile", "show", told["id"]).code == 0
    bank = tally(installation, *RUN, FILES / "mcn-bank.csv", "--party", "mcn", "--layout", "bank-account",
                 "--since", "2026-11-01", "--record", *by)  # fmt: skip
    assert bank.code == 1
    steps = tally(installation, "reconcile", "three-ways", "head-streamer", "--party", "mcn", "--bill",
                  "bill-lines", "--bank", "bank-account")  # fmt: skip
    assert steps.out.splitlines()[-1].split() == [
        "the",
        "bank",
        "or",
        "books,",
        "all",
        "of",
        "it",
        "17,134.45",
    ]
    assert tally(installation, "doctor").code == 0


def test_a_bank_is_matched_by_amounts_and_sums(installation: Path) -> None:
    found = tally(installation, *RUN, FILES / "mcn-bank.csv", "--party", "mcn", "--layout", "bank-account")
    assert found.code == 1
    assert "17,139.45" in found.out
    assert "3 matches; 1 open; 0 suggestions" in found.out
    assert "the own side has nothing of it" in found.out


def test_wrong_files_and_words_exit_with_2_and_leave_nothing(
    installation: Path, code: Path, tmp_path: Path
) -> None:
    before = log_size(installation)
    bill = FILES / "mcn-bill-1.csv"
    for arguments, code_of_refusal in (
        ((bill, "--party", "mcn", "--layout", "tallystick-line"), "intake.mapping-unknown"),
        ((FILES / "mcn-bank.csv", *AS_MCN), "intake.header"),
        ((bill, "--party", "nobody", "--layout", "tallystick-lines"), "reconciliation.refused"),
        ((bill, *AS_MCN, "--until", "November"), "reconciliation.refused"),
        ((bill, "--party", "brand", "--layout", "tallystick-lines", "--record", "--code-file", code),
         "access.denied"),
    ):  # fmt: skip
        refused = tally(installation, *RUN, *arguments)
        assert (refused.code, f"[{code_of_refusal}]" in refused.err) == (2, True), refused.err
    assert tally(installation, *RUN, bill, *AS_MCN, "--record").code == 2
    broken = tmp_path / "broken.csv"
    broken.write_text(bill.read_text(encoding="utf-8").replace("8.59", "8,59", 1).replace("7.16", "seven"))
    rejects = tmp_path / "rejects.csv"
    refused = tally(installation, *RUN, broken, *AS_MCN, *FIRST, "--rejects", rejects)
    assert refused.code == 1
    assert "rows cannot be read, and without them the total is not known" in refused.out
    assert f"add --mended {rejects}" in refused.out
    assert tally(installation, *RUN, broken, *AS_MCN, "--json").json["code"] == "reconciliation.rows-rejected"
    assert tally(installation, "reconcile", "list", "head-streamer", "--party", "mcn").out == (
        "nothing is reconciled\n"
    )
    unknown = tally(installation, "reconcile", "open", "head-streamer", "--party", "mcn", "--book", "x")
    assert unknown.code == 2
    assert log_size(installation) == before


def test_layouts_say_what_they_rest_on(example_data: Path) -> None:
    found = tally(example_data, "reconcile", "layouts", "--json").json
    assert {one["name"] for one in found} >= {"tallystick-lines", "bank-account", "douyin-settlement-file"}
    assert all(one["rests_on"]["zh"] for one in found)
    assert "rests on" in tally(example_data, "reconcile", "layouts").out
