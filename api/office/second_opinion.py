"""The second opinion on settlements: CommissionSplitter's own code, run in this process, on no chain.

Ledger asks (ledger/settlement/second_opinion.py), the contract answers (contracts/splitter.py); this is where
the two meet. Lines asked about before, as when a preview is followed by its settlement, are remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from api.office.opening import Office
from contracts.errors import ChainReverted, SplitNotCompiled
from contracts.split_plan import CompiledSplit, compile_split
from contracts.splitter import ask_about, line_cells, run_here, splitter_code, splitter_name
from policies.agreement import Agreement
from policies.splits.opinion import AnsweredLine, AskedLine

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class SplitterOpinion:
    """Asks the code of a CommissionSplitter about `lines` lines of a run."""

    lines: int
    code: bytes

    @property
    def name(self) -> str:
        """The contract, and the SHA-256 of the code that was asked."""
        return splitter_name(self.code)

    def plan(self, agreement: Agreement) -> str | None:
        """Return the digest of an agreement's plan, None where its split cannot be compiled."""
        try:
            return "0x" + compile_split(agreement).digest.hex()
        except SplitNotCompiled:
            return None

    def answers(self, agreement: Agreement, lines: Sequence[AskedLine]) -> list[AnsweredLine | str]:
        """Return the contract's figures of each line, or the words in which it refuses one."""
        plan = compile_split(agreement)
        return [_answer(self.code, plan, line_cells(plan, line), len(line.states)) for line in lines]


@lru_cache(maxsize=_REMEMBERED)
def _answer(code: bytes, plan: CompiledSplit, cells: tuple[int, ...], states: int) -> AnsweredLine | str:
    try:
        (answer,) = ask_about(plan, cells, states, run=run_here(code))
    except ChainReverted as fault:
        return str(fault.data["reason"])
    return answer


def opinion_of(office: Office) -> SplitterOpinion | None:
    """Return whom settlements of an office ask, None where its settings ask about no line."""
    lines = office.settings.splitter_lines
    return SplitterOpinion(lines, splitter_code()) if lines else None
