"""`change`: why one statement pays another amount than an earlier one, on the command line."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from tests.command_line import tally


def test_the_causes_come_to_the_difference(installation: Path) -> None:
    standing = tally(installation, "statement", "list", "--party", "mcn", "--json").json[0]
    later = datetime.fromisoformat(standing["cutoff"]) + timedelta(hours=1)
    settled = tally(installation, "settle", "head-streamer", "--until", later.isoformat())
    assert settled.code == 0, settled.err
    after, before, *_ = tally(installation, "statement", "list", "--party", "mcn", "--json").json
    names = before["statement"], after["statement"]
    found = tally(installation, "change", *names, "--json").json
    assert sum(one["change_minor"] for one in found["causes"]) == found["change_minor"]
    said = tally(installation, "change", *names, "--lang", "zh")
    assert "应付差额" in said.out
    wrong = tally(installation, "change", *reversed(names))
    assert (wrong.code, "[change.refused]" in wrong.err) == (2, True)
