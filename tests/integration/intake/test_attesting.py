"""A sale that several sources report is posted once, whichever way the reports come, on both databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import msgspec
import pytest

from ledger.doctor import examine
from ledger.errors import EntryConflict, LogMoved
from ledger.intake.differences import differences, every_difference
from ledger.intake.told import Teller
from ledger.sorting import Request
from tests.attesting_world import AGREEMENT, Line, Sources, terms_of

SHOP = Line("A", "299.00")
BILL = Line("A", "280.00")
Way = Callable[[Sources, str, Line], object]


def by_file(sources: Sources, source: str, line: Line) -> object:
    return sources.file(source, line)


def one_by_one(sources: Sources, source: str, line: Line) -> object:
    return sources.send(source, line)


WAYS = [(by_file, by_file), (by_file, one_by_one), (one_by_one, by_file), (one_by_one, one_by_one)]


@pytest.fixture
def sources(database_url: str, tmp_path: Path) -> Iterator[Sources]:
    found = Sources(database_url, tmp_path)
    yield found
    assert examine(found.engine) == []
    found.close()


@pytest.mark.parametrize(("first", "second"), WAYS)
def test_the_first_report_is_posted_where_none_prevails(sources: Sources, first: Way, second: Way) -> None:
    first(sources, "shop", SHOP)
    second(sources, "bill", BILL)
    assert sources.escrow() == 29_900
    first(sources, "shop", SHOP)
    second(sources, "bill", BILL)
    assert (sources.escrow(), len(sources.log.line(AGREEMENT, "A", "1"))) == (29_900, 2)


@pytest.mark.parametrize(("first", "second"), WAYS)
def test_what_the_prevailing_source_reports_is_posted_whenever_it_comes(
    sources: Sources, first: Way, second: Way
) -> None:
    sources.terms = terms_of("bill")
    first(sources, "shop", SHOP)
    second(sources, "bill", BILL)
    first(sources, "bill", Line("B", "280.00"))
    second(sources, "shop", Line("B", "299.00"))
    assert sources.escrow() == 2 * 28_000
    second(sources, "bill", BILL)
    first(sources, "shop", SHOP)
    assert (sources.escrow(), sources.log.size()) == (2 * 28_000, len(sources.log.entries(limit=100)))


def test_within_one_request_and_one_file_a_line_is_posted_once(sources: Sources) -> None:
    sources.terms = terms_of("bill")
    assert sources.send("shop", SHOP, SHOP).repeated == [0]
    with pytest.raises(EntryConflict, match=r"different in groups\.order\.content\.paid\."):
        sources.send("shop", BILL)
    report = sources.file("bill", BILL, BILL, SHOP)
    assert (report.new.sales, report.repeated.sales, report.conflict_count) == (1, 1, 1)
    assert sources.escrow() == 28_000


def test_a_restart_changes_nothing(sources: Sources, tmp_path: Path) -> None:
    sources.terms = terms_of("bill")
    sources.send("shop", SHOP)
    sources.close()
    again = Sources(sources.url, tmp_path, sources.terms)
    assert again.send("shop", SHOP).repeated == [0]
    again.send("bill", BILL)
    again.close()
    assert sources.escrow() == 28_000


@pytest.mark.parametrize("way", [by_file, one_by_one])
def test_what_was_voided_is_told_anew_and_posted_again(sources: Sources, way: Way) -> None:
    received = Line("A", "299.00", "2026-03-02T00:00:00+08:00", "5.00", "2026-03-03T00:00:00+08:00")
    sources.file("shop", received)
    for telling in (1, 2):
        (batch,) = sources.standing()
        sources.void(batch)
        assert sources.escrow() == 0
        way(sources, "shop", received)
        assert sources.escrow() == 29_900
        way(sources, "shop", received)
        for event in ("sale/1", "receipt/1", "refund/5.00"):
            assert sources.log.find("shop", f"A/1/{event}+{telling}") is not None
        if way is one_by_one:
            break


@pytest.mark.parametrize("way", [by_file, one_by_one])
def test_a_void_leaves_what_another_source_reports(sources: Sources, way: Way) -> None:
    sources.terms = terms_of("bill")
    way(sources, "shop", SHOP)
    sources.file("bill", BILL)
    sources.void(sources.standing()[-1])
    assert sources.escrow() == 29_900
    way(sources, "bill", BILL)
    assert sources.escrow() == 28_000


def test_a_void_waits_for_nobody_who_tells_of_other_orders(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.file("shop", SHOP)
    (batch,) = sources.standing()
    size, said = sources.log.size, ["C", "A", "D"]

    def then_told() -> int:
        found = size()
        if said:
            sources.send("till", Line(said.pop(0), "1.00"))
        return found

    monkeypatch.setattr(sources.log, "size", then_told)
    sources.void(batch)
    assert said == ["A", "D"], "another order's sale is no reason to begin again"
    sources.file("shop", SHOP)
    sources.void(sources.standing()[0])
    assert said == [], "a sale of the same order is"
    assert sources.escrow() == 3 * 100


def test_an_import_tells_of_differences_whichever_report_came_first(sources: Sources) -> None:
    sources.terms = terms_of("bill")
    seq = sources.send("shop", SHOP, Line("B", "10.00")).seqs[0]
    for dry_run in (True, False, False):
        report = sources.file("bill", BILL, Line("B", "10.00"), Line("C", "1.00"), dry_run=dry_run)
        assert report.attested == 2
        (found,) = report.differences
        assert (found.seq, found.other, found.fields, found.counts) == (seq, "shop", ("paid",), "bill")
    (found,) = sources.file("shop", SHOP).differences
    assert (found.other, found.counts) == ("bill", "bill"), "the file that came first tells of it too"
    sources.void(sources.standing()[0])
    assert sources.file("shop", SHOP).differences == []


def test_one_moment_under_two_offsets_is_no_difference(sources: Sources) -> None:
    sources.file("shop", SHOP)
    teller = Teller(sources.terms)
    (told,) = SHOP.told("till")
    at = told.occurred_at
    for order, moment in (("A", at.astimezone(UTC)), ("B", at + timedelta(hours=1))):
        sources.file("shop", SHOP, replace(SHOP, order="B"))
        entry = teller.entry(msgspec.structs.replace(told, order=order, occurred_at=moment))
        request = Request(sources.log.prepare([entry]), attest=teller.attesting.postings)
        sources.log.append_requests([request])
    (found,) = every_difference(sources.log, sources.terms)
    assert (found.other.content["order"], found.fields) == ("B", ("paid_at",))


def test_differences_are_paged_by_line_and_follow_what_stands(sources: Sources) -> None:
    lines = [Line(f"O{n:02}/%", "1.00") for n in range(12)]
    sources.file("shop", *lines)
    sources.file("bill", *(replace(line, paid="2.00") for line in lines[::2]), *lines[1::2])
    sources.send("till", replace(lines[0], paid="3.00"))
    seen, after = [], None
    for _ in range(4):
        page = differences(sources.log, sources.terms, after, limit=2)
        seen.append(
            [(one.counts.source, one.other.source, one.other.content["order"]) for one in page.findings]
        )
        after = page.next_after
    assert seen == [
        [("shop", "bill", "O00/%"), ("shop", "till", "O00/%")],
        [("shop", "bill", "O02/%"), ("shop", "bill", "O04/%")],
        [("shop", "bill", "O06/%"), ("shop", "bill", "O08/%")],
        [("shop", "bill", "O10/%")],
    ]
    assert after is None
    sources.void(sources.standing()[1])
    (found,) = every_difference(sources.log, sources.terms)
    assert (found.other.source, found.fields) == ("till", ("paid",))


def test_a_version_that_only_others_know_of_is_waited_for(sources: Sources) -> None:
    mine = sources.terms
    (version,) = mine.versions
    sources.terms = replace(mine, versions=(replace(version, reference=f"{AGREEMENT}@2"),))
    sources.send("shop", SHOP)
    sources.terms = mine
    with pytest.raises(LogMoved, match="send it again"):
        sources.send("till", BILL, Line("B", "1.00"))
    assert sources.send("till", Line("B", "1.00")).accepted == [1]


@pytest.mark.parametrize("prevailing", [None, "bill"])
def test_reports_that_come_at_once_are_posted_once(sources: Sources, prevailing: str | None) -> None:
    sources.terms = terms_of(prevailing)
    lines = [Line(f"O{n}", f"{n + 1}.00") for n in range(12)]
    others = [Line(f"O{n}", f"{n + 2}.00") for n in range(12)]

    def singly(source: str, told: list[Line]) -> None:
        for line in told:
            sources.send(source, line)

    def in_a_file() -> None:
        sources.file("bank", *lines)

    with ThreadPoolExecutor(3) as pool:
        work = [
            pool.submit(singly, "shop", lines),
            pool.submit(singly, "bill", others),
            pool.submit(in_a_file),
        ]
        for one in work:
            one.result(60)
    if prevailing:
        assert sources.escrow() == sum((n + 2) * 100 for n in range(12))
        return
    first = [sources.log.line(AGREEMENT, line.order, "1")[0][0] for line in lines]
    posted = [sources.log.groups(seq)[0].postings[1]["amount_minor"] for seq in first]
    assert sources.escrow() == sum(posted)


CHILD = """
import sys
from pathlib import Path
from tests.attesting_world import Line, Sources, terms_of
url, folder, source, plus, way = sys.argv[1:]
sources = Sources(url, Path(folder), terms_of("bill"))
lines = [Line(f"O{n}", f"{n + int(plus)}.00") for n in range(30)]
print("ready", flush=True)
sys.stdin.readline()
if way == "file":
    sources.file(source, *lines)
else:
    for line in lines:
        sources.send(source, line)
sources.close()
"""


def test_processes_that_each_take_one_source_post_every_sale_once(sources: Sources, tmp_path: Path) -> None:
    wanted = (("shop", "1", "single"), ("bill", "2", "single"), ("bank", "3", "file"))
    command = [sys.executable, "-c", CHILD, sources.url, str(tmp_path)]
    root = Path(__file__).parents[3]
    children = [
        subprocess.Popen([*command, *one], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)
        for one in wanted
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    assert [child.communicate(timeout=60)[1] for child in children] == [None, None, None]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert sources.escrow() == sum((n + 2) * 100 for n in range(30)), "what prevails is posted, once"
