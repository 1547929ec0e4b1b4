"""The whole path of a settlement: from order lines in the log to statements written and committed."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from benchmarks import season
from benchmarks.apart import Figures, apart
from benchmarks.append.batches import DURABLE
from tests.postgres import running_server

Database = Literal["sqlite", "postgresql"]


def from_log(lines: int, database: Database) -> Figures:
    """Import lines of the Complete Journey into a log, settle them, and say what the settling took.

    The peak is that of the process that settles; a PostgreSQL server's own memory is not in it.
    """
    with tempfile.TemporaryDirectory() as folder, _url(database) as url:
        found: Figures = {}
        for phase in (season.write, season.take_in, season.settle):
            sys.stderr.write(f"{phase.__name__}: {lines:,} lines of the Complete Journey, {database} …\n")
            found = apart(phase, Path(folder), lines, url)
    return {
        "log_database": database,
        "log_lines": lines,
        "log_to_statements_seconds": round(found["seconds"], 1),
        "log_to_statements_lines_per_second": round(lines / found["seconds"]),
        "log_to_statements_peak_bytes": found["peak_bytes"],
        "log_statement_lines": found["statement_lines"],
    }


@contextmanager
def _url(database: Database) -> Iterator[str | None]:
    """Provide a database that loses nothing it has committed; None for SQLite in the folder."""
    if database == "sqlite":
        yield None
        return
    with running_server(DURABLE) as server:
        yield server.fresh()
