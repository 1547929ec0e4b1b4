"""`tallystick split`: the exact split of an order file, as scripts outside the project call it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.command_line import AGREEMENT, EXAMPLES, Ran, tally, tally_process

HEADER = "order,line,currency,paid,confirmed_at,freight,platform_coupon"
D01_ROW = "O-1,1,CNY,299.00,2026-03-02,10.00,20.00"
D01_LEGS = {
    "tech_fee": ("platform", 1595),
    "alliance_fee": ("platform", 618),
    "mcn_share": ("mcn", 1669),
    "streamer_share": ("streamer", 3893),
    "leader_platform_fee": ("platform", 62),
    "leader_net": ("leader", 556),
    "merchant_net": ("brand", 23507),
}


def split(tmp_path: Path, *rows: str, header: str = HEADER, as_json: bool = True) -> Ran:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return tally(tmp_path, "split", AGREEMENT, path, *(["--json"] if as_json else []))


def test_the_line_of_d01_splits_to_the_cent_in_the_documented_shape(tmp_path: Path) -> None:
    ran = split(tmp_path, D01_ROW)
    assert ran.code == 0
    legs = {leg: {"party": party, "amount_minor": minor} for leg, (party, minor) in D01_LEGS.items()}
    assert ran.json == {
        "lines": [{"order": "O-1", "line": "1", "legs": legs}],
        "totals": {"platform": 2275, "mcn": 1669, "streamer": 3893, "leader": 556, "brand": 23507},
        "currency": "CNY",
    }
    assert sum(ran.json["totals"].values()) == 31900


def test_a_thousand_lines_of_d01_sum_to_the_figures_of_the_case(tmp_path: Path) -> None:
    ran = tally(tmp_path, "split", AGREEMENT, EXAMPLES / "orders" / "d01-orders.csv", "--json")
    assert len(ran.json["lines"]) == 1000
    assert ran.json["totals"] == {
        "platform": 2_275_000, "mcn": 1_669_000, "streamer": 3_893_000, "leader": 556_000, "brand": 23_507_000
    }  # fmt: skip


def test_no_order_file_gives_no_lines(tmp_path: Path) -> None:
    assert split(tmp_path).json == {"lines": [], "totals": {}, "currency": "CNY"}


def test_csv_and_parquet_split_alike(tmp_path: Path) -> None:
    orders = EXAMPLES / "orders" / "autumn-week-1.csv"
    frame = pl.read_csv(orders, infer_schema=False)
    frame.write_parquet(tmp_path / "text.parquet")
    exact = frame.with_columns(pl.col("paid", "freight", "platform_coupon").cast(pl.Decimal(18, 2)))
    exact.write_parquet(tmp_path / "decimal.parquet")
    by_csv = tally(tmp_path, "split", AGREEMENT, orders, "--json")
    assert by_csv.code == 0
    for name in ("text.parquet", "decimal.parquet"):
        assert tally(tmp_path, "split", AGREEMENT, tmp_path / name, "--json") == by_csv


def test_parquet_with_binary_floats_is_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"order": ["1"], "line": ["1"], "currency": ["CNY"], "paid": [299.0],
                          "confirmed_at": ["2026-03-02"]})  # fmt: skip
    frame.write_parquet(tmp_path / "floats.parquet")
    ran = tally(tmp_path, "split", AGREEMENT, tmp_path / "floats.parquet", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "paid" in ran.err


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("O-2,1,CNY,299.001,2026-03-02,10.00,20.00", ("row 2", "column paid")),
        ("O-2,1,CNY,2_99,2026-03-02,10.00,20.00", ("row 2", "column paid")),
        ("O-2,1,CNY,2.99e2,2026-03-02,10.00,20.00", ("row 2", "column paid")),
        ("O-2,1,CNY,299.00,2026-03-02,ten,20.00", ("row 2", "column freight")),
        ("O-2,1,USD,299.00,2026-03-02,10.00,20.00", ("row 2", "column currency", "USD")),
        ("O-1,1,CNY,299.00,2026-03-02,10.00,20.00", ("row 2", "O-1", "twice")),
        (",1,CNY,299.00,2026-03-02,10.00,20.00", ("row 2", "order")),
        ("O-2,1,CNY,,2026-03-02,10.00,20.00", ("row 2", "paid")),
        ("O-2,1,CNY,299.00", ("line 3", "4 cells")),
    ],
)
def test_a_row_that_cannot_be_split_is_named_and_nothing_is_printed(
    tmp_path: Path, row: str, said: tuple[str, ...]
) -> None:
    for as_json in (True, False):
        ran = split(tmp_path, D01_ROW, row, as_json=as_json)
        assert ran.code == 2
        assert ran.out == "", "half a JSON value would be worse than none"
        for word in said:
            assert word in ran.err


@pytest.mark.parametrize("name", ["order", "line", "currency", "paid", "confirmed_at"])
def test_a_missing_column_is_named(tmp_path: Path, name: str) -> None:
    kept = [column for column in HEADER.split(",") if column != name]
    ran = split(tmp_path, header=",".join(kept))
    assert (ran.code, ran.out) == (2, "")
    assert f"'{name}'" in ran.err


def test_a_column_given_twice_is_refused(tmp_path: Path) -> None:
    ran = split(tmp_path, header=HEADER + ",paid")
    assert (ran.code, ran.out) == (2, "")
    assert "'paid'" in ran.err


def test_a_file_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    pl.DataFrame({"order": ["1"]}).write_parquet(whole)
    for name, data in (("cut.parquet", whole.read_bytes()[:-20]), ("no.csv", b"order,\xff\xff\n")):
        (tmp_path / name).write_bytes(data)
        ran = tally(tmp_path, "split", AGREEMENT, tmp_path / name, "--json")
        assert (ran.code, ran.out) == (2, "")
        assert name in ran.err


def test_parts_always_sum_to_what_was_paid_and_given(tmp_path: Path) -> None:
    rows = [
        f"O-{n},1,CNY,{Decimal(n * 7919 % 99991) / 100:.2f},2026-03-02,0.00,{n % 5}.33" for n in range(1, 400)
    ]
    ran = split(tmp_path, *rows)
    for line, row in zip(ran.json["lines"], rows, strict=True):
        cells = row.split(",")
        whole = int((Decimal(cells[3]) + Decimal(cells[6])) * 100)
        assert sum(leg["amount_minor"] for leg in line["legs"].values()) == whole


def test_people_see_the_same_totals(tmp_path: Path) -> None:
    ran = split(tmp_path, D01_ROW, as_json=False)
    assert "16.69" in ran.out
    assert "319.00" in ran.out


def test_a_process_of_its_own_exits_with_the_documented_codes(tmp_path: Path) -> None:
    good = tally_process(tmp_path, "split", AGREEMENT, EXAMPLES / "orders" / "autumn-week-1.csv", "--json")
    assert good.code == 0
    assert set(good.json) == {"lines", "totals", "currency"}
    assert good.err == ""
    assert tally_process(tmp_path, "split", AGREEMENT, "--json").code == 2


LINKED = EXAMPLES / "agreements" / "linked"
DEAL = tuple(LINKED / f"{name}.yaml" for name in ("mcn-streamer", "platform-rules", "brand-mcn"))
D01_ORDERS = EXAMPLES / "orders" / "d01-orders.csv"


def test_linked_documents_split_every_line_down_the_chain(tmp_path: Path) -> None:
    ran = tally(tmp_path, "split", *DEAL, D01_ORDERS, "--json")
    assert ran.code == 0
    first = ran.json["lines"][0]["agreements"]
    assert first["brand-mcn@1"]["legs"]["agency_commission"] == {"party": "mcn", "amount_minor": 5562}
    assert first["mcn-streamer@1"]["whole_minor"] == 5562
    assert ran.json["totals"] == {
        "platform": 2_213_000, "mcn": 1_669_000, "brand": 24_125_000, "streamer": 3_893_000
    }  # fmt: skip
    assert "brand-mcn@1 → mcn-streamer@1" in tally(tmp_path, "split", *DEAL, D01_ORDERS).out


@pytest.mark.parametrize(
    ("party", "documents"),
    [
        ("brand", {"brand-mcn@1"}),
        ("streamer", {"mcn-streamer@1"}),
        ("mcn", {"brand-mcn@1", "mcn-streamer@1"}),
    ],
)
def test_a_party_is_shown_its_own_documents_only(tmp_path: Path, party: str, documents: set[str]) -> None:
    ran = tally(tmp_path, "split", *DEAL, D01_ORDERS, "--as", party, "--json")
    assert {ref for line in ran.json["lines"] for ref in line["agreements"]} == documents
    assert ("brand" in ran.json["totals"]) == ("brand-mcn@1" in documents)


def test_a_deal_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    without = tally(tmp_path, "split", *DEAL[:2], D01_ORDERS, "--json")
    assert (without.code, without.out) == (2, "")
    assert "brand-mcn@1, which was not given" in without.err
    alone = tally(tmp_path, "split", DEAL[0], D01_ORDERS, "--json")
    assert (alone.code, alone.out) == (2, "")
    assert "give that document too" in alone.err
    nobody = tally(tmp_path, "split", *DEAL, D01_ORDERS, "--as", "brnd")
    assert (nobody.code, nobody.out) == (2, "")
    assert "did you mean 'brand'?" in nobody.err


SEASON = tuple(
    LINKED / f"{name}.yaml" for name in ("platform-rules", "season-frame", "session-1111", "leader-link")
)
ATTRIBUTED = EXAMPLES / "orders" / "attributed.csv"


def test_unlinked_documents_take_their_own_lines_and_the_rest_waits(tmp_path: Path) -> None:
    ran = tally(tmp_path, "split", *SEASON, ATTRIBUTED, "--json")
    assert ran.code == 0
    assert {line["order"]: line["attribution"]["agreement"] for line in ran.json["lines"]} == {
        "A-1": "session-1111@1", "A-2": "session-1111@1", "A-3": "session-1111@1", "A-4": "leader-link@1",
        "A-6": "session-1111@1",
    }  # fmt: skip
    assert {one["order"]: one["reason"] for one in ran.json["suspense"]} == {
        "A-5": "tie", "A-7": "none", "A-8": "unknown"
    }  # fmt: skip
    assert sum(ran.json["totals"].values()) == 5 * 29900
    assert (
        "order A-7, line 1: no agreement's route holds" in tally(tmp_path, "split", *SEASON, ATTRIBUTED).out
    )


def test_a_party_sees_its_own_lines_and_what_it_may_claim(tmp_path: Path) -> None:
    ran = tally(tmp_path, "split", *SEASON, ATTRIBUTED, "--as", "leader", "--json")
    assert [line["order"] for line in ran.json["lines"]] == ["A-4"]
    assert [one["order"] for one in ran.json["suspense"]] == ["A-5", "A-7"]


def test_a_document_that_does_not_say_which_lines_are_its_own_is_refused_beside_another(
    tmp_path: Path,
) -> None:
    ran = tally(tmp_path, "split", *SEASON, LINKED / "brand-mcn.yaml", ATTRIBUTED)
    assert (ran.code, ran.out) == (2, "")
    assert "brand-mcn@1" in ran.err
    assert "attribution" in ran.err


LADDER_ROWS = (
    "O-3,1,CNY,600000.00,2026-11-13 10:00:00,S-1111,,,",
    "O-1,1,CNY,600000.00,2026-11-11 10:00:00,S-1111,,,",
    "O-2,1,CNY,600000.00,2026-11-12T10:00:00+08:00,S-1111,,,",
)


def test_a_file_is_counted_over_its_windows_in_the_order_of_confirmation(tmp_path: Path) -> None:
    path = tmp_path / "ladder.csv"
    header = "order,line,currency,paid,confirmed_at,session,coupon,link_owner,days_since_click"
    path.write_text("\n".join([header, *LADDER_ROWS, ""]), encoding="utf-8")
    ran = tally(tmp_path, "split", *SEASON, path, "--json")
    legs = [
        line["agreements"]["session-1111@1"]["legs"]["commission"]["amount_minor"]
        for line in ran.json["lines"]
    ]
    assert legs == [12_000_000, 12_800_000, 14_400_000]
    text = (LINKED / "session-1111.yaml").read_text(encoding="utf-8")
    meanwhile = text.replace(
        '"marginal(ladder, volume)"', '"marginal(ladder, volume)", provisional: 20% * paid'
    )
    (tmp_path / "meanwhile.yaml").write_text(meanwhile, encoding="utf-8")
    topped = tally(tmp_path, "split", *SEASON[:2], tmp_path / "meanwhile.yaml", path, "--json")
    (entry,) = topped.json["windows"]
    assert (entry["amount_minor"], entry["causes"]) == (3_200_000, ["provisional"])
    assert topped.json["totals"] == ran.json["totals"]
    assert (
        "session_sales term, commission: 32,000.00 (provisional)"
        in tally(tmp_path, "split", *SEASON[:2], tmp_path / "meanwhile.yaml", path).out
    )
    path.write_text(f"{header}\nO-1,1,CNY,1.00,,S-1111,,,\n", encoding="utf-8")
    late = tally(tmp_path, "split", *SEASON, path)
    assert (late.code, late.out) == (2, "")
    assert "column confirmed_at" in late.err


def test_check_holds_linked_documents_against_each_other(tmp_path: Path) -> None:
    assert tally(tmp_path, "check", *DEAL).code == 0
    text = (LINKED / "mcn-streamer.yaml").read_text(encoding="utf-8")
    (tmp_path / "odd.yaml").write_text(
        text.replace("leg: agency_commission", "leg: tech_fee"), encoding="utf-8"
    )
    ran = tally(tmp_path, "check", tmp_path / "odd.yaml", *DEAL[1:], "--json")
    assert ran.code == 1
    assert [one["code"] for one in ran.json["findings"] if one["severity"] == "error"] == ["link.leg-party"]
    assert tally(tmp_path, "check", tmp_path / "odd.yaml").code == 0, "alone it cannot be judged"


def test_a_file_under_statement_rounding_is_one_statement(tmp_path: Path) -> None:
    text = AGREEMENT.read_text(encoding="utf-8").replace("at: line}", "at: statement}")
    (tmp_path / "stated.yaml").write_text(text, encoding="utf-8")
    path = tmp_path / "orders.csv"
    rows = [f"O-{n},1,CNY,0.11,2026-03-02,0.00,0.00" for n in range(100)]
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    ran = tally(tmp_path, "split", tmp_path / "stated.yaml", path, "--json")
    fees = [line["legs"]["tech_fee"]["amount_minor"] for line in ran.json["lines"]]
    assert (sum(fees), set(fees)) == (55, {0, 1}), "5% of 11.00 in all, where each line alone would give 0.01"
    assert all(sum(leg["amount_minor"] for leg in line["legs"].values()) == 11 for line in ran.json["lines"])
