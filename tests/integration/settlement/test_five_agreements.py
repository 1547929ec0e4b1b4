"""Real order lines under five agreements of different kinds: every kernel gives one digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import five
from ledger.settlement import partitions


def test_five_agreements_of_different_kinds_give_one_digest_from_every_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "STRETCH_LINES", 70)
    lines, found = five.digests(tmp_path, 300, None)
    assert (lines, len(found)) == (300, 5)
    assert five.agree(found)
    assert len({by["columns"] for by in found.values()}) == 5, "each agreement has its own figures"


def test_a_difference_between_kernels_is_told() -> None:
    same = {"columns": "a", "exact": "a"}
    assert five.agree({"one": same})
    assert not five.agree({"one": same, "two": {**same, "exact": "c"}})
