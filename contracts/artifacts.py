"""Compiled contracts as committed: interface, code, and what they were compiled from and with.

Nothing compiles at run time: compile.py writes these files and a test recompiles them. The format is JSON
with sorted keys; `source_sha256` is of the Vyper file's bytes. What earlier releases deployed goes on being
used where it stands: its artifacts are kept under `earlier/`, each named by the digest of its runtime code.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contracts.errors import ArtifactError

ARTIFACTS = Path(__file__).parent / "artifacts"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A contract's interface and code: `code` deploys it, `runtime` is what then stands at its address."""

    name: str
    abi: tuple[dict[str, Any], ...]
    code: bytes
    runtime: bytes
    source_sha256: str


@cache
def load_artifact(name: str) -> Artifact:
    """Return a committed artifact by contract name; raises ArtifactError where it is missing or damaged."""
    return _read(ARTIFACTS / f"{name}.json")


@cache
def earlier_artifacts(name: str) -> tuple[Artifact, ...]:
    """Return the artifacts of a contract as earlier releases deployed it; raises ArtifactError as above."""
    return tuple(_read(path) for path in sorted((ARTIFACTS / "earlier").glob(f"{name}-*.json")))


def _read(path: Path) -> Artifact:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Artifact(
            name=content["contract"],
            abi=tuple(content["abi"]),
            code=bytes.fromhex(content["bytecode"].removeprefix("0x")),
            runtime=bytes.fromhex(content["bytecode_runtime"].removeprefix("0x")),
            source_sha256=content["source_sha256"],
        )
    except (OSError, KeyError, ValueError, TypeError) as fault:
        raise ArtifactError(
            "not a contract artifact; run `python -m contracts.compile`", where=path.name
        ) from fault
