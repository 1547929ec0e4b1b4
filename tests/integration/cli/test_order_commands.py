"""`tallystick import`, `settle`, `statement` and `why` over an installation with a signed agreement."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.office.example import Example
from tests.command_line import EXAMPLES, Ran, log_size, office_at, tally

ID = "head-streamer"
WEEK_1, WEEK_2 = (EXAMPLES / "orders" / f"autumn-week-{week}.csv" for week in (1, 2))


@pytest.fixture(scope="session")
def signed_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("signed") / "data"
    with office_at(data) as office:
        example = Example(office, EXAMPLES)
        example.sign(example.keys())
    return data


@pytest.fixture
def signed(signed_data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(signed_data, tmp_path / "data"))


def imported(data: Path, orders: Path, *more: str) -> Ran:
    return tally(data, "import", orders, "--agreement", ID, "--json", *more)


def total(counts: dict[str, int]) -> int:
    return sum(counts.values())


def test_the_same_file_again_adds_nothing(signed: Path) -> None:
    first = imported(signed, WEEK_1)
    assert first.code == 0
    assert total(first.json["new"]) > 0
    assert total(first.json["repeated"]) == 0
    size = log_size(signed)
    again = imported(signed, WEEK_1)
    assert again.code == 0
    assert total(again.json["new"]) == 0
    assert again.json["repeated"] == first.json["new"]
    assert log_size(signed) == size


def test_a_later_export_adds_what_has_happened_since(signed: Path) -> None:
    first = imported(signed, WEEK_1).json
    later = imported(signed, WEEK_2)
    assert later.code == 0
    assert total(later.json["new"]) > 0
    assert total(later.json["repeated"]) > 0
    assert later.json["conflict_count"] == 0
    assert total(imported(signed, WEEK_1).json["new"]) == 0, "the older export has nothing to add"
    assert total(first["new"]) == total(first["stated"])


def changed(tmp_path: Path, was: str, now: str) -> Path:
    text = WEEK_1.read_text(encoding="utf-8")
    assert text.count(was) == 1
    path = tmp_path / WEEK_1.name
    path.write_text(text.replace(was, now), encoding="utf-8")
    return path


def test_a_changed_fact_is_a_conflict_that_is_told_and_not_taken(signed: Path, tmp_path: Path) -> None:
    imported(signed, WEEK_1)
    size = log_size(signed)
    ran = imported(signed, changed(tmp_path, "AW-0001,1,CNY,279.00", "AW-0001,1,CNY,278.00"))
    assert ran.code == 1
    assert ran.json["conflict_count"] == 1
    (conflict,) = ran.json["conflicts"]
    assert conflict["row"] == 1
    assert any("paid" in field for field in conflict["fields"])
    assert "AW-0001" in conflict["id"]
    assert log_size(signed) <= size + 1, "at most the record of the import itself"
    assert "contradicts" in tally(signed, "import", tmp_path / WEEK_1.name, "--agreement", ID).out


def test_a_row_that_cannot_be_read_is_named_and_the_rest_is_taken(signed: Path, tmp_path: Path) -> None:
    whole = imported(signed, WEEK_1, "--dry-run").json
    ran = imported(signed, changed(tmp_path, "AW-0001,1,CNY,279.00", "AW-0001,1,CNY,27g.00"))
    assert ran.code == 1
    assert ran.json["rejected_rows"] == 1
    (finding,) = ran.json["rejected"]
    assert finding["row"] == 1
    assert finding["line"] == 2
    assert finding["column"] == "paid"
    assert finding["code"]
    assert 0 < total(ran.json["new"]) < total(whole["new"])


def test_a_dry_run_writes_nothing_and_says_what_would_be(signed: Path) -> None:
    size = log_size(signed)
    dry = imported(signed, WEEK_1, "--dry-run")
    assert dry.code == 0
    assert dry.json["dry_run"] is True
    assert log_size(signed) == size
    assert imported(signed, WEEK_1).json["new"] == dry.json["new"]


def test_rows_that_are_not_taken_are_mended_in_their_file_and_imported(signed: Path, tmp_path: Path) -> None:
    spoilt, rejects = tmp_path / "week.csv", tmp_path / "rejected.csv"
    spoilt.write_text(WEEK_1.read_text(encoding="utf-8").replace(",CNY,", ",RMB,", 1), encoding="utf-8")
    ran = tally(signed, "import", spoilt, "--agreement", ID, "--rejects", rejects)
    assert ran.code == 1
    assert "rejected: row 1 (line 2), column currency: expected CNY" in ran.out
    assert f"the rows not taken stand in {rejects}" in ran.out.replace("\n", "")
    rejects.write_text(rejects.read_text(encoding="utf-8-sig").replace(",RMB,", ",CNY,"), encoding="utf-8")
    assert imported(signed, rejects).json["new"]["sales"] == 1
    assert total(imported(signed, WEEK_1).json["new"]) == 0
    over = tally(signed, "import", spoilt, "--agreement", ID, "--rejects", spoilt)
    assert (over.code, over.out) == (2, "")
    assert "is the file being imported" in over.err


def test_an_import_that_cannot_run_writes_nothing(signed: Path, tmp_path: Path) -> None:
    size = log_size(signed)
    nameless = tmp_path / "nameless.csv"
    nameless.write_text("order,line\nO-1,1\n", encoding="utf-8")
    for arguments in (
        (nameless, "--agreement", ID),
        (WEEK_1, "--agreement", "nobody-signed"),
        (WEEK_1, "--agreement", ID, "--mapping", "no-such-mapping"),
        (tmp_path / "gone.csv", "--agreement", ID),
    ):
        ran = tally(signed, "import", *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert "Traceback" not in ran.err
    assert log_size(signed) == size


def test_settling_the_same_cut_off_again_returns_what_stands(signed: Path) -> None:
    imported(signed, WEEK_2)
    first = tally(signed, "settle", ID, "--until", "2026-11-06", "--json")
    assert first.code == 0
    assert first.json["repeated"] is False
    assert len(first.json["statements"]) == 5
    size = log_size(signed)
    again = tally(signed, "settle", ID, "--until", "2026-11-06T00:00:00+08:00", "--json")
    assert again.json == {**first.json, "repeated": True}
    assert log_size(signed) == size


def test_a_cut_off_before_the_last_one_is_refused(signed: Path) -> None:
    imported(signed, WEEK_2)
    tally(signed, "settle", ID, "--until", "2026-11-06")
    size = log_size(signed)
    ran = tally(signed, "settle", ID, "--until", "2026-11-05", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "2026-11-06" in ran.err
    assert log_size(signed) == size


@pytest.mark.parametrize("until", ["yesterday", "2026-13-01", "2026-11-06T00:00:00", "20261106", ""])
def test_a_cut_off_that_is_no_time_is_refused(signed: Path, until: str) -> None:
    ran = tally(signed, "settle", ID, "--until", until)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_both_engines_settle_alike(signed: Path, tmp_path: Path) -> None:
    imported(signed, WEEK_2)
    other = Path(shutil.copytree(signed, tmp_path / "other"))
    by_columns = tally(signed, "settle", ID, "--until", "2026-11-06", "--json").json
    by_reader = tally(other, "settle", ID, "--until", "2026-11-06", "--engine", "exact", "--json").json
    assert by_columns == by_reader


def test_the_parts_of_a_run_sum_to_what_escrow_paid_out(example_data: Path) -> None:
    statements = tally(example_data, "statement", "list", "--json").json
    first = [one for one in statements if one["period"]["to"].startswith("2026-03-17")]
    assert {one["party"]: one["payable_minor"] for one in first} == {
        "platform": 2_275_000 - 2_000_000, "mcn": 1_669_000, "streamer": 3_893_000,
        "leader": 556_000, "brand": 23_507_000,
    }  # fmt: skip


def test_statements_are_listed_by_party_and_opened_to_the_line(example_data: Path) -> None:
    mine = tally(example_data, "statement", "list", "--party", "mcn", "--json").json
    assert [one["party"] for one in mine] == ["mcn"] * 3
    shown = tally(
        example_data, "statement", "show", "head-streamer.1.3", "--order", "D01-0001", "--json"
    ).json
    (line,) = shown["shown_lines"]
    assert (line["order"], line["leg"], line["amount_minor"]) == ("D01-0001", "mcn_share", 1669)
    assert len(line["entries"]) == 2
    explained = tally(example_data, "statement", "explain", "head-streamer.1.3", str(line["number"]))
    assert "16.69" in explained.out
    assert "head-streamer@1" in explained.out


def test_a_line_of_every_statement_can_be_explained_in_both_languages(example_data: Path) -> None:
    for one in tally(example_data, "statement", "list", "--json").json[:10]:
        name = one["statement"]
        for lang in ("en", "zh"):
            ran = tally(example_data, "statement", "explain", name, "0", "--lang", lang)
            assert ran.code == 0, ran.err
            assert len(ran.out.splitlines()) > 3


def test_what_is_not_there_is_refused_by_name(example_data: Path) -> None:
    for arguments in (
        ("statement", "show", "head-streamer.9.9"),
        ("statement", "show", "nonsense"),
        ("statement", "explain", "head-streamer.1.3", "999999"),
        ("why", "NO-SUCH-ORDER", "mcn", "--agreement", ID),
        ("why", "D01-0001", "nobody", "--agreement", ID),
        ("why", "D01-0001", "mcn", "--agreement", "unknown"),
        ("why", "D01-0001", "mcn", "--agreement", ID, "--at", "yesterday"),
        ("why", "D01-0001", "mcn", "--agreement", ID, "--at", "2026-04-01T00:00:00"),
        ("dispute", "show", "D-0"),
        ("export", "statement", "nonsense", "--out", "x"),
    ):
        ran = tally(example_data, *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert ran.err.strip(), arguments


def test_why_answers_with_the_amount_its_clause_and_its_facts(example_data: Path) -> None:
    ran = tally(
        example_data, "why", "D01-0001", "mcn", "--agreement", ID, "--at", "2026-04-01T00:00:00+08:00"
    )
    assert ran.code == 0
    for word in ("16.69", "6.2", "299.00", "head-streamer@1", "earned"):
        assert word in ran.out
    early = tally(
        example_data, "why", "D01-0001", "mcn", "--agreement", ID, "--at", "2026-03-03T00:00:00+08:00"
    )
    assert "clearing" in early.out


def test_a_batch_is_shown_with_what_it_brought_and_what_rests_on_it(example_data: Path) -> None:
    listed = tally(example_data, "batch", "list", "--agreement", "head-streamer", "--json").json
    name = max(listed, key=lambda one: one["entries"])["batch"]
    shown = tally(example_data, "batch", "show", name, "--agreement", "head-streamer")
    assert shown.code == 0, shown.err
    assert f"{name}  " in shown.out
    assert "rows in the file, 0 not taken" in shown.out
    told = tally(example_data, "batch", "show", name, "--agreement", "head-streamer", "--json").json
    assert told["sales"] + told["receipts"] + told["refunds"] == told["batch"]["entries"]
    assert told["statements"]
    unknown = tally(example_data, "batch", "show", "000000000000", "--agreement", "head-streamer")
    assert (unknown.code, "[entry.unknown]" in unknown.err) == (2, True)


def test_explain_says_why_a_figure_is_what_it_is(example_data: Path) -> None:
    name = tally(example_data, "statement", "list", "--party", "mcn", "--json").json[0]["statement"]
    payable = tally(example_data, "explain", name, "payable")
    assert payable.code == 0, payable.err
    assert payable.out.startswith("payable ")
    share = tally(example_data, "explain", name, "mcn_share", "--lang", "zh")
    assert "30% × (佣金" in share.out
    assert tally(example_data, "explain", name, "/totals/0", "--json").json["place"] == "/totals/0"
    wrong = tally(example_data, "explain", name, "payabel")
    assert (wrong.code, "did you mean 'payable'" in wrong.err) == (2, True)


def test_why_finds_the_agreement_by_itself(example_data: Path) -> None:
    found = tally(example_data, "why", "D01-0001", "mcn")
    assert found.out.startswith("mcn gets 16.69 CNY out of order D01-0001\n")
    assert tally(example_data, "why", "D01-0001", "mcn", "--json").json[0]["standing"] == "earned"
