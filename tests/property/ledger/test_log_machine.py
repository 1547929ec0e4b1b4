"""The log against a plain model: any run of appends, repeats, conflicts, erasures, checkpoints, rebuilds."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger.accounts import balances
from ledger.checkpoints import Checkpoint, make_checkpoint
from ledger.database import open_engine
from ledger.doctor import examine
from ledger.errors import EntryConflict, ErasureRefused
from ledger.log import Log
from ledger.notes import LogKey
from ledger.rebuild import rebuild
from ledger.tree import extends
from migrations.apply import migrate
from tests.ledger_samples import refund, sale

KEY = LogKey("log.test", bytes(32))
orders = st.integers(0, 12)
amounts = st.sampled_from([1, 250, 29_900])


class LogMachine(RuleBasedStateMachine):
    """`held` is the model: what stands under each order, in order of seq."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="tally-machine-"))
        self.engine = open_engine(f"sqlite:///{self.home / 'ledger.db'}")
        migrate(self.engine)
        self.log = Log(self.engine)
        self.held: dict[str, tuple[int, int]] = {}
        self.size = 0
        self.erased: set[int] = set()
        self.checkpoints: list[Checkpoint] = []

    def teardown(self) -> None:
        assert examine(self.engine, [KEY.verifier]) == []
        self.engine.dispose()
        shutil.rmtree(self.home)

    @rule(wanted=st.lists(st.tuples(orders, amounts), max_size=6))
    def append(self, wanted: list[tuple[int, int]]) -> None:
        entries = [sale(f"O{order}", paid_minor=amount) for order, amount in wanted]
        model, size, conflict = dict(self.held), self.size, False
        for order, amount in wanted:
            seq, held = model.setdefault(f"O{order}", (size, amount))
            size += seq == size
            conflict |= held != amount
        if conflict:
            with pytest.raises(EntryConflict):
                self.log.append(entries)
        else:
            report = self.log.append(entries)
            assert report.accepted == list(range(self.size, size))
            self.held, self.size = model, size

    @rule(order=orders, amount=amounts)
    def refund(self, order: int, amount: int) -> None:
        report = self.log.append([refund(f"O{order}", total=f"{amount}.00")])
        self.size += len(report.accepted)

    @rule(order=orders)
    def erase_the_buyer(self, order: int) -> None:
        if f"O{order}" not in self.held:
            return
        seq = self.held[f"O{order}"][0]
        if seq in self.erased:
            with pytest.raises(ErasureRefused):
                self.log.erase(seq, "buyer", reason="again", asserter="platform", source="ops", id="other")
        else:
            by = self.log.erase(seq, "buyer", reason="asked", asserter="platform", source="ops", id=f"E{seq}")
            assert by == self.size
            self.size += 1
            self.erased.add(seq)

    @rule()
    def sign(self) -> None:
        self.checkpoints.append(make_checkpoint(self.log, KEY))

    @rule()
    def reopen(self) -> None:
        self.log = Log(self.engine)

    @precondition(lambda self: self.size > 0)
    @rule()
    def rebuild(self) -> None:
        report = rebuild(self.engine)
        assert report.unchanged
        assert {gone.seq for gone in report.erased} == self.erased

    @invariant()
    def the_size_is_the_models(self) -> None:
        assert self.log.size() == self.size

    @invariant()
    def balances_are_the_models(self) -> None:
        total = sum(amount for _, amount in self.held.values())
        found = Counter({account.owner: amount for account, amount in balances(self.engine).items()})
        assert found == (Counter(buyers=-total, escrow=total) if self.held else Counter())

    @invariant()
    def every_checkpoint_is_a_past_of_this_log(self) -> None:
        for point in self.checkpoints[-2:]:
            proof = self.log.consistency_proof(point.size, self.size)
            assert extends(point.size, point.root, self.size, self.log.root(), proof)


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
