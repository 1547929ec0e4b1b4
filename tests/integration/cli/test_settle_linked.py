"""Two agreements that feed each other, signed and settled from the command line as their page shows."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.command_line import ROOT, tally
from tests.integration.cli.test_settle_ladder import sign
from tests.integration.docs.test_shown_commands import commands

PAGE = ROOT / "docs" / "how-to" / "settle-linked-agreements.md"


def test_a_chain_goes_as_the_page_shows_and_asks_for_what_feeds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    signed = sign(tmp_path / "data", "linked/mcn-streamer")
    wrong = tally(signed, "settle", "mcn-streamer", "--until", "2026-03-20")
    assert wrong.code == 2
    assert "brand-mcn@1 brings what it shares out, and was not given or is not signed" in wrong.err
    sign(signed, "linked/brand-mcn")
    for one in commands(PAGE.read_text(encoding="utf-8")):
        ran = tally(signed, *shlex.split(one.command)[1:])
        assert ran.code == 0, ran.err
        assert one.fits(ran.out.splitlines()), f"{PAGE.name}:{one.line}\n{ran.out}"
    assert tally(signed, "doctor").code == 0
    assert "7 statements recomputed" in tally(signed, "rebuild").out
