"""Tokens that misbehave, compiled when a test first needs them: they are no part of the product."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from contracts.artifacts import Artifact

SOURCES = Path(__file__).parent


@cache
def token(name: str) -> Artifact:
    """Return a token of this folder, compiled."""
    from vyper.compiler import compile_code  # type: ignore[import-untyped]  # noqa: PLC0415  (a second)

    made = compile_code(
        (SOURCES / f"{name}.vy").read_text("utf-8"), output_formats=["abi", "bytecode", "bytecode_runtime"]
    )
    code, runtime = (bytes.fromhex(made[each][2:]) for each in ("bytecode", "bytecode_runtime"))
    return Artifact(name, tuple(made["abi"]), code, runtime, "")
