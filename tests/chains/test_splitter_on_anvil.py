"""CommissionSplitter on a real node says of random order lines with refunds what `policies` says."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from contracts.split_plan import compile_split
from contracts.splitter import ask_splitter, splitter_code
from policies.splits.own_answer import own_answer
from tests.chains.node import Node
from tests.splitter_lines import DOCUMENTS, differing, random_lines

LINES = int(os.environ.get("TALLYSTICK_SPLITTER_LINES_TRIED", "700")) // len(DOCUMENTS)
HERE = f"0x{0xAA:040x}"
GAS = hex(1 << 30)


@pytest.fixture(scope="module")
def on_anvil(anvil: Node) -> Callable[[bytes], bytes]:
    """Calls of the committed code on a node."""
    anvil.ask("anvil_setCode", HERE, f"0x{splitter_code().hex()}")

    def call(data: bytes) -> bytes:
        asked = {"to": HERE, "data": f"0x{data.hex()}", "gas": GAS}
        return bytes.fromhex(anvil.ask("eth_call", asked, "latest")[2:])

    return call


@pytest.mark.parametrize("document", DOCUMENTS)
def test_lines_with_refunds_agree_on_every_unit_on_anvil(
    document: str, on_anvil: Callable[[bytes], bytes]
) -> None:
    agreement = DOCUMENTS[document]()
    lines = list(random_lines(agreement, seed=9, count=LINES))
    asked = list(ask_splitter(compile_split(agreement), lines, run=on_anvil))
    assert differing(lines, asked, [own_answer(agreement, line) for line in lines]) == []
