"""What is said about an import: the report that intake writes; see docs/how-to/import-orders.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """The rows of a file that were not taken, as a file: its ending, its media type, its bytes."""

    ending: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """What became of a file. `clean` says that every row was taken or had been taken before."""

    clean: bool
    report: dict[str, Any]
