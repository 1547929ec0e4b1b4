"""Lines of a statement: canonical text, the root over them, and files that are whole or not there."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.settlement.errors import LinesUnavailable
from ledger.statements.lines import LINE_ORDER, SCHEMA, LineStore, line_texts, lines_root, ndjson
from policies.canonical import canonical_bytes

KEYS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x7f", min_codepoint=0x20), min_size=1, max_size=12
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "order": KEYS,
            "line": KEYS,
            "clause": st.sampled_from(["6.1", "6.2"]),
            "leg": st.just("mcn_share"),
            "kind": st.sampled_from(["earned", "reversed"]),
            "amount_minor": st.integers(-(2**53) + 1, 2**53 - 1),
            "version": st.integers(1, 9),
            "entries": st.lists(st.integers(0, 2**40), min_size=1, max_size=3),
        }
    ),
    max_size=20,
)


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


def _reference_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = _reference_root(leaves[:split]), _reference_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(ROWS)
def test_lines_written_by_columns_are_canonical_json_and_their_root_is_that_of_rfc_6962(
    rows: list[dict[str, Any]],
) -> None:
    wanted = [canonical_bytes(row) for row in rows]
    frame = _frame(rows)
    assert [text.encode() for texts in line_texts(frame) for text in texts] == wanted
    assert lines_root(frame) == _reference_root(wanted).hex()


@given(st.lists(KEYS, min_size=2, max_size=20))
def test_lines_are_sorted_by_code_point(orders: list[str]) -> None:
    rows = [
        {
            "order": order,
            "line": "1",
            "clause": "6.1",
            "leg": "a",
            "kind": "earned",
            "amount_minor": 1,
            "version": 1,
            "entries": [0],
        }
        for order in orders
    ]
    assert _frame(rows).sort(LINE_ORDER)["order"].to_list() == sorted(orders)


def test_a_line_file_is_found_by_its_root_and_checked_against_it(tmp_path: Path) -> None:
    store = LineStore(tmp_path)
    one = _frame(
        [
            {
                "order": "A",
                "line": "1",
                "clause": "6.1",
                "leg": "a",
                "kind": "earned",
                "amount_minor": 1,
                "version": 1,
                "entries": [0],
            }
        ]
    )
    root = lines_root(one)
    path = store.write(root, one)
    assert ndjson(store.read(root)).count("\n") == 1
    assert [file.name for file in path.parent.iterdir()] == [f"{root}.parquet"]
    other = one.with_columns(pl.lit(2, dtype=pl.Int64).alias("amount_minor"))
    store.write(root, other, again=True)
    with pytest.raises(LinesUnavailable, match="other lines"):
        store.read(root)


def test_a_missing_line_file_says_how_to_bring_it_back(tmp_path: Path) -> None:
    with pytest.raises(LinesUnavailable, match="rebuild"):
        LineStore(tmp_path).scan("00" * 32)
