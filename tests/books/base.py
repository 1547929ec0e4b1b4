"""What every part of the machine stands on: a log with a clock, its model, and what holds after every step.

After a step only the cheap is asked: the last entry and the balance. Everything else (months, holds, the
account's statement, checkpoints, other times) is looked at by rules of its own, and at the end of each run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant

from ledger.accounts import Account, account_statement, balance
from ledger.checkpoints import Checkpoint
from ledger.database import open_engine
from ledger.doctor import examine
from ledger.leaves import instant_of
from ledger.log import Log
from ledger.notes import LogKey
from ledger.tree import extends
from tests.books.model import AGREEMENT_ID, BooksModel
from tests.ledger_samples import FixedClock

KEY = LogKey("log.test", bytes(32))
ESCROW = Account("escrow", AGREEMENT_ID, "balance", "CNY")
BUYERS = Account("buyers", AGREEMENT_ID, "payment", "CNY")
HOUR = timedelta(hours=1)

amounts = st.sampled_from([1, 250, 29_900])
hours_back = st.sampled_from([0, 0, 0, 1, 30, 700, 1_700])

Posted = Bundle[int]("posted")
"""Entries that moved money, by seq."""


class Base(RuleBasedStateMachine):
    """`model` is what must be true; `now` is the clock of the log, which rules alone move."""

    database: ClassVar[Callable[[], AbstractContextManager[str]]]  # fresh and migrated, for one run
    home: ClassVar[Path]  # where order files are laid down

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.url = self.open.enter_context(type(self).database())
        self.clock = FixedClock()
        self.engine = open_engine(self.url)
        self.log = Log(self.engine, clock=self.clock)
        self.model = BooksModel()
        self.checkpoints: list[Checkpoint] = []

    @property
    def now(self) -> datetime:
        return self.clock.now

    def teardown(self) -> None:
        try:
            for look in self.looks():
                look()
            for point in self.checkpoints:
                self.extends_to_the_present(point)
            assert examine(self.engine, [KEY.verifier]) == []
        finally:
            self.engine.dispose()
            self.open.close()

    def looks(self) -> Iterator[Callable[[], None]]:
        """Yield what to look at in the end; a part of the machine adds its own."""
        yield self.every_entry_is_the_models
        yield self.the_statement_of_the_account_is_the_models

    @invariant()
    def the_last_entry_is_the_models(self) -> None:
        assert self.log.size() == len(self.model.said)
        if self.model.said:
            last, entry = self.model.said[-1], self.log.entry(len(self.model.said) - 1)
            assert (entry.source, entry.id, entry.kind) == (last.source, last.id, last.kind)

    @invariant()
    def the_balance_is_the_models(self) -> None:
        total = sum(one.minor for one in self.model.said)
        assert (balance(self.engine, ESCROW), balance(self.engine, BUYERS)) == (total, -total)

    def every_entry_is_the_models(self) -> None:
        found = self.log.entries(limit=10_000)
        told = [(one.source, one.id, one.kind, instant_of(one.recorded_us)) for one in found]
        assert told == [(one.source, one.id, one.kind, one.recorded) for one in self.model.said]
        occurred = [datetime.fromisoformat(one.occurred_at) for one in found]
        assert occurred == [one.at for one in self.model.said]

    def the_statement_of_the_account_is_the_models(self) -> None:
        told, running = [], 0
        for seq, one in enumerate(self.model.said):
            if one.minor:
                running += one.minor
                told.append((seq, one.minor, running, None if one.of is None else (one.of, 1)))
        found = account_statement(self.engine, ESCROW)
        assert [(one.seq, one.amount_minor, one.balance_minor, one.reverses) for one in found] == told

    def extends_to_the_present(self, point: Checkpoint) -> None:
        size = self.log.size()
        proof = self.log.consistency_proof(point.size, size)
        assert extends(point.size, point.root, size, self.log.root(), proof)
