"""NDJSON, Parquet and Arrow as rows of text: exact digits, nested members, and damage that costs one row."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ledger.intake import FileUnreadable, read_mapping
from ledger.intake.frames import ArrowStreamSource, FrameSource
from ledger.intake.ndjson import LINE_BYTES, NdjsonSource
from ledger.intake.readers import Source, SourceRow, open_source

LAYOUT = read_mapping(
    """\
mapping: 1
source: shop
order: {column: id}
line: {fixed: "1"}
currency: {fixed: CNY}
facts: {paid_at: {column: time, type: instant}}
events: {sale.recorded: {at: paid_at}}
""",
    name="m",
).document


def source_of(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    return open_source(path, LAYOUT)


def rows(source: Source, *columns: str) -> list[SourceRow]:
    return list(source.rows(columns or source.columns))


def test_numbers_are_the_digits_of_the_file_and_never_a_float(tmp_path: Path) -> None:
    line = (
        b'{"id":9007199254740993123,"paid":299.10000000000000001,"e":2.99e2,"far":1e99999,"t":"07","b":true}'
    )
    source = source_of(tmp_path / "f", line)
    assert isinstance(source, NdjsonSource)
    [row] = rows(source)
    assert row.cells == ["9007199254740993123", "299.10000000000000001", "299", "1e99999", "07", "true"]


def test_a_member_within_a_member_is_named_by_its_path(tmp_path: Path) -> None:
    data = b'{"id":"1","pay":{"amount":5,"by":{"who":"x"}},"a.b":1,"items":[1]}\n\n{"id":"2","pay":null}\n'
    source = source_of(tmp_path / "f", b"\xef\xbb\xbf" + data)
    assert source.columns == ("id", "pay.amount", "pay.by.who", "a.b", "items", "pay")
    first, second = rows(source, "id", "pay.amount", "pay.by.who", "a.b", "pay", "items")
    assert (first.cells, second.cells) == (["1", "5", "x", "1", "", ""], ["2", "", "", "", "", ""])
    assert first.bad is not None
    assert {place: bad.code for place, bad in first.bad.items()} == {4: "cell.nested", 5: "cell.nested"}
    assert (second.row, second.line, second.bad) == (2, 3, None)


def test_a_broken_line_costs_itself_and_is_kept_as_written(tmp_path: Path) -> None:
    broken = [
        (b'{"id":', "expected a JSON object: Expecting value at character 7"),
        (b"[1]", "expected a JSON object, as in"),
        (b'{"id":1,"id":2}', "member 'id' stands in it more than once"),
        (b'{"id":NaN}', "NaN is no number"),
        (b'{"id":"\xff"}', "expected UTF-8; byte 8 of the line is none"),
        (b'{"id":' + b"[" * 100_000, "nested too deeply"),
        (b'{"id":"' + b"x" * LINE_BYTES + b'"}', "expected a line of less than"),
    ]
    data = b"\n".join([b'{"id":"a"}', *(line for line, _ in broken), b'{"id":"z"}'])
    read = rows(source_of(tmp_path / "f", data))
    assert [row.cells for row in (read[0], read[-1])] == [["a"], ["z"]]
    for row, (line, expected) in zip(read[1:-1], broken, strict=True):
        assert row.fault is not None
        assert expected in row.fault
        assert row.text is not None
        assert line.decode("utf-8", "replace").startswith(row.text[:40])
    assert [row.line for row in read] == list(range(1, len(broken) + 3))


def test_a_file_of_braces_that_is_no_ndjson_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="no line reads as NDJSON: expected a JSON object"):
        source_of(tmp_path / "f", b"{order\n{line\n")


FRAME = pl.DataFrame(
    {
        "id": ["1", None],
        "paid": [Decimal("299.10"), Decimal("0.05")],
        "at": [datetime(2026, 2, 24, 20, 15, tzinfo=UTC)] * 2,
        "kind": pl.Series(["live", "window"], dtype=pl.Categorical),
        "near": [0.1, 0.2],
    }
)


@pytest.mark.parametrize("written", ["parquet", "arrow", "stream"])
def test_parquet_and_arrow_read_alike(tmp_path: Path, written: str) -> None:
    path = tmp_path / "f"
    match written:
        case "parquet":
            FRAME.write_parquet(path)
        case "arrow":
            FRAME.write_ipc(path)
        case _:
            FRAME.write_ipc_stream(path)
    source = open_source(path, LAYOUT)
    assert isinstance(source, ArrowStreamSource if written == "stream" else FrameSource)
    assert source.inexact == {"near": "Float64"}
    read = rows(source, "kind", "id", "paid", "at")
    at = "2026-02-24T20:15:00.000000+00:00"
    assert [list(row.cells) for row in read] == [["live", "1", "299.10", at], ["window", "", "0.05", at]]
    assert source.done == source.total


def test_an_arrow_stream_is_read_a_batch_at_a_time_with_its_dictionaries(tmp_path: Path) -> None:
    frame = pl.concat([FRAME] * 50, rechunk=True)
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer, compression="zstd")
    source = source_of(tmp_path / "f", buffer.getvalue())
    assert [row.cells[0] for row in rows(source, "kind")] == ["live", "window"] * 50


def test_a_damaged_arrow_stream_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    FRAME.write_ipc_stream(buffer)
    data = buffer.getvalue()
    with pytest.raises(FileUnreadable, match="ends in the middle of a message"):
        rows(source_of(tmp_path / "f", data[: len(data) - 200]), "paid")
    with pytest.raises(FileUnreadable, match="expected Arrow messages of at most"):
        source_of(tmp_path / "g", b"\xff\xff\xff\xff\xff\xff\xff\x7f" + data)
    with pytest.raises(FileUnreadable, match="in the middle of a message"):
        source_of(tmp_path / "h", data[:4] + data[4:8] + bytes(400))
    with pytest.raises(FileUnreadable, match="not readable as Arrow"):
        source_of(tmp_path / "i", b"ARROW1\0\0" + bytes(100))
