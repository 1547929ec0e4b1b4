"""The queue before the log, on both databases: shared commits, each request whole, bounds, closing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from ledger.database import open_engine, writing
from ledger.doctor import examine
from ledger.entries import Group, NewEntry
from ledger.errors import EntryConflict, EntryInvalid, LogBusy, LogClosed
from ledger.group_commit import COMMIT_MAX, LARGE_ENTRIES, Bounds, GroupCommit
from ledger.intake.together import keyed_within
from ledger.log import Log
from ledger.sorting import Outcome, Request, Revise
from tests.ledger_samples import PARTIES, pair, receipt, sale


class HeldLog(Log):
    """A log that begins no commit before it is let go, and fails those that it is told to fail."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.failing: set[int] = set()
        self.commits: list[int] = []

    def append_requests(self, requests: Sequence[Request], revise: Revise | None = None) -> list[Outcome]:
        self.begun.release()
        assert self.go.wait(60)
        self.commits.append(len(requests))
        if len(self.commits) in self.failing:
            raise OperationalError("COMMIT", {}, OSError("the disk is gone"))
        return super().append_requests(requests, revise)


@pytest.fixture
def log(engine: Engine) -> HeldLog:
    return HeldLog(engine)


@pytest.fixture
def queue(log: HeldLog) -> Iterator[GroupCommit]:
    with GroupCommit(log) as queue:
        yield queue
        log.go.set()


def occupy(queue: GroupCommit, log: HeldLog) -> None:
    """Have the writer stand in a commit of its own, so that what comes next waits together."""
    queue.submit([sale("first")])
    assert log.begun.acquire(timeout=60)


def batch(name: str, size: int = LARGE_ENTRIES + 1) -> list[NewEntry]:
    return [sale(name, line=str(line)) for line in range(size)]


def test_what_waits_together_shares_a_commit_and_each_gets_its_own_seq(
    queue: GroupCommit, log: HeldLog, engine: Engine
) -> None:
    occupy(queue, log)
    reports = [queue.submit([sale(f"O{n}")]) for n in range(20)]
    assert not any(report.done() for report in reports)
    log.go.set()
    assert [report.result(60).accepted for report in reports] == [[n] for n in range(1, 21)]
    assert log.commits == [1, 20]
    assert examine(engine) == []


def test_no_report_comes_before_its_entries_can_be_read_by_others(
    queue: GroupCommit, log: HeldLog, database_url: str
) -> None:
    log.go.set()
    other = open_engine(database_url)
    for n in range(5):
        (seq,) = queue.submit([sale(f"O{n}")]).result(60).seqs
        assert seq is not None
        assert Log(other).entry(seq).id == f"O{n}/1/sale/"
    other.dispose()


def test_a_conflict_refuses_its_own_request_whole_and_no_other(
    queue: GroupCommit, log: HeldLog, engine: Engine
) -> None:
    occupy(queue, log)
    told = queue.submit([sale("A"), sale("B")])
    again = queue.submit([sale("B")])
    otherwise = queue.submit([sale("C"), sale("B", paid_minor=5), sale("D")])
    freed = queue.submit([sale("C", paid_minor=7)])
    in_part = queue.submit([sale("A", paid_minor=5), sale("D")], partial=True)
    log.go.set()
    assert told.result(60).accepted == [1, 2]
    assert (again.result(60).accepted, again.result(60).repeated) == ([], [2])
    with pytest.raises(EntryConflict) as caught:
        otherwise.result(60)
    assert [(one.seq, one.fields) for one in caught.value.conflicts] == [
        (2, ("groups.order.postings", "groups.order.content.paid"))
    ]
    assert freed.result(60).accepted == [3], "what was refused with another leaves no key behind"
    assert (in_part.result(60).accepted, in_part.result(60).seqs) == ([4], [None, 4])
    assert log.commits == [1, 5]
    assert examine(engine) == []


def test_a_conflict_within_one_request_names_no_entry_that_was_never_taken(
    queue: GroupCommit, log: HeldLog
) -> None:
    occupy(queue, log)
    queue.submit([sale("A")])
    twice = queue.submit([sale("B"), sale("B", paid_minor=5), sale("A", paid_minor=5)])
    log.go.set()
    with pytest.raises(EntryConflict) as caught:
        twice.result(60)
    assert [one.seq for one in caught.value.conflicts] == [None, 1]
    assert caught.value.places == (1, 2)


