"""The embedded chain is sealed into the log, so that a file rewritten, cut or swapped is found."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from api.office.anchoring import checkpoint_and_anchor
from api.office.chain_worker.anchor_tasks import ask_for_anchor
from api.office.chain_worker.work import work
from api.office.sealing import FILE, sealed_checkpoint
from contracts.embedded import CHAIN_ID
from contracts.errors import ChainFileUnusable, ChainRewritten
from ledger.checkpoints import anchors
from ledger.errors import ErasureRefused
from ledger.seals import BEGUN_ANEW, KIND, last_seal, seals
from tests.chain_attacks import (
    EARLY,
    altered,
    cut,
    emptied,
    misfiled,
    other_chain,
    other_file,
    rewritten,
    stateless,
    swapped,
)
from tests.command_line import office_at, tally
from tests.ledger_samples import sale
from verifier import chain_file


def anchored(data: Path, *names: str) -> None:
    """Append an entry, and anchor, for each name."""
    with office_at(data) as office:
        for name in names:
            office.log.append([sale(name, agreement="other@1")])
            checkpoint_and_anchor(office)


def codes(data: Path) -> dict[str, list[str]]:
    """Return what the doctor finds, paths by code."""
    ran = tally(data, "doctor", "--json")
    found: dict[str, list[str]] = {}
    for finding in ran.json["findings"]:
        found.setdefault(finding["code"], []).append(finding["path"])
    assert ran.code == int(bool(found))
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("sealed") / "data"
    anchored(data, "one")
    shutil.copy(data / FILE, data / EARLY)
    anchored(data, "two", "three")
    return data


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "data"))


def test_each_checkpoint_seals_the_head_that_moved_since_the_last(built: Path) -> None:
    with office_at(built) as office:
        sealed = seals(office.log)
        assert [(one.chain_id, one.number) for one in sealed] == [(CHAIN_ID, 2), (CHAIN_ID, 3)]
        for one in sealed:
            assert office.chain.block(one.number).block_hash == "0x" + one.block_hash.hex()
        assert last_seal(office.log) == sealed[-1]
        assert last_seal(office.log, before=sealed[-1].seq) == sealed[0]
        assert last_seal(office.log, before=sealed[0].seq) is None
    assert codes(built) == {}


def test_operators_see_which_block_was_sealed_last(built: Path) -> None:
    with office_at(built) as office:
        sealed = last_seal(office.log)
        assert sealed is not None
    told = tally(built, "chain", "status", "--json").json["sealed"]
    assert told == {"block": sealed.number, "entry": sealed.seq}
    said = f"sealed in the log: block {sealed.number}, by entry {sealed.seq}"
    assert said in tally(built, "chain", "status").out


def test_anchoring_what_is_anchored_adds_nothing_though_it_moved_the_head(data: Path) -> None:
    with office_at(data) as office:
        size, head = office.log.size(), office.chain.head()
        assert checkpoint_and_anchor(office) == checkpoint_and_anchor(office)
        assert (office.log.size(), office.chain.head()) == (size, head)


def test_a_checkpoint_where_no_chain_was_begun_seals_nothing(tmp_path: Path) -> None:
    with office_at(tmp_path / "data") as office:
        office.log.append([sale("one", agreement="other@1")])
        assert sealed_checkpoint(office).size == 1
    assert codes(tmp_path / "data") == {}


def test_a_seal_is_the_auditors_to_read_and_nobodys_to_erase(built: Path) -> None:
    with office_at(built) as office:
        (entry,) = office.log.entries(limit=1, kinds=(KIND,))
        named = {group.name: group for group in office.log.groups(entry.seq)}
        assert named["seal"].readers == ("auditor",)
        assert named["concerns"].content == {"parties": []}
        with pytest.raises(ErasureRefused):
            office.log.erase(entry.seq, "seal", reason="x", asserter="a", source="s", id="1")


@pytest.mark.parametrize(
    ("attack", "found"),
    [
        (cut, "chain.cut"),
        (rewritten, "chain.rewritten"),
        (other_chain, "chain.rewritten"),
        (swapped, "chain.cut"),
        (altered, "chain.damaged"),
        (misfiled, "chain.damaged"),
        (stateless, "chain.damaged"),
        (emptied, "chain.missing"),
        (Path.unlink, "chain.missing"),
        (other_file, "chain.file"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_the_doctor_finds_what_was_done_to_the_chains_file(
    data: Path, attack: Callable[[Path], None], found: str
) -> None:
    attack(data / FILE)
    assert found in codes(data)


@pytest.mark.parametrize("attack", [cut, rewritten, other_chain, swapped, emptied, Path.unlink])
def test_no_block_is_made_on_a_chain_that_is_not_the_sealed_one(
    data: Path, attack: Callable[[Path], None]
) -> None:
    attack(data / FILE)
    wanted = r"sealed block 3, 0x[0-9a-f]{64}; run the doctor"
    with office_at(data) as office, pytest.raises(ChainRewritten, match=wanted):
        _ = office.chain


def test_evidence_goes_on_without_a_seal_where_the_file_was_cut(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cut(data / FILE)
    with office_at(data) as office:
        before = seals(office.log)
        office.log.append([sale("four", agreement="other@1")])
        assert sealed_checkpoint(office).size == office.log.size()
        assert seals(office.log) == before
    assert "the chain is not sealed" in caplog.text


def test_a_first_block_of_another_chain_is_found(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_file, "GENESIS", bytes(32))
    assert codes(data) == {"chain.genesis": ["chain.db, block[0]"]}


def test_the_verifier_knows_the_chain_by_the_same_id() -> None:
    assert chain_file.CHAIN_ID == CHAIN_ID


def test_a_backup_holds_the_chain_that_its_log_sealed(data: Path, tmp_path: Path) -> None:
    assert tally(data, "backup", tmp_path / "one").code == 0
    anchored(data, "four", "five")
    again = tmp_path / "again"
    shutil.copytree(data / "keys", again / "keys")
    assert tally(again, "restore", tmp_path / "one").code == 0
    assert codes(again) == {}
    with office_at(again) as office:
        newest = last_seal(office.log)
        assert newest is not None
        assert newest.number < office.chain.head().number, "what was anchored after it came along"
    anchored(again, "six")
    assert codes(again) == {}


@pytest.mark.parametrize("attack", [cut, rewritten, other_chain, swapped, altered, stateless, other_file])
def test_a_chain_that_is_not_the_sealed_one_pushes_out_no_sound_backup(
    data: Path, tmp_path: Path, attack: Callable[[Path], None]
) -> None:
    attack(data / FILE)
    ran = tally(data, "backup", tmp_path / "one")
    assert ran.code == 1
    assert "move it away to back up the log without it [backup.refused]" in ran.out
    assert not (tmp_path / "one").exists()
    assert list(data.glob(".backup*")) == []
    (data / FILE).unlink()
    assert tally(data, "backup", tmp_path / "one").code == 0


def test_a_chain_that_is_no_database_is_named_as_a_backup_is_made(data: Path, tmp_path: Path) -> None:
    (data / FILE).write_bytes(b"this is no database" * 300)
    ran = tally(data, "backup", tmp_path / "one")
    assert (ran.code, ran.err) == (1, "")
    assert "refused: chain.db: cannot be copied: file is not a database; run the doctor" in ran.out


def test_operators_see_that_the_chain_is_not_the_sealed_one(data: Path) -> None:
    other_chain(data / FILE)
    with office_at(data) as office:
        office.log.append([sale("four", agreement="other@1")])
    ran = tally(data, "chain", "anchor")
    assert ran.code == 1
    assert "restore the file from a backup [chain.rewritten]" in ran.out
    assert tally(data, "chain", "status", "--json").json["fault"]["code"] == "chain.rewritten"
    assert "chain.rewritten" in codes(data)


@pytest.mark.parametrize("attack", [cut, rewritten, other_chain, emptied])
def test_a_file_that_is_swapped_under_a_running_server_is_found_by_the_next_round(
    data: Path, attack: Callable[[Path], None]
) -> None:
    with office_at(data) as office:
        assert office.chain.head().number > 0
        attack(data / FILE)
        office.log.append([sale("four", agreement="other@1")])
        ask_for_anchor(office, office.log.size())
        done = work(office, at_once=True)
        assert done.fault is not None
        assert (done.fault.code, done.recorded) == ("chain.rewritten", ())


def test_a_chain_that_is_lost_for_good_begins_anew_and_the_log_says_so(data: Path) -> None:
    begin = ("chain", "begin-anew", "--reason", "the disk broke")
    refused = tally(data, *begin)
    assert (refused.code, "a chain is there" in refused.err) == (2, True)
    with office_at(data) as office:
        before, sizes = last_seal(office.log), [one.size for one in anchors(office.log)]
        assert before is not None
        office.log.append([sale("four", agreement="other@1")])
    (data / FILE).unlink()
    assert tally(data, "chain", "anchor").code == 1, "it is held up by what was sealed"
    begun = tally(data, *begin, "--json").json
    assert begun["lost_block"] == before.number
    assert tally(data, "chain", "work").code == 0
    ran = tally(data, "doctor", "--json")
    assert (ran.code, [one["code"] for one in ran.json["findings"]]) == (0, ["chain.begun-anew"])
    with office_at(data) as office:
        assert office.anchor.at(sizes[-1]) is not None, "what was anchored last is anchored again"
        office.log.append([sale("after", agreement="other@1")])
        checkpoint_and_anchor(office)
        (sealed,) = seals(office.log)
        assert sealed.seq > begun["entry"]
        assert last_seal(office.log, before=begun["entry"]) == before, (
            "evidence of then shows the seal of then"
        )
        (entry,) = office.log.entries(kinds=(BEGUN_ANEW,))
        (said,) = [group for group in office.log.groups(entry.seq) if group.name == "seal"]
        assert (said.content["reason"], said.readers) == ("the disk broke", ("auditor",))
    (data / FILE).unlink()
    assert [one["code"] for one in tally(data, "doctor", "--json").json["findings"]] == [
        "chain.begun-anew",
        "chain.missing",
    ], "the new one is missed as the old one was"


def test_what_nobody_misses_does_not_begin_anew(tmp_path: Path) -> None:
    refused = tally(tmp_path / "data", "chain", "begin-anew", "--reason", "x")
    assert (refused.code, "so none is missed" in refused.err) == (2, True)


def test_a_registry_that_cannot_be_made_again_keeps_the_chain_from_beginning_anew(data: Path) -> None:
    with office_at(data) as office:
        office.names.put("registry", "0x" + "ab" * 20)  # as earlier releases recorded theirs
    (data / FILE).unlink()
    refused = tally(data, "chain", "begin-anew", "--reason", "x")
    assert (refused.code, "chain.json" in refused.err) == (2, True)


def test_a_server_does_not_go_on_in_a_file_that_was_moved_away(data: Path) -> None:
    with office_at(data) as office:
        assert office.chain.head().number > 0
        (data / FILE).rename(data / "kept.db")
        with pytest.raises(ChainFileUnusable, match="moved or replaced"):
            office.chain.head()
