"""A file imported again: rows whose part an earlier import took are passed over, and only those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.doctor import examine
from ledger.entries import NewEntry
from ledger.intake import importing
from ledger.intake.batches import TAKEN_KIND
from ledger.intake.events import EventReader, RowFault
from ledger.intake.report import ImportReport
from tests.attesting_world import AGREEMENT, HEADER, Line, Sources, mapping_of

LINES = [Line(f"O{n:02}", "10.00", "2026-03-02T00:00:00+08:00") for n in range(20)]


@pytest.fixture
def sources(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sources]:
    monkeypatch.setattr(importing, "BATCH_ENTRIES", 8)
    found = Sources(database_url, tmp_path)
    yield found
    assert examine(found.engine) == []
    found.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The orders of the rows that were read into events."""
    orders: list[str] = []
    entries = EventReader.entries

    def noted(self: EventReader, cells: list[str]) -> list[NewEntry] | RowFault:
        orders.append(next(cell for cell in cells if cell.startswith("O")))
        return entries(self, cells)

    monkeypatch.setattr(EventReader, "entries", noted)
    return orders


def numbers(*ranges: Iterable[int]) -> list[str]:
    return [f"O{n:02}" for one in ranges for n in one]


def interrupt(sources: Sources, *lines: Line, after: int) -> None:
    """Import a file until so many of its transactions are done."""

    class Interrupted(Exception):
        pass

    done = 0

    def progress(_done: int, _total: int) -> None:
        nonlocal done
        done += 1
        if done == after:
            raise Interrupted

    with pytest.raises(Interrupted):
        importing.import_file(
            sources.log, written(sources, *lines), mapping_of("shop"), sources.terms, progress=progress
        )


def written(sources: Sources, *lines: Line) -> Path:
    path = sources.folder / "shop.csv"
    path.write_text("\n".join([HEADER, *(line.row("shop") for line in lines), ""]), encoding="utf-8")
    return path


def plain(report: ImportReport) -> dict[str, object]:
    """Return a report without what the import added and where it stands."""
    left_out = {"new", "repeated", "imported_seq"}
    return {name: value for name, value in report.as_json().items() if name not in left_out}


def test_what_an_interrupted_import_took_is_passed_over(sources: Sources, read: list[str]) -> None:
    interrupt(sources, *LINES, after=3)
    assert read == numbers(range(12))
    read.clear()
    report = sources.file("shop", *LINES)
    assert read == numbers(range(12, 20))
    assert (report.rows, report.stated.total, report.repeated.total, report.new.total) == (20, 40, 24, 16)
    read.clear()
    again = sources.file("shop", *LINES)
    assert (again.new.total, read, plain(again)) == (0, [], plain(report))
    assert again.imported_seq == report.imported_seq, "the same import is recorded once"
    assert [one.entries for one in sources.standing()] == [40]


def test_a_dry_run_passes_over_what_is_there_and_notes_nothing(sources: Sources, read: list[str]) -> None:
    interrupt(sources, *LINES, after=2)
    size = sources.log.size()
    read.clear()
    report = sources.file("shop", *LINES, dry_run=True)
    assert (read, report.repeated.total, report.new.total) == (numbers(range(8, 20)), 16, 24)
    assert sources.log.size() == size


def test_rows_about_which_something_is_said_are_read_again(sources: Sources, read: list[str]) -> None:
    lines = [*LINES]
    lines[5] = replace(lines[5], paid="much")
    lines[9] = lines[8]
    reports = [sources.file("shop", *lines) for _ in range(2)]
    assert read[20:] == numbers(range(4, 8), [8, 8], range(10, 13))
    assert [one.rejected_rows for one in reports] == [1, 1]
    assert plain(reports[0]) == plain(reports[1])


def test_what_others_tell_of_the_lines_is_looked_at_again(sources: Sources, read: list[str]) -> None:
    sources.file("shop", *LINES)
    sources.send("till", Line("O05", "9.00"))
    read.clear()
    report = sources.file("shop", *LINES)
    assert read == numbers(range(4, 8))
    assert [one.other for one in report.differences] == ["till"]


def test_a_voided_file_is_read_as_new(sources: Sources, read: list[str]) -> None:
    sources.file("shop", *LINES)
    sources.void(sources.standing()[0])
    read.clear()
    report = sources.file("shop", *LINES)
    assert (report.new.total, read) == (40, numbers(range(20)))


def test_another_version_has_every_row_read(sources: Sources, read: list[str]) -> None:
    sources.file("shop", *LINES)
    (version,) = sources.terms.versions
    later = replace(version, reference=f"{AGREEMENT}@2", effective_from=datetime(2026, 4, 1, tzinfo=UTC))
    sources.terms = replace(sources.terms, versions=(version, later))
    read.clear()
    assert sources.file("shop", *LINES).repeated.total == 40
    assert read == numbers(range(20))


def test_a_batch_says_which_rows_it_covers(sources: Sources) -> None:
    sources.file("shop", *LINES[:6])
    found = sources.log.entries(kinds=[TAKEN_KIND])
    told = [sources.log.groups(entry.seq)[0].content["part"] for entry in found]
    assert [(part["after_rows"], part["rows"], part["idle_rows"]) for part in told] == [(0, 4, 0), (4, 2, 0)]
    assert told[0]["stated"] == {"sales": 4, "receipts": 4, "refunds": 0, "after_sales": 0}
