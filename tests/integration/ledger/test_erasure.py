"""Erasing a group: recorded, final, and no proof breaks; rebuild and doctor cope and name it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from ledger.checkpoints import make_checkpoint
from ledger.database import open_engine
from ledger.doctor import examine
from ledger.entries import Group, NewEntry
from ledger.errors import EntryInvalid, EntryUnknown, ErasureRefused
from ledger.leaves import read_leaf
from ledger.log import Log
from ledger.notes import LogKey
from ledger.rebuild import rebuild
from ledger.tree import includes
from tests.ledger_samples import PARTIES, pair, receipt, sale

KEY = LogKey("log.test", bytes(32))


@pytest.fixture
def log(engine: Engine) -> Log:
    log = Log(engine)
    log.append([sale("O1"), sale("O2"), receipt("O1")])
    return log


def erase(log: Log, seq: int, group: str, key: str = "E1") -> int:
    return log.erase(seq, group, reason="the buyer asked", asserter="platform", source="ops", id=key)


def test_an_erased_group_is_gone_and_named_as_erased(log: Log) -> None:
    assert erase(log, 0, "buyer") == 3
    (buyer,) = [group for group in log.groups(0, "platform") if group.name == "buyer"]
    assert (buyer.opened, buyer.salt, buyer.erased_by) == (None, None, 3)
    with pytest.raises(EntryUnknown, match="erased by entry 3"):
        _ = buyer.content
    record = log.entry(3)
    assert (record.kind, record.agreement) == ("content.erased", "autumn-beauty@1")
    said = {group.name: group for group in log.groups(3)}
    assert said["erasure"].content == {
        "group": "buyer",
        "position": 1,
        "reason": "the buyer asked",
        "seq": 0,
    }
    assert said["erasure"].readers == ("auditor", "platform")
    assert said["concerns"].content == {"parties": list(PARTIES)}


def test_no_trace_of_the_content_stays_in_the_database(log: Log, engine: Engine) -> None:
    erase(log, 0, "buyer")
    with engine.connect() as connection:
        opened = connection.exec_driver_sql("SELECT opened FROM disclosure").scalars().all()
    assert not any(b"buyer of O1" in bytes(data) for data in opened)
    assert any(b"buyer of O2" in bytes(data) for data in opened)


def test_no_trace_of_the_content_stays_in_the_files_of_sqlite(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    log = Log(engine)
    log.append([sale("O1"), sale("O2")])
    erase(log, 0, "buyer")
    path = Path(make_url(sqlite_url).database or "")
    files = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert b"buyer of O2" in files
    assert b"buyer of O1" not in files
    engine.dispose()


def test_proofs_and_checkpoints_hold_after_an_erasure(log: Log, engine: Engine) -> None:
    checkpoint = make_checkpoint(log, KEY)
    leaf = log.entry(0)
    erase(log, 0, "buyer")
    later = make_checkpoint(log, KEY)
    assert log.root(3) == checkpoint.root
    assert includes(leaf.leaf_hash, 0, 4, log.inclusion_proof(0, 4), later.root)
    assert log.entry(0) == leaf
    assert len(read_leaf(leaf.leaf).groups) == 3
    assert examine(engine, [KEY.verifier]) == []


def test_erase_then_rebuild_then_verify_holds_and_names_what_was_erased(log: Log, engine: Engine) -> None:
    erase(log, 0, "buyer")
    erase(log, 1, "buyer", "E2")
    report = rebuild(engine)
    assert report.unchanged
    assert [(gone.seq, gone.name, gone.by_seq) for gone in report.erased] == [
        (0, "buyer", 3),
        (1, "buyer", 4),
    ]
    assert examine(engine) == []


def test_an_erased_group_is_not_compared_when_its_entry_comes_again(log: Log) -> None:
    erase(log, 0, "buyer")
    assert log.append([sale("O1")]).repeated == [0]
    assert log.append([sale("O1", paid_minor=1)], partial=True).conflicts[0].seq == 0


def test_asking_again_returns_the_first_result(log: Log) -> None:
    assert erase(log, 0, "buyer") == erase(log, 0, "buyer") == 3
    assert log.size() == 4


def test_what_may_not_be_erased_is_refused_and_stays(log: Log) -> None:
    erase(log, 0, "buyer")
    priced = log.append([_with_postings()]).accepted[0]
    for seq, group, why in (
        (0, "order", "what was settled"),
        (priced, "offer", "carries postings"),
        (2, "order", "what was settled"),
        (0, "concerns", "completeness"),
        (0, "buyer", "erased already"),
        (3, "erasure", "record of an erasure"),
    ):
        with pytest.raises(ErasureRefused, match=why):
            erase(log, seq, group, "E2")
    with pytest.raises(EntryUnknown, match="no group 'bayer'"):
        erase(log, 1, "bayer", "E2")
    with pytest.raises(EntryInvalid, match=r"erasure\.reason"):
        log.erase(1, "buyer", reason="", asserter="platform", source="ops", id="E2")
    assert log.size() == 5


def _with_postings() -> NewEntry:
    return NewEntry(
        source="s",
        id="fee",
        kind="fee.charged",
        occurred_at=datetime(2026, 3, 1, tzinfo=UTC),
        asserter="platform",
        groups=(Group("offer", ("brand",), {}, pair(100)),),
    )


def test_a_key_that_is_taken_erases_nothing(log: Log) -> None:
    log.append([sale("O9", source="ops", id="E1")])
    with pytest.raises(Exception, match="stands as entry 3"):
        erase(log, 0, "buyer")
    assert log.groups(0)[1].opened is not None


def test_what_later_entries_rest_on_is_not_erased(log: Log) -> None:
    terms = NewEntry(
        source="s",
        id="A@1",
        kind="agreement.proposed",
        occurred_at=datetime(2026, 3, 1, tzinfo=UTC),
        asserter="operator",
        agreement="autumn-beauty@1",
        groups=(Group("agreement", ("brand",), {"canonical": "{}"}),),
    )
    (seq,) = log.append([terms]).accepted
    with pytest.raises(ErasureRefused, match="later entries rest on"):
        erase(log, seq, "agreement")
    assert log.groups(seq)[0].opened is not None


@pytest.mark.parametrize(
    "kind",
    ["batch.taken", "batch.void_proposed", "batch.voided", "facts.recorded", "event.recorded",
     "rate.recorded", "suspense.claimed", "suspense.accepted", "suspense.decided"],
)  # fmt: skip
def test_what_says_which_events_count_and_what_runs_rest_on_is_never_erased(log: Log, kind: str) -> None:
    entry = sale("X", kind=kind, groups=(Group("said", ("platform",), {"first": 0, "stop": 1}),))
    (seq,) = log.append([entry]).accepted
    with pytest.raises(ErasureRefused, match="what later entries rest on"):
        log.erase(seq, "said", reason="asked", asserter="platform", source="ops", id="E9")
