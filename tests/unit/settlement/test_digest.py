"""The digest of a run: fixed by vectors, the same wherever rows are cut, equal to a plain reading of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.settlement import digest as digests
from ledger.settlement.digest import VersionDigest, combined_digest, digest_rows, row_columns
from ledger.settlement.terms import read_terms
from tests.settlement_world import plain

GOLDEN = Path(__file__).parents[2] / "golden" / "run_digest_v2.json"
VERSION = read_terms([plain()]).versions[0]

Row = tuple[str, str, int]
"""order, line, and a number from which the amounts follow."""

ORDERS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=24)
COLUMNS = row_columns(VERSION)


def _amounts(number: int) -> list[int]:
    return [number * (place + 1) % 7 - 3 if number else 0 for place in range(len(COLUMNS))]


def _frame(rows: Sequence[Row]) -> pl.DataFrame:
    amounts = [_amounts(number) for _, _, number in rows]
    schema = {"order": pl.String, "line": pl.String, **{move.column: pl.Int64 for move in COLUMNS}}
    cells = [(order, line, *mine) for (order, line, _), mine in zip(rows, amounts, strict=True)]
    return pl.DataFrame(cells, schema=schema, orient="row")


def _digest(rows: Sequence[Row], cuts: Sequence[int] = ()) -> str:
    """Take the rows cut at some places, as a run cuts them."""
    digest = VersionDigest(VERSION)
    for start, stop in pairwise([0, *sorted(cuts), len(rows)]):
        digest.add(digest_rows(VERSION, _frame(rows[start:stop])))
    return combined_digest([digest])


def _plain_digest(rows: Sequence[Row], bits: int) -> str:
    """Compute it row by row from what docs/reference/statements.md says."""
    columns = [[move.clause, move.leg, move.owner, move.kind] for move in COLUMNS]
    text = json.dumps([VERSION.version, columns], ensure_ascii=False, separators=(",", ":")) + "\n"
    blocks: list[bytes] = []
    last = None
    for order, line, number in rows:
        if not any(_amounts(number)):
            continue
        if not blocks or (order != last and _mark(order) >> (64 - bits) == 0):
            blocks.append(b"")
        blocks[-1] += "\t".join([order, line, *map(str, _amounts(number))]).encode() + b"\n"
        last = order
    text += "".join(hashlib.sha256(block).hexdigest() + "\n" for block in blocks)
    return hashlib.sha256(
        b"tallystick.run/2\n" + hashlib.sha256(text.encode()).hexdigest().encode() + b"\n"
    ).hexdigest()


def _mark(order: str) -> int:
    key = order.encode()[-16:].rjust(16, b"\0")
    high, low = int.from_bytes(key[:8]), int.from_bytes(key[8:])
    return (high * 0x9E3779B97F4A7C15 + low * 0xC2B2AE3D27D4EB4F) % 2**64


@pytest.mark.parametrize("bits", [0, 1, 3, 14])
@given(data=st.data())
def test_rows_cut_anywhere_give_the_digest_that_a_plain_reading_gives(bits: int, data: st.DataObject) -> None:
    orders = data.draw(st.lists(ORDERS, min_size=1, max_size=12, unique=True))
    keys = st.tuples(st.sampled_from(orders), st.sampled_from("123"))
    unique = data.draw(st.lists(keys, min_size=1, max_size=24, unique=True))
    rows = [(order, line, data.draw(st.integers(0, 9))) for order, line in sorted(unique)]
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "_BLOCK_BITS", bits)
        assert _digest(rows, cuts) == _digest(rows) == _plain_digest(rows, bits)


def test_the_digest_of_a_vector_stays_for_ever() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert golden["format"] == digests.DIGEST_FORMAT
    for one in golden["vectors"]:
        prefix, lines = one["prefix"], range(one["lines"])
        rows = [(f"{prefix}{number // 2:07}", str(number % 2), number) for number in lines]
        assert _digest(rows) == one["digest"], prefix


def test_what_moves_nothing_has_no_row() -> None:
    assert _digest([("A", "1", 0)]) == _digest([])
    assert _digest([("A", "1", 0), ("B", "1", 1)]) == _digest([("B", "1", 1)])


def test_a_digest_says_what_its_amounts_are_of() -> None:
    """The same amounts under another clause are other rows."""
    agreements = [plain(), plain(was_1='id: "6.1"', now_1='id: "6.2"')]
    versions = [read_terms([one]).versions[0] for one in agreements]
    assert len({VersionDigest(one).hexdigest() for one in versions}) == len(versions)
