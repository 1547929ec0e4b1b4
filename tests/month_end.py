"""Closing months in tests: what of the checklist is open is overridden first, by another member."""

from __future__ import annotations

from pathlib import Path

from api.office.closing import checklist, override
from api.office.opening import Office
from tests.command_line import tally

SECOND = "second"
"""Who overrides: nobody closes under this name."""


def let_stand(office: Office, month: str, agreement: str = "head-streamer") -> list[str]:
    """Override every open item that can be; return their names."""
    found = checklist(office, agreement, month)
    names = [one.name for one in found.items if one.state == "open" and not one.must]
    for name in names:
        override(office, agreement, month, name, by=SECOND, asserter="platform", reason="known")
    return names


def let_stand_by_command(installation: Path, month: str, agreement: str = "head-streamer") -> list[str]:
    """Do the same by commands, as a member who pays for the platform."""
    if not any(one["member"] == SECOND for one in tally(installation, "member", "list", "--json").json):
        enrolled = ("member", "enrol", SECOND, "--name", "Second", "--role", "platform:pay")
        assert tally(installation, *enrolled).code == 0
    checks = tally(installation, "period", "check", agreement, month, "--json").json
    names = [one["check"] for one in checks if one["result"] == "open" and not one["must"]]
    for name in names:
        done = tally(
            installation, "period", "override", agreement, month, name, "--by", SECOND, "--reason", "known"
        )
        assert done.code == 0, done.err
    return names
