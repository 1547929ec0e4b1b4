"""`tallystick exhibit`: filed, sealed, redacted, handed on, and checked against its digest."""

from __future__ import annotations

from pathlib import Path

from api.office.arbiters import seat
from api.office.disputes import dispute
from tests.command_line import EXAMPLES, log_size, office_at, tally

MADE = "2026-03-02T20:00:00+08:00"


def test_evidence_from_filing_to_a_check_that_finds_it_altered(installation: Path, tmp_path: Path) -> None:
    filed_case = tmp_path / "case.yaml"
    text = (EXAMPLES / "cases" / "D05.yaml").read_text(encoding="utf-8")
    filed_case.write_text(text.replace("4141250.00", "4141251.00"), encoding="utf-8")
    case = tally(installation, "dispute", "file", filed_case, "--json").json["dispute"]
    with office_at(installation) as office:
        seat(office, dispute(office, case), "arbiter", by="operator")
    file, copy = tmp_path / "chat.txt", tmp_path / "copy.txt"
    file.write_text("what was promised", encoding="utf-8")
    copy.write_text("what was [...]", encoding="utf-8")
    what = ("--party", "brand", "--kind", "chat", "--title", "the promise", "--captured-at", MADE)
    by = ("--by", "brand-finance")
    held = ("--held", f"Li Na | {MADE} | saved from a phone", "--supports", "proven_loss")
    filed = tally(installation, "exhibit", "file", case, file, *what, *held, *by)
    assert (filed.code, filed.err) == (0, ""), filed
    size = log_size(installation)
    assert tally(installation, "exhibit", "file", case, file, *what, *held, *by, "--json").json["number"] == 1
    assert log_size(installation) == size
    request = tally(installation, "exhibit", "request", case, file, *what, *by).json
    assert request["primaryType"] == "Exhibit"
    assert (
        tally(installation, "exhibit", "check", case).out == f"{case} E1  file whole  not signed  unbroken\n"
    )

    order = (case, "1", "--reason", "names in it", "--by", "arbiter")
    assert tally(installation, "exhibit", "seal", *order, "--from", "streamer").code == 0
    assert "sealed from streamer" in tally(installation, "exhibit", "list", case).out
    assert tally(installation, "exhibit", "unseal", *order).code == 0
    redact = tally(installation, "exhibit", "redact", case, "1", copy, *order[2:])
    assert redact.code == 0, redact.err
    out = tmp_path / "out.txt"
    assert tally(installation, "exhibit", "get", case, "1", "--out", out).code == 0
    assert out.read_text(encoding="utf-8") == "what was [...]"
    shown = tally(installation, "exhibit", "show", case, "1")
    assert "Li Na" in shown.out
    assert tally(installation, "exhibit", "show", case, "1", "--json").json["shown_sha256"]
    assert tally(installation, "exhibit", "show", case, "1", "--erc-1497").json["category"] == "chat"

    passed = ("--to", "institute", "--how", "by hand", "--at", MADE, "--party", "brand", *by)
    assert (
        tally(installation, "exhibit", "pass", case, "1", *passed, "--found", tmp_path / "copy.txt").code == 0
    )
    assert tally(installation, "exhibit", "check").code == 0
    other = tmp_path / "other.txt"
    other.write_text("something else", encoding="utf-8")
    assert tally(installation, "exhibit", "pass", case, "1", *passed, "--found", other).code == 0
    broken = tally(installation, "exhibit", "check", case, "--json")
    assert (broken.code, broken.json[0]["unbroken"]) == (1, False)

    (kept, *_) = sorted((installation / "exhibits").glob("??/*"))
    kept.write_bytes(b"changed on disk")
    doctor = tally(installation, "doctor")
    assert (doctor.code, "exhibit.altered" in doctor.out) == (1, True)


def test_what_cannot_be_filed_is_refused_by_name(installation: Path, tmp_path: Path) -> None:
    what = (
        "--party",
        "brand",
        "--kind",
        "chat",
        "--title",
        "t",
        "--captured-at",
        MADE,
        "--by",
        "brand-finance",
    )
    assert tally(installation, "exhibit", "file", "D-0", *what).code == 2
    file = tmp_path / "a.txt"
    file.write_text("a", encoding="utf-8")
    none = tally(installation, "exhibit", "file", "D-0", file, *what)
    assert (none.code, none.out) == (2, "")
    assert "no dispute" in none.err
    assert tally(installation, "exhibit", "list", "D-0").code == 2
