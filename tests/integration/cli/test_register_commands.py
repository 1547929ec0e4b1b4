"""`register`: what kinds there are, an item opened, shown and listed, and what does not fit refused."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import tally

OF = ("--agreement", "head-streamer", "--by", "mcn")


def test_an_item_is_told_shown_and_listed(installation: Path) -> None:
    opened = tally(installation, "register", "tell", "session", "S1", "planned", "host_type=creator", *OF)
    assert (opened.code, opened.err) == (0, "")
    assert "session S1: planned stands in entry " in opened.out
    again = tally(installation, "register", "tell", "session", "S1", "planned", "host_type=creator", *OF)
    assert again.out == opened.out
    listed = tally(
        installation, "register", "tell", "session", "S1", "item_listed", "sku=A", "price=1.00", *OF, "--json"
    )
    shown = tally(installation, "register", "show", "session", "S1", "--json").json
    assert (shown["state"], shown["fields"]["price"]) == ("preparing", "1.00")
    assert shown["happened"][1]["entry_seq"] == listed.json["entry_seq"]
    out = tally(installation, "register", "show", "session", "S1").out
    assert "item_listed" in out
    assert "kept until 1095 days after ended" in out
    kept = [one["item"] for one in tally(installation, "register", "list", "session", "--json").json]
    assert "S1" in kept
    assert "preparing" in tally(installation, "register", "list", "session").out
    assert (
        "nothing was told" in tally(installation, "register", "list", "session", "--state", "cancelled").out
    )
    assert tally(installation, "doctor").code == 0


def test_a_file_is_told_and_rows_that_are_refused_exit_with_1(installation: Path, tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("item,score\nV-1,5\nV-2,9\n", encoding="utf-8")
    asked = ("register", "import", "survey", path, "--event", "given", *OF)
    ran = tally(installation, *asked)
    assert (ran.code, "2 rows, 1 told, 0 on record before" in ran.out) == (1, True), ran.err
    assert "refused: row 2 (line 3) V-2: a score is 1 to 5" in ran.out
    assert tally(installation, *asked, "--json").json["repeated"] == 1


def test_kinds_lists_every_register_and_says_what_one_takes(installation: Path) -> None:
    assert "session              直播场次 / Live session" in tally(installation, "register", "kinds").out
    one = tally(installation, "register", "kinds", "session")
    assert "after product_review, licences, price_snapshot, script_check, training" in one.out
    assert "kept 1095 days from ended" in one.out
    assert tally(installation, "register", "kinds", "session", "--json").json["register"] == "session"


def test_what_does_not_fit_exits_with_2_and_says_why(installation: Path) -> None:
    for asked, why in (
        (("sesion", "S1", "planned", *OF), "did you mean 'session'"),
        (("session", "S1", "planned", *OF), "'planned' needs host_type [register.refused]"),
        (("session", "S1", "planned", "host_type=creator", "--by", "mcn"), "say under which agreement"),
        (("session", "S1", "planned", "host_type", *OF), "is not NAME=VALUE"),
        (("session", "S1", "ended", *OF), "[register.item.unknown]"),
        (("session", "S1", "planned", *OF[:2], "--by", "nobody"), "[agreement.not-a-signer]"),
    ):
        ran = tally(installation, "register", "tell", *asked)
        assert (ran.code, why in ran.err) == (2, True), ran.err
    assert "[register.item.unknown]" in tally(installation, "register", "show", "session", "S9").err
