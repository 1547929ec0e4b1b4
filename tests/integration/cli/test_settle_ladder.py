"""`settle` of a ladder as its page shows it, explained and asked for wrongly; and of dues that are held."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest

from policies.loading import load_agreement
from tests.command_line import EXAMPLES, ROOT, office_at, tally
from tests.integration.docs.test_shown_commands import commands
from tests.signing import sign_by_all

PAGE = ROOT / "docs" / "how-to" / "settle-a-ladder.md"


def sign(data: Path, name: str, more: Mapping[str, str] | None = None) -> Path:
    """Sign an example agreement by all of its parties in an installation, with `more` lines under keys."""
    path = EXAMPLES / "agreements" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    for under, lines in (more or {}).items():
        text = text.replace(f"\n{under}:\n", f"\n{under}:\n{lines}", 1)
    agreement = load_agreement(text, name=path.name)
    with office_at(data) as office:
        assert sign_by_all(office, agreement).is_signed
    return data


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """An installation in which the example of a monthly ladder is signed."""
    return sign(tmp_path / "data", "month-ladder")


def test_two_months_and_a_late_refund_go_as_the_page_shows(
    signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    for one in commands(PAGE.read_text(encoding="utf-8")):
        ran = tally(signed, *shlex.split(one.command)[1:])
        assert ran.code == 0, ran.err
        assert one.fits(ran.out.splitlines()), f"{PAGE.name}:{one.line}\n{ran.out}"
    chinese = tally(signed, "statement", "explain", "month-ladder.2.1", "0", "--due", "--lang", "zh")
    assert "品牌方净额, 2026 年 5 月 佣金: 25,000.00 CNY" in chinese.out
    assert "因：有退款" in chinese.out
    assert "其中本项" not in chinese.out, "the brand does not read what the others have of it"
    run = tally(signed, "settle", "month-ladder", "--until", "2026-07-16", "--json").json
    assert run["repeated"]
    assert [one["amount_minor"] for one in run["statements"][1]["dues"]] == [-675_000, 243_000]
    wrong = tally(signed, "statement", "explain", "month-ladder.2.1", "7", "--due")
    assert (wrong.code, "[statement.unknown]" in wrong.err) == (2, True)
    assert tally(signed, "doctor").code == 0
    assert "8 statements recomputed" in tally(signed, "rebuild").out


def test_a_settlement_is_previewed_with_the_digest_that_it_then_has(signed: Path) -> None:
    orders = EXAMPLES / "orders" / "month-ladder-may.csv"
    assert tally(signed, "import", orders, "--agreement", "month-ladder").code == 0
    run = ("settle", "month-ladder", "--until", "2026-06-16")
    seen = tally(signed, *run, "--preview")
    assert "(a preview; nothing is written)" in seen.out
    told = tally(signed, *run, "--preview", "--json").json
    assert (told["preview"], told["settled"]) == (True, False)
    made = tally(signed, *run, "--json").json
    assert (made["digest"], made["repeated"]) == (told["digest"], False)
    assert f"digest {made['digest']}" in seen.out
    assert tally(signed, "settle", "month-ladder", "--until", "2099-01-01", "--preview").code == 2


def test_a_run_says_how_many_dues_it_held_and_the_statement_which(tmp_path: Path) -> None:
    data = sign(tmp_path / "data", "season-dues")
    about = ("--about", "2026-03", "--party")
    assert tally(data, "facts", "record", "season-dues", "period_score=85", *about, "platform").code == 0
    contest = ("facts", "record", "season-dues", "--contest", "period_score", *about, "streamer")
    assert tally(data, *contest).code == 0
    run = ("settle", "season-dues", "--until", "2026-05-01")
    assert "due and not settled: 1; which and why says 'tallystick statement show" in tally(data, *run).out
    assert tally(data, *run, "--json").json["held_dues"] == 1
    shown = tally(data, "statement", "show", "season-dues.1.4").out
    assert "not settled: 22.1 2026-03 (contested: period_score)" in shown
