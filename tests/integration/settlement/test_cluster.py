"""Lines settled by worker processes: the same digest, a worker killed in the middle, one huge agreement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import polars as pl
import pytest

from ledger.settlement import cluster as cluster_module
from ledger.settlement import partitions
from ledger.settlement.cluster import Cluster, in_turn
from ledger.settlement.digest import VersionDigest, combined_digest, run_digest
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.partitions import Stretch, StretchDone, settle_stretch, write_stretches
from ledger.settlement.run import result_of
from ledger.settlement.state import Point
from ledger.settlement.terms import VersionTerms, read_terms
from tests.dask_processes import Workers, workers
from tests.settlement_world import book, head_streamer, instant, plain, receipt, refund, sale

SMALL_STRETCH = 50
ORDERS = 1_200
PLAIN, SEASON = (read_terms([one]).versions[0] for one in (plain(), head_streamer()))


@pytest.fixture(scope="module")
def three_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with workers(tmp_path_factory.mktemp("dask"), 3) as started:
        yield started


@pytest.fixture(autouse=True)
def _short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "STRETCH_LINES", SMALL_STRETCH)


def _lines(version: VersionTerms, count: int) -> pl.DataFrame:
    """Lines of some months, two an order, every second refunded in part or in full."""
    paid = [100 + 7_919 * number % 30_000 for number in range(count)]
    refunded = [amount * (number % 3) // 2 if number % 2 else 0 for number, amount in enumerate(paid)]
    month_us = 30 * 86_400_000_000
    facts = {"paid": paid, "freight": [0] * count, "platform_coupon": [amount % 50 for amount in paid]}
    return pl.DataFrame({
        "order": [f"A{number // 2:06}" for number in range(count)],
        "line": [str(number % 2) for number in range(count)],
        "us:sold": [1_772_000_000_000_000 + number % 3 * month_us for number in range(count)],
        "seq:sale": range(count), "seq:receipt": range(count), "now:refund": range(count),
        **{name: facts[name] for name in version.fact_names},
        "now:earned": [True] * count, "now:refunded": refunded, "now:claimed": refunded,
    })  # fmt: skip


def _digest(version: VersionTerms, done: list[StretchDone]) -> str:
    digest = VersionDigest(version)
    for one in sorted(done, key=lambda one: one.stretch.place):
        digest.add(one.digest)
    return combined_digest([digest])


def _here(version: VersionTerms, work: list[Stretch]) -> str:
    return _digest(version, [settle_stretch(one, "exact") for one in work])


def test_lines_in_any_stretches_give_one_digest_from_every_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = _lines(SEASON, ORDERS)
    found = set()
    for length in (37, 200, ORDERS):
        monkeypatch.setattr(partitions, "STRETCH_LINES", length)
        work = write_stretches(str(tmp_path / str(length)), SEASON, lines)
        found |= {_digest(SEASON, [settle_stretch(one, "columns") for one in work]), _here(SEASON, work)}
    assert len(found) == 1


def test_files_are_partitioned_by_agreement_version_and_period(tmp_path: Path) -> None:
    work = write_stretches(str(tmp_path), SEASON, _lines(SEASON, ORDERS))
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet")}
    assert "agreement=head-streamer/version=1/period=2026-02/stretch-00000.parquet" in files
    assert len({file.split("/")[2] for file in files}) == 3
    assert sum(one.lines for one in work) == ORDERS
    assert max(one.lines for one in work) <= SMALL_STRETCH + 1, "only an order's other line goes beyond"


def test_a_worker_killed_in_the_middle_changes_no_digest(tmp_path: Path, three_workers: Workers) -> None:
    work = write_stretches(str(tmp_path), SEASON, _lines(SEASON, ORDERS))
    done: list[StretchDone] = []
    with Cluster(three_workers.address, str(tmp_path)) as cluster:
        for one in cluster.settled([work]):
            if not done:
                three_workers.processes[0].kill()
            done.append(one)
    assert _digest(SEASON, done) == _here(SEASON, work)


def test_one_agreement_much_larger_than_all_others_holds_nobody_up(tmp_path: Path) -> None:
    huge = write_stretches(str(tmp_path), SEASON, _lines(SEASON, ORDERS))
    small = write_stretches(str(tmp_path), PLAIN, _lines(PLAIN, 2 * SMALL_STRETCH))
    turns = list(in_turn([huge, small]))
    assert len(turns) == len(huge) + len(small)
    assert max(turns.index(one) for one in small) < 2 * len(small), "not after the huge one's"


def test_a_run_by_workers_is_the_run_made_here(tmp_path: Path, three_workers: Workers) -> None:
    agreement = head_streamer()
    entries = [
        told
        for number in range(120)
        for told in (
            sale(agreement, f"A{number}", paid=f"{number}.05", **({} if number % 7 else {"freight": "x"})),
            receipt(agreement, f"A{number}", "2026-03-02T18:00:00"),
            refund(agreement, f"A{number}", f"{number // 2}.00", f"2026-03-0{3 + number % 5}"),
        )
    ]
    terms = read_terms([agreement])
    lines = book(terms, entries)
    points = [Point(instant(day), len(entries)) for day in ("2026-03-17", "2026-04-17")]
    with Cluster(three_workers.address, str(tmp_path / "exchange")) as cluster:
        for point, before in ((points[0], None), (points[1], points[0])):
            here = result_of(lines, terms, point, before)
            there = result_of(lines, terms, point, before, cluster)
            assert run_digest(there) == run_digest(here)
            assert (there.held, there.late_minor) == (here.held, here.late_minor)
    assert not list((tmp_path / "exchange").iterdir()), "what was exchanged is removed"


def test_without_a_scheduler_or_a_worker_a_run_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 1)
    with pytest.raises(SettlementRefused, match="no Dask scheduler answers"):
        Cluster("tcp://127.0.0.1:1", str(tmp_path))
    with workers(tmp_path, 0) as alone, pytest.raises(SettlementRefused, match="has no worker"):
        Cluster(alone.address, str(tmp_path))


def test_a_run_whose_last_worker_is_gone_is_refused_and_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Deserted:
        """A client of a scheduler that no worker is left of: nothing is ever done."""

        def __init__(self, *_: object, **__: object) -> None:
            self.asked = 0

        wait_for_workers = submit = cancel = close = __init__

        def as_current(self) -> AbstractContextManager[None]:
            return nullcontext()

        def scheduler_info(self) -> dict[str, dict[str, str]]:
            return {"workers": {}}

    def nothing_done(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("distributed.Client", Deserted)
    monkeypatch.setattr("distributed.wait", nothing_done)
    work = Stretch(b"", instant("2026-03-01"), 0, (), "", 0)
    with Cluster("tcp://127.0.0.1:8786", "") as cluster, pytest.raises(SettlementRefused, match="is gone"):
        list(cluster.settled([[work]]))
