"""What there is to cover in the Vyper sources: every statement, and both ways of every branch.

A point is found in the compiled code through the compiler's own source map: a statement by the instructions
made for it, a branch by a conditional jump made for an `if`, `assert`, `for`, `and`, `or` or conditional
expression. Jumps that the compiler adds for itself (bounds, overflow, the shape of call data) are counted
apart, since their failing way often cannot be reached. What was run is tracing.py's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from contracts.artifacts import load_artifact
from contracts.compile import SOURCES

STATEMENTS = frozenset(
    {"AnnAssign", "Assert", "Assign", "AugAssign", "Break", "Continue", "Expr", "For", "If", "Log", "Pass"}
    | {"Raise", "Return"}
)
BRANCHES = frozenset({"Assert", "BoolOp", "For", "If", "IfExp"})
JUMPI, PUSH1, PUSH32 = 0x57, 0x60, 0x7F
BARE_REVERT = bytes.fromhex("5b5f80fd")
"""JUMPDEST PUSH0 DUP1 REVERT: where the checks that the compiler adds for itself end."""

Way = tuple[int, bool]
"""A conditional jump by program counter, and whether it was taken."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A place in a source that a test must reach: file name, line, what it is, and which way of it."""

    file: str
    line: int
    column: int
    kind: str
    way: str

    @property
    def is_branch(self) -> bool:
        """Whether this is one way of a branch, else a statement."""
        return bool(self.way)


@dataclass(slots=True)
class CodeMap:
    """The points of one piece of code: by instruction, and by way of a jump."""

    contract: str
    code: bytes
    instructions: dict[int, Point] = field(default_factory=dict)
    ways: dict[Way, Point] = field(default_factory=dict)
    own_checks: int = 0


def code_maps(name: str) -> tuple[CodeMap, CodeMap]:
    """Return the maps of a contract's deploying and of its deployed code, which are those committed."""
    from vyper.compiler.settings import anchor_settings  # type: ignore[import-untyped]  # noqa: PLC0415  (as below)
    from vyper.ir import compile_ir  # type: ignore[import-untyped]  # noqa: PLC0415  (as below)

    data, artifact = _compiled(name), load_artifact(name)
    with anchor_settings(data.settings):
        _, deploying = compile_ir.assembly_to_evm(data.assembly, compiler_metadata=None)
        deployed, running = compile_ir.assembly_to_evm(data.assembly_runtime, compiler_metadata=None)
    assert deployed == artifact.runtime, f"{name}: the artifact is stale; run `python -m contracts.compile`"
    # behind the instructions that deploy stands what is deployed, as data
    size = artifact.code.index(artifact.runtime)
    return (
        _map(name, artifact.code, artifact.code[:size], deploying["pc_raw_ast_map"]),
        _map(name, artifact.runtime, artifact.runtime, running["pc_raw_ast_map"]),
    )


def statements(name: str) -> frozenset[Point]:
    """Return every statement of a contract's functions, by its syntax tree, made into code or not."""
    found = (_statement(node) for node in _compiled(name).annotated_vyper_module.get_descendants())
    return frozenset(point for point in found if point is not None)


@cache
def _compiled(name: str) -> Any:
    from vyper.compiler.input_bundle import (  # type: ignore[import-untyped]  # noqa: PLC0415  (a second)
        FileInput,
        FilesystemInputBundle,
    )
    from vyper.compiler.phases import CompilerData  # type: ignore[import-untyped]  # noqa: PLC0415  (as above)

    path = SOURCES / f"{name}.vy"
    return CompilerData(FileInput(0, path, path, path.read_text("utf-8")), FilesystemInputBundle([SOURCES]))


def _map(name: str, code: bytes, instructions: bytes, nodes: Mapping[int, Any]) -> CodeMap:
    made = CodeMap(name, code)
    for pc, node in nodes.items():
        if pc < len(instructions) and (point := _statement(node)) is not None:
            made.instructions[pc] = point
    seen: Counter[int] = Counter()  # `a and b and c` jumps after each of its parts but the last
    for pc, target in _jumps(instructions):
        node = nodes.get(pc)
        kind = type(node).__name__
        if kind not in BRANCHES or (kind == "For" and code.startswith(BARE_REVERT, target)):
            made.own_checks += 1
            continue
        place = f" at {seen[id(node)]}" if kind == "BoolOp" and seen[id(node)] else ""
        seen[id(node)] += 1
        for taken in (False, True):
            made.ways[pc, taken] = _point(node, kind, ("jumps" if taken else "goes on") + place)
    return made


def _jumps(code: bytes) -> Iterator[tuple[int, int]]:
    """Yield each conditional jump and its target, which is pushed just before it."""
    pc = pushed = 0
    while pc < len(code):
        opcode = code[pc]
        width = opcode - PUSH1 + 1 if PUSH1 <= opcode <= PUSH32 else 0
        if width:
            pushed = int.from_bytes(code[pc + 1 : pc + 1 + width])
        elif opcode == JUMPI:
            yield pc, pushed
        pc += 1 + width


def _statement(node: Any) -> Point | None:
    """Return the statement that a node is part of, None outside of any function's body."""
    found = None
    for each in _upwards(node):
        kind = type(each).__name__
        if kind == "FunctionDef":
            inside = [type(above).__name__ for above in _upwards(each)]
            return None if "InterfaceDef" in inside else found
        if each.lineno is None:  # the getter of a public variable has no source
            return None
        if found is None and kind in STATEMENTS and not _is_loop_variable(each):
            found = _point(each, kind, "")
    return None


def _upwards(node: Any) -> Iterator[Any]:
    while node is not None:
        yield node
        node = node._parent


def _is_loop_variable(node: Any) -> bool:
    parent = node._parent
    return type(parent).__name__ == "For" and parent.target is node


def _point(node: Any, kind: str, way: str) -> Point:
    return Point(Path(node.module_node.path).name, node.lineno, node.col_offset, kind, way)
