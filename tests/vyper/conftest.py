"""Every test of a contract begins on the chain as its module left it, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.vyper.evm import fresh_chain


@pytest.fixture(autouse=True)
def _on_a_fresh_chain() -> Iterator[None]:
    with fresh_chain():
        yield
