"""`statement`: served, contested and accepted on the command line, by a member of the party alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import log_size, tally


@pytest.fixture
def statement(installation: Path) -> str:
    """The agency's newest statement."""
    found: list[dict[str, Any]] = tally(installation, "statement", "list", "--party", "mcn", "--json").json
    return str(found[0]["statement"])


def code(installation: Path, member: str) -> str:
    lines = (installation / "example" / "access-codes.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)[member]


def test_a_statement_is_served_contested_and_accepted(installation: Path, statement: str) -> None:
    served = tally(installation, "statement", "serve", statement, "--json")
    assert served.code == 0, served.err
    assert [one["means"] for one in served.json[0]["services"]] == ["inbox"]
    mine = ("--code-file", "-")
    typed = code(installation, "mcn-finance") + "\n"
    contested = tally(
        installation, "statement", "contest", statement, "--line", "0", "--reason", "rate", *mine, typed=typed
    )
    assert contested.code == 0, contested.err
    assert "contest 1 open" in contested.out
    shown = tally(installation, "statement", "show", statement)
    assert re.search(r"  contested (\d+\.\d\d), of which \1 is held and not paid", shown.out)
    size = log_size(installation)
    accepted = tally(installation, "statement", "accept", statement, *mine, "--json", typed=typed)
    assert accepted.json[0]["status"] == "accepted_in_part"
    assert log_size(installation) == size + 1
    ended = tally(
        installation, "statement", "withdraw", statement, "1", "--reason", "right", *mine, typed=typed
    )
    assert ended.code == 0, ended.err
    shown = tally(installation, "statement", "contests", statement)
    assert f"{statement}  accepted" in shown.out
    assert tally(installation, "doctor").code == 0


def test_all_of_an_agreement_are_served_once(installation: Path) -> None:
    first = tally(installation, "statement", "serve", "--agreement", "head-streamer", "--json").json
    assert {one["status"] for one in first} <= {"served"}
    assert tally(installation, "statement", "serve", "--agreement", "head-streamer", "--json").json == []


def test_nobody_acts_for_a_party_without_its_code(installation: Path, statement: str) -> None:
    for member in ("brand-finance", "operator"):
        refused = tally(
            installation,
            "statement",
            "accept",
            statement,
            "--code-file",
            "-",
            typed=code(installation, member),
        )
        assert (refused.code, "[access.denied]" in refused.err) == (2, True)
    wrong = tally(installation, "statement", "accept", statement, "--code-file", "-", typed="tly_no_code")
    assert (wrong.code, "[access.code-refused]" in wrong.err) == (2, True)
    assert tally(installation, "statement", "serve").code == 2


def test_a_statement_is_written_as_a_file_of_each_form(
    installation: Path, statement: str, tmp_path: Path
) -> None:
    for form in ("pdf", "xlsx", "csv", "json"):
        out = tmp_path / f"s.{form}"
        ran = tally(installation, "statement", "export", statement, "-o", out, "--lang", "en")
        assert ran.code == 0, ran.err
        first = out.read_bytes()
        assert tally(installation, "statement", "export", statement, "-o", out, "--lang", "en").code == 0
        assert out.read_bytes() == first
    wrong = tally(installation, "statement", "export", statement, "-o", tmp_path / "s.docx")
    assert (wrong.code, "ends in none of" in wrong.err) == (2, True)
    unknown = tally(installation, "statement", "export", "no.1.1", "-o", tmp_path / "s.csv")
    assert (unknown.code, "[statement.unknown]" in unknown.err) == (2, True)


def test_without_a_file_to_write_a_statement_is_printed_as_text(
    installation: Path, statement: str, tmp_path: Path
) -> None:
    for form, given in (("csv", ()), ("json", ("--form", "json"))):
        out = tmp_path / f"s.{form}"
        tally(installation, "statement", "export", statement, "-o", out)
        assert tally(installation, "statement", "export", statement, *given).out.encode() == out.read_bytes()
    twice = tally(installation, "statement", "export", statement, "-o", out, "--form", "json")
    assert (twice.code, "ending of the file" in twice.err) == (2, True)


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (("facts", "list", "head-streamer"), "no facts are recorded"),
        (("fx", "conversions", "head-streamer"), "nothing was converted"),
        (("legal-hold", "list"), "there are no legal holds"),
        (("period", "list", "head-streamer"), "no month is closed"),
        (("statement", "list", "--party", "nobody"), "there are no statements"),
    ],
)
def test_a_list_of_nothing_says_so(installation: Path, listed: tuple[str, ...], said: str) -> None:
    assert tally(installation, *listed).out == f"{said}\n"
    assert tally(installation, *listed, "--json").json == []
