"""`period`: the worked example's February closed, listed, shown; its journal; and what is refused."""

from __future__ import annotations

from pathlib import Path

from tests.accounting_programs import hledger_balances
from tests.command_line import EXAMPLES, log_size, tally
from tests.month_end import let_stand_by_command


def test_a_month_is_closed_once_listed_and_shown(installation: Path, tmp_path: Path) -> None:
    stopped = tally(installation, "period", "close", "head-streamer", "2026-03")
    assert (stopped.code, "[period.checklist-open]" in stopped.err) == (2, True)
    let_stand_by_command(installation, "2026-03")
    done = tally(installation, "period", "close", "head-streamer", "2026-03")
    assert done.code == 0, done.err
    assert "head-streamer 2026-03 is closed by entry" in done.out
    size = log_size(installation)
    assert tally(installation, "period", "close", "head-streamer", "2026-03").out == done.out
    assert log_size(installation) == size
    (listed,) = tally(installation, "period", "list", "head-streamer", "--json").json
    assert f"digest of its balances {listed['digest']}" in done.out
    shown = tally(installation, "period", "show", "head-streamer", "2026-03", "--json").json
    assert shown["closed"] == listed
    for one in shown["accounts"]:
        late = sum(one["late_minor"].values())
        assert one["opening_minor"] + one["moved_minor"] + late == one["closing_minor"]
    assert "2026-04, open" in tally(installation, "period", "show", "head-streamer").out
    path = tmp_path / "march.journal"
    month = ("--agreement", "head-streamer", "--period", "2026-03", "-o", path)
    assert tally(installation, "export", "journal", "hledger", *month).code == 0
    closing = [-one["closing_minor"] for one in shown["accounts"] if one["closing_minor"]]
    assert sorted(hledger_balances(path).values()) == sorted(closing)


def test_a_month_is_checked_before_it_is_closed_and_what_came_late_is_listed(
    installation: Path, tmp_path: Path
) -> None:
    early = tally(installation, "period", "check", "head-streamer", "2999-01")
    assert (early.code, early.out.startswith("open   over            The month is not over yet")) == (1, True)
    assert "items stop the close" in early.out
    wrong = tally(installation, "period", "override", "head-streamer", "2026-03", "runn", "--by", "second",
                  "--reason", "none")  # fmt: skip
    assert wrong.code == 2
    names = let_stand_by_command(installation, "2026-03")
    wrong = tally(installation, "period", "override", "head-streamer", "2026-03", "runn", "--by", "second",
                  "--reason", "none")  # fmt: skip
    assert (wrong.code, "did you mean 'run'" in wrong.err) == (2, True)
    fine = tally(installation, "period", "check", "head-streamer", "2026-03")
    assert (fine.code, f"nothing stops the close; {len(names)} overridden" in fine.out) == (0, True)
    assert "overridden by second, entry" in fine.out
    as_second = tally(installation, "period", "check", "head-streamer", "2026-03", "--by", "second")
    assert as_second.code == 1, "who overrides does not close"
    assert tally(installation, "period", "close", "head-streamer", "2026-03").code == 0
    told = (EXAMPLES / "orders" / "d01-orders.csv").read_text(encoding="utf-8").splitlines()[:3]
    late = tmp_path / "late.csv"
    late.write_text("\n".join([told[0], *(f"LATE-{row}" for row in told[1:])]) + "\n", encoding="utf-8")
    assert tally(installation, "import", late, "--agreement", "head-streamer").code == 0
    origin = told[1].split(",")[9][:7]
    listing = ("period", "late", "head-streamer")
    gone = tally(installation, *listing, origin, "--out", "--json").json
    assert gone
    assert {(one["period"], one["into"]) for one in gone} == {(origin, "2026-04")}
    assert tally(installation, *listing, "2026-04", "--json").json == gone
    assert f"of {origin}, in 2026-04" in tally(installation, *listing, "2026-04").out
    assert tally(installation, *listing, "2026-05").out == "nothing came late\n"
    summed = tally(installation, "period", "late", "head-streamer", "--json").json
    assert {(one["period"], one["into"]) for one in summed} == {(origin, "2026-04")}
    assert sum(one["postings"] for one in summed) == len(gone)
    assert f"of {origin}, in 2026-04" in tally(installation, "period", "late", "head-streamer").out
    assert tally(installation, "period", "late", "head-streamer", "--out").code == 2
    recorded = tally(installation, "period", "check", "head-streamer", "2026-03")
    assert (recorded.code, "overridden by second" in recorded.out) == (0, True), "as the close records it"


def test_what_cannot_be_closed_exits_with_2_and_says_why(installation: Path) -> None:
    ahead = tally(installation, "period", "close", "head-streamer", "2999-01")
    assert (ahead.code, "[period.refused]" in ahead.err) == (2, True)
    assert (
        "is no month such as 2026-03" in tally(installation, "period", "show", "head-streamer", "March").err
    )
    assert tally(installation, "period", "close", "spring", "2026-03").code == 2
    assert tally(installation, "export", "journal", "hledger", "--period", "2026-03").code == 2