def test_two_sources_of_one_order_put_its_money_into_escrow_once(
    queue: GroupCommit, log: HeldLog, engine: Engine
) -> None:
    occupy(queue, log)
    tell = partial(queue.submit, attest=lambda _report, _earlier: ())
    tell([sale("kept"), sale("kept", paid_minor=1)])  # refused, so it told of nothing
    tales = [tell([sale("kept", source=source)]) for source in ("till", "bank", "till")]
    later = tell([sale("first", source="bank"), sale("kept", source="bank", paid_minor=1)], partial=True)
    log.go.set()
    assert [tale.result(60).seqs for tale in tales] == [[1], [2], [1]]
    assert later.result(60).seqs == [3, None]
    assert tell([sale("kept", source="bank")]).result(60).repeated == [2]
    posted = [bool(log.groups(seq)[0].postings) for seq in range(4)]
    assert posted == [True, True, False, False]
    assert examine(engine) == []


def test_a_line_under_a_second_agreement_has_keys_that_name_it(engine: Engine) -> None:
    def under(agreement: str) -> tuple[Group, ...]:
        postings = [replace(posting, agreement=agreement) for posting in pair(29_900)]
        return (Group("order", PARTIES, sale().groups[0].content, tuple(postings)),)

    with GroupCommit(Log(engine), revise=keyed_within) as queue:
        told = [
            [sale(id="O1/1/sale/1", groups=under("autumn-beauty")), receipt(id="O1/1/receipt/1")],
            [
                sale(id="O1/1/sale/1", agreement="agency@1", groups=under("agency")),
                receipt(id="O1/1/receipt/1", agreement="agency@1"),
            ],
            [sale(id="O1/1/sale/1", agreement="agency@2", groups=under("agency"))],
            [receipt(agreement="agency@2", id="O1/1/sale/1", kind="data.shared")],
        ]
        assert queue.submit(told[0]).result(60).accepted == [0, 1]
        assert queue.submit(told[1]).result(60).accepted == [2, 3]
        assert queue.submit(told[1]).result(60).repeated == [2, 3]
        with pytest.raises(EntryConflict):
            queue.submit(told[2]).result(60)
        with pytest.raises(EntryConflict):
            queue.submit(told[3]).result(60)
    log = Log(engine)
    assert [log.entry(seq).id for seq in (2, 3)] == ["O1/1/sale/1@agency", "O1/1/receipt/1@agency"]
    assert bool(log.groups(2)[0].postings), "each agreement funds its own"
    assert examine(engine) == []


def test_a_commit_that_fails_fails_its_requests_alone_and_the_queue_goes_on(
    queue: GroupCommit, log: HeldLog, engine: Engine
) -> None:
    log.failing = {2}
    occupy(queue, log)
    failed = [queue.submit([sale(f"F{n}")]) for n in range(3)]
    log.go.set()
    assert all(isinstance(one.exception(60), OperationalError) for one in failed)
    again = [queue.submit([sale(f"F{n}")]).result(60).accepted for n in range(3)]
    assert again == [[1], [2], [3]]
    assert log.commits[:2] == [1, 3]
    assert examine(engine) == []


