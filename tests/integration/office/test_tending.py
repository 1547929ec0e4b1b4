"""Tending does what has come due, once; a duty that is refused or fails keeps no other from being done."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from api.office.opening import Office
from api.office.tending import CHAIN_DUTIES, DUTIES, Duty, tend, tended
from ledger.errors import LogBusy
from tests.command_line import office_at, tally


def _refused(_office: Office) -> int:
    raise LogBusy("too much waits", where="log")


def _broken(_office: Office) -> int:
    raise ZeroDivisionError


def test_a_round_does_each_duty_and_says_what_was_refused(example_data: Path) -> None:
    with office_at(example_data) as office:
        done = list(tend(office, [Duty("first", _refused), Duty("second", lambda _office: 2)]))
    assert [(one.duty, one.count, one.refused is not None) for one in done] == [
        ("first", 0, True),
        ("second", 2, False),
    ]


def test_every_duty_done_again_finds_nothing_to_do(installation: Path) -> None:
    with office_at(installation) as office:
        list(tend(office))
        assert [(one.duty, one.count) for one in tend(office)] == [
            (duty.name, 0) for duty in (*DUTIES, *CHAIN_DUTIES)
        ]


def test_a_server_goes_on_tending_when_a_duty_fails(
    example_data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    enough = threading.Event()
    rounds: list[int] = []

    def counted(_office: Office) -> int:
        rounds.append(1)
        if len(rounds) > 1:
            enough.set()
        return 0

    duties = [Duty("broken", _broken), Duty("counted", counted)]
    with office_at(example_data) as office, tended(office, 1, duties):
        assert enough.wait(60)
    assert "the duty 'broken' failed" in caplog.text
    with office_at(example_data) as office, tended(office, 0, duties):
        pass


def test_the_command_runs_one_round(installation: Path) -> None:
    told = tally(installation, "tend", "--json")
    assert (told.code, [row["duty"] for row in told.json]) == (
        0,
        [duty.name for duty in (*DUTIES, *CHAIN_DUTIES)],
    )
    assert DUTIES[0].name in tally(installation, "tend").out


def test_the_command_says_what_a_signed_version_has_watched_for(installation: Path) -> None:
    rows = tally(installation, "monitor", "list", "--agreement", "head-streamer", "--json").json
    assert [(row["code"], row["clause"], row["readers"]) for row in rows] == [
        ("price-below-promise", "9.1", ["brand", "streamer"]),
        ("data-beyond-grant", "11.1", ["platform", "streamer"]),
        ("absolute-terms", None, ["brand", "leader", "mcn", "platform", "streamer"]),
    ]
    assert "price_observation.observed" in tally(installation, "monitor", "list").out
    tally(installation, "monitor", "run")
    assert tally(installation, "monitor", "run").out.startswith("0 entries read")
    anew = tally(installation, "monitor", "run", "--anew", "--json").json
    assert anew["entries"] > 1000
    assert anew["given"] == 0, "what was said is not said twice"
