"""Random bytes by the block: each is given once, to every thread and process its own."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.entropy import Entropy


def test_no_two_draws_share_bytes_over_threads_and_blocks() -> None:
    draw = Entropy()
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: draw(32), range(4_000)))
    assert len(set(drawn)) == 4_000
    assert {len(one) for one in drawn} == {32}


def test_a_draw_larger_than_a_block_is_whole() -> None:
    draw = Entropy()
    draw(10)
    assert len(draw(1 << 16)) == 1 << 16
    assert draw(0) == b""


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_draws_other_bytes() -> None:
    draw = Entropy()
    draw(1)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write_end, draw(32))
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        theirs = pipe.read()
    os.waitpid(child, 0)
    assert len(theirs) == 32
    assert theirs != draw(32)
