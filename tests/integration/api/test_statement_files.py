"""A statement as PDF, XLSX, CSV and JSON: the same bytes each time, its own sums, and text as data."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from api.language import LANGUAGES, Language
from api.statements.papers import as_xlsx
from api.statements.papers.as_xlsx import write_xlsx
from api.statements.papers.file import MEDIA_TYPES, paper_file
from api.statements.papers.paper import FORMS, Form, Paper, decimal_text
from ledger.statements.content import Adjustment, Period, RunHeader, statement_content
from ledger.statements.lines import SCHEMA, LineStore, lines_root, totals_of
from ledger.statements.reading import Statement
from policies.canonical import canonical_bytes
from policies.money import from_minor, minor_digits
from tests.integration.api.conftest import Door
from tests.settlement_world import head_streamer
from tests.world import STATEMENTS

MCN = f"/v1/statements/{STATEMENTS['mcn']}"
LEGS = {"mcn_share": "6.2", "tech_fee": "6.1"}
HOSTILE = ["=1+1", "@SUM(A1)", "-2", "<b>&</b>", "#set page(fill: red)", '"quoted", "', "_x0041_", "订单 甲"]


def paper_of(folder: Path, rows: list[tuple[str, str, int]], opening: int = 0, decided: int = 0) -> Paper:
    """Return a statement of lines (order, leg, minor units), with a debt before and a decision beside."""
    agreement, store = head_streamer(), LineStore(folder)
    frame = pl.DataFrame(
        [
            {
                "order": order, "line": str(place), "clause": LEGS[leg], "leg": leg,
                "kind": "earned" if amount > 0 else "reversed", "amount_minor": amount, "version": 1,
                "entries": [place, place + 1],
            }
            for place, (order, leg, amount) in enumerate(rows)
        ],
        schema=SCHEMA,
    )  # fmt: skip
    root = lines_root(frame)
    store.write(root, frame)
    header = RunHeader(
        agreement.id,
        ((1, agreement.sha256),),
        "CNY",
        Period("2026-02-01T00:00:00+08:00", "2026-03-17T00:00:00+08:00"),
        9,
    )
    adjustments = [Adjustment(5, "9.1", "liquidated_damages", decided)] if decided else []
    previous = (f"{agreement.id}.1.3", opening) if opening else None
    lines = (frame.height, root)
    content = statement_content(
        header, f"{agreement.id}.2.3", "mcn", totals_of(frame), adjustments, lines, previous
    )
    issued = "2026-03-17T01:00:00.000000Z"
    return Paper(Statement(content["statement"], 7, issued, agreement.id, "mcn", content), agreement, store)


def written(paper: Paper, form: Form, language: Language = "zh") -> bytes:
    return b"".join(paper_file(paper, form, language))


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def sheets_of(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(HOSTILE), st.sampled_from(sorted(LEGS)),
        st.integers(-(10**12), 10**12).filter(lambda amount: amount != 0),
    ),
    max_size=12,
)  # fmt: skip


@given(ROWS, st.integers(-(10**12), 0), st.integers(-(10**6), 10**6))
def test_the_sums_of_every_file_are_those_of_the_statement(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int]], opening: int, decided: int
) -> None:
    paper = paper_of(tmp_path_factory.mktemp("paper"), rows, opening, decided)
    content = paper.statement.content
    exact = sum(amount for _, _, amount in rows)
    table = rows_of(written(paper, "csv"))
    by_part: dict[str, int] = {}
    for row in table:
        if row["part"] == "class":
            continue
        by_part[row["part"]] = by_part.get(row["part"], 0) + int(row["amount_minor"])
        assert row["amount"] == from_minor(int(row["amount_minor"]), "CNY")
    assert by_part.get("line", 0) == by_part.get("total", 0) == exact
    assert by_part["opening"] + exact + by_part.get("adjustment", 0) == by_part["closing"]
    assert by_part["payable"] == content["payable_minor"]
    classes = {row["class"]: int(row["amount_minor"]) for row in table if row["part"] == "class"}
    assert by_part["opening"] + sum(classes.values()) == by_part["closing"]
    assert classes.get("penalties", 0) == decided
    told = json.loads(written(paper, "json"))
    assert {one["class"]: one["amount_minor"] for one in told["classes"]} == classes
    assert told["statement"] == content
    assert sum(line["amount_minor"] for line in told["lines"]) == exact
    assert canonical_bytes(told) + b"\n" == written(paper, "json")
    summary, *lines = sheets_of(written(paper, "xlsx", "en")).values()
    subtotals = {row[0]: row[4] for row in summary if len(row) > 4 and row[0] in {"Earned", "Penalties"}}
    assert subtotals.get("Earned", "0.00") == from_minor(classes.get("earned", 0), "CNY")
    texts = [row[4] for row in summary if len(row) > 4 and row[0] == "Closing"]
    assert texts == [from_minor(content["closing_minor"], "CNY")]
    assert [row[7] for sheet in lines for row in sheet[1:]] == [
        from_minor(amount, "CNY") for _, _, amount in rows
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_statement_is_the_same_bytes(tmp_path: Path, form: Form, language: Language) -> None:
    rows = [(order, "mcn_share", 1669) for order in HOSTILE]
    first = written(paper_of(tmp_path / "one", rows), form, language)
    assert written(paper_of(tmp_path / "two", rows), form, language) == first


def test_text_from_outside_is_data_in_every_file(tmp_path: Path) -> None:
    paper = paper_of(tmp_path, [(order, "mcn_share", 100) for order in HOSTILE])
    orders = [row["order"] for row in rows_of(written(paper, "csv")) if row["part"] == "line"]
    assert orders == ["'=1+1", "'@SUM(A1)", "'-2", *HOSTILE[3:]]
    book = openpyxl.load_workbook(io.BytesIO(written(paper, "xlsx")))
    cells = [row[1] for row in book.worksheets[1].iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * len(HOSTILE)
    assert [cell.value for cell in cells][:6] == HOSTILE[:6]
    assert cells[6].value in {"_x0041_", "_x005F_x0041_"}, "as escaped: Excel shows the first"
    text = PdfReader(io.BytesIO(written(paper, "pdf"))).pages[0].extract_text()
    assert "#set page(fill: red)" in text
    assert "<b>&</b>" in text


def test_lines_go_on_to_further_sheets_where_one_is_full(tmp_path: Path) -> None:
    paper = paper_of(tmp_path, [(f"A{place}", "mcn_share", place + 1) for place in range(7)])
    with (tmp_path / "book.xlsx").open("w+b") as file:
        write_xlsx(paper, "en", file, lines_per_sheet=3)
        file.seek(0)
        found = sheets_of(file.read())
    assert [name for name in found if name.startswith("Order lines")] == [
        f"Order lines {n}" for n in (1, 2, 3)
    ]
    assert [len(rows) - 1 for rows in found.values()][1:] == [3, 3, 1]
    assert [row[0] for name, rows in found.items() if name != "Summary" for row in rows[1:]] == list(range(7))
    assert as_xlsx.LINES_PER_SHEET < 1_048_576


def test_an_amount_of_more_digits_than_excel_keeps_stands_as_text_only(tmp_path: Path) -> None:
    paper = paper_of(tmp_path, [("A", "mcn_share", 10**15), ("B", "mcn_share", 10**15 - 1)])
    (_, lines) = sheets_of(written(paper, "xlsx")).values()
    assert [row[7] for row in lines[1:]] == ["10000000000000.00", "9999999999999.99"]
    assert [row[8] for row in lines[1:]] == [None, 9999999999999.99]


def test_a_pdf_of_many_lines_has_their_digest_and_not_the_lines(tmp_path: Path) -> None:
    paper = paper_of(tmp_path, [(f"A{place:04}", "mcn_share", 1) for place in range(201)])
    reader = PdfReader(io.BytesIO(written(paper, "pdf", "en")))
    text = "".join(reader.pages[0].extract_text().split())
    assert len(reader.pages) == 1
    assert paper.statement.root in text
    assert "A0000" not in text


@pytest.mark.parametrize("currency", ["JPY", "CNY"])
def test_columns_write_decimals_as_one_amount_is_written(currency: str) -> None:
    amounts = [0, 1, -1, 99, -100, 123_456, -(2**53) + 1]
    frame = pl.DataFrame({"minor": amounts}, schema={"minor": pl.Int64})
    texts = frame.select(text=decimal_text(pl.col("minor"), minor_digits(currency)))["text"].to_list()
    assert texts == [from_minor(amount, currency) for amount in amounts]


@pytest.mark.parametrize("form", FORMS)
def test_its_party_downloads_each_form_and_nobody_else_does(door: Door, form: Form) -> None:
    answer = door.client.get(f"{MCN}.{form}?lang=en", headers=door.as_("mcn"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].removesuffix("; charset=utf-8") == MEDIA_TYPES[form]
    assert answer.headers["content-disposition"].endswith(f'{STATEMENTS["mcn"]}.{form}"')
    assert door.client.get(f"{MCN}.{form}?lang=en", headers=door.as_("mcn")).content == answer.content
    known = door.as_("mcn") | {"if-none-match": answer.headers["etag"]}
    assert door.client.get(f"{MCN}.{form}?lang=en", headers=known).status_code == 304
    for who in ("brand", "platform", "operator", "arbiter", "outsider"):
        assert door.client.get(f"{MCN}.{form}", headers=door.as_(who)).status_code == 403
    assert door.client.get(f"{MCN}.{form}").status_code == 401


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        (f"{MCN}/lines.csv", "text/csv; charset=utf-8"),
        ("/v1/accounts.csv", "text/csv; charset=utf-8"),
        ("/v1/journals/hledger", "text/plain; charset=utf-8"),
    ],
)
def test_what_is_streamed_says_what_it_is_and_how_its_text_is_encoded(
    door: Door, path: str, media_type: str
) -> None:
    assert door.client.get(path, headers=door.as_("mcn")).headers["content-type"] == media_type


def test_what_happens_to_a_statement_does_not_change_its_files(door: Door) -> None:
    before = door.client.get(f"{MCN}.json", headers=door.as_("mcn")).content
    door.client.post(f"{MCN}/contests", json={"lines": [0], "reason": "x"}, headers=door.as_("mcn"))
    assert door.client.get(f"{MCN}.json", headers=door.as_("mcn")).content == before


def test_another_ending_is_no_statement(door: Door) -> None:
    assert door.client.get(f"{MCN}.docx", headers=door.as_("mcn")).status_code == 403
