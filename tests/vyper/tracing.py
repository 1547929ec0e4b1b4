"""Which instructions of our contracts ran, and which way each conditional jump went: seen in py-evm itself.

It sees every EVM that py-evm runs, the embedded chain's and titanoboa's alike, and knows no source: points.py
says what an instruction stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from contracts.embedded import load_engine
from tests.vyper.points import JUMPI, Way

Iterate = Callable[[Any], Iterator[int]]


@dataclass(slots=True)
class Run:
    """What ran of one piece of code."""

    instructions: set[int] = field(default_factory=set)
    ways: set[Way] = field(default_factory=set)

    def plain(self) -> list[list[int]]:
        """Return the same as lists of numbers, as one process hands them to another."""
        return [sorted(self.instructions), *([pc, int(taken)] for pc, taken in sorted(self.ways))]

    def add(self, plain: list[list[int]]) -> None:
        """Add what another process handed over."""
        instructions, *ways = plain
        self.instructions.update(instructions)
        self.ways.update((pc, bool(taken)) for pc, taken in ways)


class Tracer:
    """Records runs of known pieces of code while it is switched `on`.

    `codes` gives each piece a name; code that begins with a known piece, as deploying code that is
    followed by its arguments does, is that piece.
    """

    def __init__(self, codes: Mapping[str, bytes]) -> None:
        self.on = False
        self.runs = {name: Run() for name in codes}
        self._codes = dict(codes)
        self._known: dict[bytes, Run | None] = {}

    def install(self) -> None:
        """Have py-evm, and whatever is built on it later, tell this tracer what it runs."""
        load_engine()
        from eth.vm.code_stream import CodeStream  # noqa: PLC0415  (half a second)

        def wrap(made: Any) -> None:
            if "__iter__" in vars(made):
                made.__iter__ = self._telling(made.__iter__)

        for each in (CodeStream, *CodeStream.__subclasses__()):
            wrap(each)
        CodeStream.__init_subclass__ = classmethod(wrap)  # type: ignore[assignment]

    def run_of(self, code: bytes) -> Run | None:
        """Return where to record a run of this code, None where it is nobody's we know."""
        if code not in self._known:
            begins = [name for name, known in self._codes.items() if code.startswith(known)]
            name = max(begins, key=lambda name: len(self._codes[name]), default=None)
            self._known[code] = None if name is None else self.runs[name]
        return self._known[code]

    def _telling(self, iterate: Iterate) -> Iterate:
        @wraps(iterate)
        def told(stream: Any) -> Iterator[int]:
            run = self.run_of(stream._raw_code_bytes) if self.on else None
            if run is None:
                yield from iterate(stream)
                return
            seen, jumping = run.instructions, -1
            for opcode in iterate(stream):
                at = stream.program_counter - 1
                if jumping >= 0:
                    run.ways.add((jumping, at != jumping + 1))
                jumping = at if opcode == JUMPI else -1
                seen.add(at)
                yield opcode

        return told
