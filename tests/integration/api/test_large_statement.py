"""A large statement, settled from the log: its page goes by cursor, and every form of it is written.

TALLYSTICK_STATEMENT_LINES order lines are settled; `make soak` takes 430,000, which give the platform's
statement over a million lines.
"""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks import paper, season

LINES = int(os.environ.get("TALLYSTICK_STATEMENT_LINES", "300"))


def test_a_large_statement_opens_on_its_page_and_is_written_in_every_form(tmp_path: Path) -> None:
    for phase in ("write", "import", "settle"):
        season.PHASES[phase](tmp_path, LINES)
    found = {name: phase(tmp_path, None) for name, phase in paper.PHASES.items()}
    count = found["page"]["statement_lines"]
    assert count > 2 * LINES
    assert max(one["kib"] for one in found["page"].values() if isinstance(one, dict)) < 200, (
        "pages stay small"
    )
    assert found["pdf"]["mib"] < 1
    assert found["xlsx"]["sheets"] == 1 + -(-count // 1_000_000)
    assert {found[form]["lines"] for form in ("pdf", "xlsx", "csv", "json")} == {count}
