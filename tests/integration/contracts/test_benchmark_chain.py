"""The benchmark of the chains does the same on both, or says that it did not."""

from __future__ import annotations

import pytest

from benchmarks.chain import THREADS, compared


def test_both_chains_take_the_same_gas_and_split_alike_and_every_rate_has_a_ratio() -> None:
    found = compared(THREADS)
    assert len(found["embedded"]) == 5
    if "anvil" not in found:
        pytest.skip(
            "SKIPPED LOUDLY: no EVM node to compare with; `tests/chains/bring-anvil` brings anvil by npm"
        )
    assert found["same"] is True
    assert found["embedded"].keys() == found["anvil"].keys() == found["ratio"].keys()
