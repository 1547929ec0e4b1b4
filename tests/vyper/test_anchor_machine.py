"""Whatever anybody sends, an anchored log only grows and what once stood still stands."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.vyper.evm import MORE, account, deploy, fresh_chain, refusal

NOBODYS = bytes(32)
publishers = st.sampled_from([account(1), account(2)])
logs = st.sampled_from([b"\x01" * 32, b"\x02" * 32, NOBODYS])
roots = st.sampled_from([b"\x0a" * 32, b"\x0b" * 32, b"\x0c" * 32, NOBODYS])
Log = tuple[str, bytes]


class AnchoredLogs(RuleBasedStateMachine):
    """Two publishers, two logs under one key each, and every size, root and key there is to try."""

    def __init__(self) -> None:
        super().__init__()
        self.leaving = ExitStack()
        self.leaving.enter_context(fresh_chain())
        self.anchored: dict[Log, list[tuple[int, bytes]]] = {}

    def teardown(self) -> None:
        self.leaving.close()

    @initialize()
    def begin(self) -> None:
        self.contract: Any = deploy("LedgerAnchor")

    @rule(publisher=publishers, log=logs, size=st.integers(0, 12) | st.just((1 << 64) - 1), root=roots)
    def anchor(self, publisher: str, log: bytes, size: int, root: bytes) -> None:
        standing = self.anchored.setdefault((publisher, log), [])
        newest = standing[-1][0] if standing else 0
        if NOBODYS in {log, root} or size <= newest:
            words = refusal(self.contract.anchor, log, size, root, sender=publisher)
            assert words.startswith("ledger_anchor: ")
            return
        self.contract.anchor(log, size, root, sender=publisher)
        standing.append((size, root))

    @rule(publisher=publishers, log=logs)
    def look(self, publisher: str, log: bytes) -> None:
        standing = self.anchored.get((publisher, log), [])
        count = self.contract.checkpoint_count(publisher, log)
        read = [self.contract.checkpoint_at(publisher, log, position) for position in range(count)]
        assert [(each.size, each.root) for each in read] == standing, "what stood stands, in its order"
        assert all(before.size < after.size for before, after in pairwise(read))

    @invariant()
    def the_newest_is_the_largest(self) -> None:
        for (publisher, log), standing in self.anchored.items():
            latest = self.contract.latest_checkpoint(publisher, log)
            assert (latest.size, latest.root) == (standing[-1] if standing else (0, NOBODYS))


TestAnchoredLogs = AnchoredLogs.TestCase
TestAnchoredLogs.settings = settings(max_examples=10 * MORE, stateful_step_count=12)
