"""`credit`: points given with reasons, shown with what they are worth, appealed, taken back and restored."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import log_size, tally

GIVE = ("credit", "give", "P1", "--agreement", "head-streamer@1", "--party", "brand", "--rule",
        "violation_proven", "--clause", "7.1", "--severity", "2", "--cites", "3", "--reason", "a false claim",
        "--by", "reviewer")  # fmt: skip


def test_points_are_given_shown_appealed_and_removed(installation: Path) -> None:
    given = tally(installation, *GIVE)
    assert given.code == 0, given.err
    assert given.out.startswith("P1: -40 for brand by violation_proven, standing")
    size = log_size(installation)
    assert tally(installation, *GIVE).code == 0
    assert log_size(installation) == size, "the same again adds nothing"
    shown = tally(installation, "credit", "show", "brand")
    assert "brand with platform: 460 (normal)" in shown.out
    assert "-40 now  -40.00  standing  violation_proven, clause 7.1: a false claim" in shown.out
    step = ("P1", "--reason", "the record shows otherwise", "--by")
    assert "appealed" in tally(installation, "credit", "appeal", *step, "brand").out
    assert "[credit.refused]" in tally(installation, "credit", "uphold", *step, "reviewer").err
    assert "removed" in tally(installation, "credit", "remove", *step, "arbiter").out
    assert tally(installation, "credit", "show", "brand", "--json").json[0]["score"] == 500
    assert "standing" in tally(installation, "credit", "restore", *step, "arbiter").out
    before = tally(installation, "credit", "show", "brand", "--before", str(size), "--json").json[0]
    assert (before["score"], before["points"][0]["state"]) == (460, "standing"), "as it was known then"
    assert tally(installation, "doctor").code == 0


def test_everybody_begins_with_the_same_score_and_the_platform_keeps_it(installation: Path) -> None:
    assert tally(installation, "credit", "follow", "--json").json == {"given": 0}
    assert tally(installation, "credit", "follow").out == "0 entries gave points\n"
    scores = {one["party"]: one["score"] for one in tally(installation, "credit", "show", "--json").json}
    assert scores == dict.fromkeys(("brand", "leader", "mcn", "streamer"), 500)


def test_what_does_not_fit_exits_with_2_and_says_why(installation: Path) -> None:
    wrong = {"brand": "brnad", "violation_proven": "violation_prove", "7.1": "77"}
    for right, typed in wrong.items():
        ran = tally(installation, *(typed if one == right else one for one in GIVE))
        assert ran.code == 2, typed
        assert "[credit.refused]" in ran.err or "[agreement.not-a-signer]" in ran.err
    assert (
        "[credit.unknown]" in tally(installation, "credit", "appeal", "P9", "--reason", "x", "--by", "b").err
    )
    rules = tally(installation, "credit", "rules")
    assert "violation_proven     -20 × severity 1 to 5" in rules.out
    assert tally(installation, "credit", "rules", "--json").json["half_days"] == 180