@pytest.mark.postgres
def test_a_lost_connection_fails_one_commit_and_the_next_has_another(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with GroupCommit(Log(engine)) as queue:
        assert queue.submit([sale("A")]).result(60).seqs == [0]
        with writing(engine) as session:
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        for _ in range(5):
            report = queue.submit([sale("B")])
            if report.exception(60) is None:
                break
        assert report.result(60).seqs == [1]
    engine.dispose()


def test_what_was_refused_before_it_was_queued_takes_no_room(engine: Engine) -> None:
    broken = sale(groups=(Group("order", PARTIES, {"order": "O1", "line": 1}),))
    with GroupCommit(Log(engine), waiting_max=Bounds(2, 2, 1 << 20)) as queue:
        for _ in range(5):
            with pytest.raises(EntryInvalid):
                queue.submit([broken], wait_seconds=0)
        assert queue.submit([sale()]).result(60).accepted == [0]


@pytest.mark.parametrize("full", [Bounds(3, 100, 1 << 20), Bounds(100, 3, 1 << 20), Bounds(100, 100, 1_500)])
def test_a_full_queue_refuses_by_name_and_takes_again_when_there_is_room(log: HeldLog, full: Bounds) -> None:
    with GroupCommit(log, waiting_max=full) as queue:
        occupy(queue, log)
        waiting = [queue.submit([sale(f"O{n}")], wait_seconds=0) for n in range(3)]
        with pytest.raises(LogBusy, match="nothing of this one was taken"):
            queue.submit([sale("O9")], wait_seconds=0.01)
        with ThreadPoolExecutor(1) as pool:
            patient = pool.submit(queue.submit, [sale("O9")], wait_seconds=60)
            log.go.set()
            assert patient.result(60).result(60).accepted == [4]
    assert [report.result(60).accepted for report in waiting] == [[1], [2], [3]]


def test_closing_writes_what_waits_and_refuses_what_comes_after(
    queue: GroupCommit, log: HeldLog, engine: Engine
) -> None:
    occupy(queue, log)
    waiting = [queue.submit([sale(f"O{n}")]) for n in range(3)]
    waiting.append(queue.submit(batch("L")))
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(queue.close)
        log.go.set()
        closing.result(60)
    assert all(report.done() for report in waiting)
    assert Log(engine).size() == 1 + 3 + LARGE_ENTRIES + 1
    with pytest.raises(LogClosed):
        queue.submit([sale("late")])
    queue.close()


def test_nobody_with_one_entry_waits_for_more_than_one_batch(queue: GroupCommit, log: HeldLog) -> None:
    occupy(queue, log)
    batches = [queue.submit(batch(f"L{n}")) for n in range(4)]
    single = queue.submit([sale("S")])
    log.go.set()
    firsts = [report.result(60).accepted[0] for report in batches]
    assert firsts == sorted(firsts)
    assert single.result(60).accepted[0] < firsts[1]


def test_a_batch_of_ten_thousand_goes_through_beside_single_entries(
    queue: GroupCommit, log: HeldLog, engine: Engine
) -> None:
    log.go.set()
    entries = [sale("L", line=str(line), groups=(), kind="data.shared") for line in range(COMMIT_MAX.entries)]
    report = queue.submit(entries)
    single = queue.submit([sale("S")])
    assert len(report.result(60).accepted) == COMMIT_MAX.entries
    assert single.result(60).seqs[0] is not None
    assert Log(engine).size() == COMMIT_MAX.entries + 1
    assert queue.submit(entries).result(60).repeated == report.result(60).accepted


def test_what_is_cancelled_while_it_waits_is_not_written(queue: GroupCommit, log: HeldLog) -> None:
    occupy(queue, log)
    dropped, kept = queue.submit([sale("dropped")]), queue.submit([sale("kept")])
    assert dropped.cancel()
    log.go.set()
    assert kept.result(60).accepted == [1]
    with pytest.raises(CancelledError):
        dropped.result(60)
    assert log.find("shop", "dropped/1/sale/") is None


def test_an_event_loop_waits_for_reports_without_standing_still(queue: GroupCommit, log: HeldLog) -> None:
    async def send() -> list[int]:
        reports = [queue.submit_soon([sale(f"O{n}")]) for n in range(10)]
        reports.append(asyncio.wrap_future(queue.submit([sale("thread")], wait_seconds=0)))
        await asyncio.sleep(0)
        assert not any(report.done() for report in reports), "the loop has gone on while the writer stands"
        log.go.set()
        return [report.accepted[0] for report in await asyncio.gather(*reports)]

    assert asyncio.run(send()) == list(range(11))


def test_an_event_loop_hears_of_conflicts_and_of_failed_commits(queue: GroupCommit, log: HeldLog) -> None:
    async def send() -> None:
        occupy(queue, log)
        refused, failed = queue.submit_soon([sale("first", paid_minor=5)]), None
        log.go.set()
        with pytest.raises(EntryConflict):
            await refused
        log.failing = {len(log.commits) + 1}
        failed = queue.submit_soon([sale("next")])
        with pytest.raises(OperationalError):
            await failed

    asyncio.run(send())


def test_a_loop_that_gave_up_waiting_stops_no_writer(queue: GroupCommit, log: HeldLog) -> None:
    async def send() -> None:
        occupy(queue, log)
        dropped = queue.submit_soon([sale("dropped")])
        dropped.cancel()
        queue.submit_soon([sale("left")])

    asyncio.run(send())
    log.go.set()
    assert queue.submit([sale("last")]).result(60).accepted == [2]
    assert log.find("shop", "dropped/1/sale/") is None
    assert log.find("shop", "left/1/sale/") is not None


def test_an_empty_request_is_a_request(queue: GroupCommit, log: HeldLog) -> None:
    log.go.set()
    assert queue.submit([]).result(60).seqs == []
