"""`measure`: figures over registers are exact, told apart by field and period, and nothing is not zero."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import tally

AGREEMENT = ("--agreement", "head-streamer")
MAY = "2026-05-{:02}T{:02}:00:00+08:00"


def tell(data: Path, register: str, item: str, event: str, at: str, *fields: str) -> None:
    given = (register, item, event, *AGREEMENT, "--by", "brand" if register == "shipment" else "platform")
    told = tally(data, "register", "tell", *given, "--at", at, *fields)
    assert told.code == 0, told.err


@pytest.fixture(scope="module")
def told(example_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example with a month of feedback, shipments and streams told."""
    data = Path(shutil.copytree(example_data, tmp_path_factory.mktemp("measures") / "data"))
    for number, (sku, hours) in enumerate(
        (("lipstick", 2), ("lipstick", 5), ("serum", 200), ("serum", None)), 1
    ):
        item = f"F-{number}"
        tell(data, "feedback", item, "filed", MAY.format(6, 9), "topic=quality", f"sku={sku}", "words=hm")
        if hours is not None:
            day, hour = divmod(9 + hours, 24)
            tell(data, "feedback", item, "answered", MAY.format(6 + day, hour), "answer=sorry")
    for number, hours in enumerate((10, 20, 60), 1):
        item, (day, hour) = f"S-{number}", divmod(9 + hours, 24)
        tell(data, "shipment", item, "promised", MAY.format(6, 9), f"order={number}")
        tell(data, "shipment", item, "shipped", MAY.format(6 + day, hour), "carrier=SF")
    for number, up in enumerate((240, 180), 1):
        minutes = ("minutes_planned=240", f"minutes_up={up}")
        tell(data, "stream_quality", f"Q-{number}", "measured", MAY.format(6, 22), *minutes)
    return data


def figures(data: Path, report: str, *more: str) -> dict[str, dict[str, tuple[str | None, str, int]]]:
    made: Any = tally(data, "measure", "show", report, *AGREEMENT, *more, "--json").json
    return {
        row["key"]: {one["id"]: (one["value"], one["shown"], one["items"]) for one in row["measures"]}
        for row in made["rows"]
    }


def test_the_feedback_inbox_is_told_by_sku_with_how_fast_it_was_answered(told: Path) -> None:
    all_of_it = figures(told, "feedback", "--period", "2026-05")[""]
    assert all_of_it["filed"] == ("4", "4", 4)
    assert all_of_it["waiting"] == ("1", "1", 1)
    assert all_of_it["answered_in_time"] == ("1/2", "50.00%", 4), "two in time, one late, one late and open"
    assert all_of_it["answer_hours"] == ("5", "5.0", 3)
    assert all_of_it["satisfied"] == (None, "—", 0), "nothing tells is not zero"
    by_sku = figures(told, "feedback", "--period", "2026-Q2", "--by", "sku")
    assert {sku: one["answer_hours"][0] for sku, one in by_sku.items()} == {"lipstick": "7/2", "serum": "200"}


def test_shipping_and_streams_come_to_exact_parts(told: Path) -> None:
    shipped = figures(told, "fulfilment", "--period", "2026")[""]
    assert shipped["shipped_in_time"] == ("2/3", "66.67%", 3)
    assert shipped["hours_to_ship"] == ("20", "20.0", 3)
    streams = figures(told, "stream")[""]
    assert streams["uptime"] == ("7/8", "87.50%", 2), "minutes up over minutes planned, not a mean of parts"
    assert figures(told, "stream", "--period", "2026-04")[""]["uptime"] == (None, "—", 0)


def test_people_read_reports_in_lines_and_a_wrong_word_is_answered_with_the_right_one(told: Path) -> None:
    shown = tally(told, "measure", "show", "feedback", *AGREEMENT, "--by", "sku")
    assert (shown.code, "sku lipstick" in shown.out) == (0, True)
    assert re.search(r"answered in time +0\.00% +over 2", shown.out)
    assert "feedback" in tally(told, "measure", "list").out
    assert len(tally(told, "measure", "list", "--json").json) == 7
    for wrong, said in (
        (("feedbak", *AGREEMENT), "did you mean 'feedback'? [report.unknown]"),
        (("feedback", *AGREEMENT, "--period", "May"), "'May' is no period"),
        (("feedback", *AGREEMENT, "--by", "suk"), "did you mean 'sku'"),
        (("feedback", "--agreement", "nothing"), "[agreement.unknown]"),
    ):
        ran = tally(told, "measure", "show", *wrong)
        assert (ran.code, said in ran.err) == (2, True), ran.err
