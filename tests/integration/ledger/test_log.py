"""The log on both databases: appending, repeats and conflicts, reading, proving."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from ledger.entries import Group, NewEntry
from ledger.errors import EntryConflict, EntryInvalid, EntryUnknown, ProofUnavailable
from ledger.leaves import commitment, read_leaf
from ledger.log import Log
from ledger.tree import EMPTY_ROOT, MemoryTree, extends, includes, leaf_hash
from tests.ledger_samples import PARTIES, START, FixedClock, pair, receipt, refund, sale


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def log(engine: Engine, clock: FixedClock) -> Log:
    return Log(engine, clock=clock)


def sales(count: int, prefix: str = "O") -> list[NewEntry]:
    return [sale(f"{prefix}{n}") for n in range(count)]


def test_seq_is_gapless_from_zero_over_batches(log: Log) -> None:
    assert log.append(sales(3)).accepted == [0, 1, 2]
    assert log.append([receipt("O1")]).accepted == [3]
    assert log.append([]).accepted == []
    assert log.size() == 4
    assert [entry.seq for entry in log.entries()] == [0, 1, 2, 3]


def test_the_stored_leaf_commits_to_every_group_and_names_nobody(log: Log) -> None:
    log.append([sale()])
    entry = log.entry(0)
    leaf = read_leaf(entry.leaf)
    groups = log.groups(0)
    assert [group.name for group in groups] == ["order", "buyer", "concerns"]
    assert [commitment(g.salt or b"", g.opened or b"").hex() for g in groups] == list(leaf.groups)
    assert entry.leaf_hash == leaf_hash(entry.leaf)
    assert leaf.occurred_at == "2026-09-01T18:00:00+08:00"
    assert leaf.recorded_at == "2026-09-01T10:00:00.000000Z"
    assert b"streamer" not in entry.leaf
    assert groups[2].content == {"parties": list(PARTIES)}
    assert groups[2].readers == ("auditor",)


def test_the_same_batch_again_is_repeated_and_adds_nothing(log: Log, clock: FixedClock) -> None:
    first = log.append(sales(3))
    clock.forward(days=1)
    second = log.append([*sales(3), sale("O9")])
    assert first.accepted == [0, 1, 2]
    assert (second.accepted, second.repeated, second.conflicts) == ([3], [0, 1, 2], [])
    assert second.seqs == [0, 1, 2, 3]


def test_a_repeat_is_known_again_by_a_new_log_object_on_the_same_database(log: Log, engine: Engine) -> None:
    log.append([sale()])
    assert Log(engine).append([sale()]).repeated == [0]


def test_other_content_under_a_key_is_a_conflict_that_names_the_fields(log: Log) -> None:
    log.append([sale(paid_minor=29_900)])
    changed = sale(paid_minor=19_900, asserter="brand", occurred_at=START)
    with pytest.raises(EntryConflict) as caught:
        log.append([sale("O2"), changed])
    (conflict,) = caught.value.conflicts
    assert (conflict.source, conflict.id, conflict.seq) == ("shop", "O1/1/sale/", 0)
    assert conflict.fields == (
        "asserter",
        "occurred_at",
        "groups.order.postings",
        "groups.order.content.paid",
    )
    assert log.size() == 1


def test_partial_takes_the_rest_and_reports_the_conflict(log: Log) -> None:
    log.append([sale()])
    report = log.append([sale("O2"), sale(paid_minor=1), sale("O3")], partial=True)
    assert report.accepted == [1, 2]
    assert [conflict.seq for conflict in report.conflicts] == [0]
    assert report.seqs == [1, None, 2]
    assert log.append([sale("O3")]).repeated == [2]


def test_repeats_and_conflicts_inside_one_batch_are_told_apart(log: Log) -> None:
    report = log.append([sale(), sale(), sale(paid_minor=5)], partial=True)
    assert (report.accepted, report.repeated) == ([0], [0])
    assert report.conflicts[0].fields == ("groups.order.postings", "groups.order.content.paid")
    with pytest.raises(EntryConflict) as caught:
        log.append([sale("O5"), sale("O5", paid_minor=5)])
    assert caught.value.conflicts[0].seq is None
    assert log.size() == 1


def test_one_group_more_or_other_readers_or_other_concerns_are_conflicts(log: Log) -> None:
    log.append([sale()])
    order, buyer = sale().groups
    for changed, field in (
        (replace(sale(), groups=(order,)), "groups"),
        (replace(sale(), groups=(order, Group("buyer", ("brand",), buyer.content))), "groups.buyer.readers"),
        (replace(sale(), concerns=("brand",)), "groups.concerns.content.parties"),
        (replace(sale(), agreement="autumn-beauty@2"), "agreement"),
    ):
        report = log.append([changed], partial=True)
        assert report.conflicts[0].fields == (field,)


def test_an_order_fact_that_is_no_text_is_refused_before_it_can_stop_a_settlement(log: Log) -> None:
    order, _ = sale().groups
    for value in (29_900, None, ["299.00"]):
        told = Group("order", order.readers, {**order.content, "paid": value}, order.postings)
        with pytest.raises(EntryInvalid, match=r"order\.paid: a fact of an order is text"):
            log.append([replace(sale(), groups=(told,))])
    assert log.size() == 0


def test_recorded_time_never_runs_backwards(log: Log, clock: FixedClock) -> None:
    log.append([sale("O1")])
    clock.now -= timedelta(hours=1)
    log.append([sale("O2")])
    assert log.entry(1).recorded_us == log.entry(0).recorded_us


def test_a_reader_sees_only_the_groups_that_name_it(log: Log) -> None:
    log.append([sale()])
    assert [group.name for group in log.groups(0, "brand")] == ["order"]
    assert [group.name for group in log.groups(0, "platform")] == ["order", "buyer"]
    assert [group.name for group in log.groups(0, "auditor")] == ["concerns"]
    assert log.groups(0, "stranger") == []


def test_entries_are_found_by_kind_agreement_and_key(log: Log) -> None:
    log.append([sale("O1"), receipt("O1"), sale("O2", agreement="autumn-beauty@2"), refund("O2")])
    log.append([sale("X", agreement="autumn-beautiful@1", source="other")])
    assert [e.seq for e in log.entries(kinds=["receipt.confirmed", "refund.recorded"])] == [1, 3]
    assert [e.seq for e in log.entries(agreement="autumn-beauty")] == [0, 1, 2, 3]
    assert [e.seq for e in log.entries(agreement="autumn-beauty@2")] == [2]
    assert [e.seq for e in log.entries(after=1, limit=2)] == [2, 3]
    assert [e.seq for e in log.entries(limit=2, newest_first=True)] == [4, 3]
    assert [e.seq for e in log.entries(after=3, newest_first=True)] == [2, 1, 0]
    found = log.find("other", "X/1/sale/")
    assert found is not None
    assert found.seq == 4
    assert log.find("other", "nothing") is None
    with pytest.raises(EntryUnknown, match="no entry 99"):
        log.entry(99)


def test_line_events_come_with_their_content_in_order_of_the_log(log: Log) -> None:
    log.append([sale("O1"), sale("O2"), receipt("O1"), refund("O1"), sale("Z", agreement="other@1")])
    events = list(log.line_events("autumn-beauty"))
    assert [event[:4] for event in events] == [
        (0, "O1", "1", "sale"),
        (1, "O2", "1", "sale"),
        (2, "O1", "1", "receipt"),
        (3, "O1", "1", "refund"),
    ]
    assert msgspec.json.decode(events[3][6])["refunded_total"] == "100.00"
    assert events[0][4:6] == (log.entry(0).occurred_us, log.entry(0).recorded_us)
    assert [event[0] for event in log.line_events("autumn-beauty", end=3, after=0)] == [1, 2]
    assert [event[0] for event in log.line("autumn-beauty", "O1", "1")] == [0, 2, 3]


def test_what_was_refunded_is_told_by_order(log: Log) -> None:
    log.append([sale("O1"), refund("O1"), sale("Z", agreement="other@1")])
    assert log.refunds("autumn-beauty", ["O1", "O9"]) == [("O1", "1", "100.00", log.entry(1).occurred_us)]
    assert log.refunds("other", ["O1", "Z"]) == []


def test_a_line_event_needs_its_order_group_and_an_agreement(log: Log) -> None:
    with pytest.raises(EntryInvalid, match="needs a group 'order'"):
        log.append([sale(groups=())])
    with pytest.raises(EntryInvalid, match="needs an agreement"):
        log.append([sale(agreement=None)])
    assert log.size() == 0


def test_roots_and_proofs_from_stored_tiles_equal_a_tree_in_memory(log: Log) -> None:
    log.append(sales(250))
    log.append(sales(20, "P"))
    log.append(sales(530, "Q"))
    hashes = [entry.leaf_hash for entry in log.entries(limit=10_000)]
    tree = MemoryTree(hashes)
    assert log.root(0) == EMPTY_ROOT
    for size in (1, 255, 256, 257, 512, 799, 800):
        assert log.root(size) == tree.root(size)
        for index in (0, size // 2, size - 1):
            assert includes(hashes[index], index, size, log.inclusion_proof(index, size), tree.root(size))
        for first in (0, 1, size // 3, size):
            proof = log.consistency_proof(first, size)
            assert extends(first, tree.root(first), size, tree.root(size), proof)
    assert log.inclusion_proofs([0, 799], 800) == [log.inclusion_proof(0, 800), log.inclusion_proof(799, 800)]
    assert log.tile(0, 1) == b"".join(hashes[256:512])
    assert log.tile(0, 3, 32) == b"".join(hashes[768:800])
    assert log.tile(1, 0, 3) == b"".join(tree.subtree(8, index) for index in range(3))


def test_proofs_beyond_the_log_are_unavailable(log: Log) -> None:
    log.append(sales(3))
    for ask in (
        lambda: log.root(4),
        lambda: log.inclusion_proof(3, 3),
        lambda: log.inclusion_proof(0, 4),
        lambda: log.consistency_proof(2, 4),
        lambda: log.tile(0, 0, 4),
    ):
        with pytest.raises(ProofUnavailable):
            ask()


def test_a_batch_of_ten_thousand_is_taken_at_once(log: Log) -> None:
    assert len(log.append(sales(10_000)).accepted) == 10_000
    assert len(log.append(sales(10_000)).repeated) == 10_000
    assert sum(1 for _ in log.line_events("autumn-beauty")) == 10_000


def test_unbalanced_postings_never_reach_the_log(log: Log) -> None:
    one, _ = pair(100)
    with pytest.raises(EntryInvalid, match="-100 minor units of CNY"):
        sale(groups=(Group("order", PARTIES, {"order": "O", "line": "1"}, (one,)),))
