"""The parties' trees as checkpoints sign them, and what an auditor finds wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from ledger.checkpoints import checkpoint_text, make_checkpoint
from ledger.completeness import after_last, party_counts, party_entries, party_place
from ledger.database import Row, Session, reading, session_of, writing
from ledger.doctor import examine
from ledger.entries import NewEntry
from ledger.errors import CheckpointConflict, ProofUnavailable
from ledger.log import Log
from ledger.notes import LogKey
from ledger.parties import PartyMap, PartyState, filler_key, map_leaf, party_key
from ledger.party_trees import FILLERS, read_salts, stored_map, stored_seqs, stored_trees
from ledger.rebuild import rebuild
from ledger.tree import EMPTY_ROOT, MemoryTree, leaf_hash
from ledger.triggers import assert_triggers, drop_triggers
from tests.ledger_samples import receipt, refund, sale
from verifier.tree import Growing

KEY = LogKey("log.test", bytes(32))


def mixed(count: int, start: int = 0) -> list[NewEntry]:
    """Sales of four parties, every third one of brand and platform alone."""
    return [
        sale(f"O{n}", concerns=("brand", "platform")) if n % 3 == 0 else sale(f"O{n}")
        for n in range(start, start + count)
    ]


def tree_of(log: Log, party: str, size: int) -> tuple[int, bytes]:
    """A party's tree by its definition, from the groups `concerns`."""
    hashes = [
        log.entry(seq).leaf_hash for seq in range(size) if party in log.groups(seq)[-1].content["parties"]
    ]
    return len(hashes), MemoryTree(hashes).root()


def test_a_checkpoint_signs_each_partys_tree_as_the_entries_give_it(engine: Engine) -> None:
    log = Log(engine)
    signed = []
    for n in range(3):
        log.append(mixed(7, 7 * n))
        signed.append(make_checkpoint(log, KEY))
    with reading(engine) as session:
        for checkpoint in signed:
            trees = stored_trees(session, checkpoint.size)
            assert set(trees) == {"brand", "mcn", "platform", "streamer"}
            for party, tree in trees.items():
                assert (tree.count, tree.root()) == tree_of(log, party, checkpoint.size)
            assert stored_map(session, checkpoint.size).root == checkpoint.parties
        assert list(stored_seqs(session, "mcn", 14)) == [n for n in range(14) if n % 3]
    assert examine(engine, [KEY.verifier]) == []


def test_a_log_of_no_entries_and_entries_that_concern_nobody_can_be_signed(engine: Engine) -> None:
    log = Log(engine)
    make_checkpoint(log, KEY)
    log.append([sale(concerns=())])
    make_checkpoint(log, KEY)
    log.append([receipt()])
    make_checkpoint(log, KEY)
    assert examine(engine, [KEY.verifier]) == []


def test_salts_are_drawn_once_and_are_different(engine: Engine) -> None:
    log = Log(engine)
    log.append([sale()])
    make_checkpoint(log, KEY)
    with reading(engine) as session:
        first = read_salts(session)
    log.append([receipt(concerns=("brand", "leader"))])
    make_checkpoint(log, KEY)
    with reading(engine) as session:
        second = read_salts(session)
    assert second.items() >= first.items()
    assert len(set(second.values())) == len(second) == 6
    assert {len(salt) for salt in second.values()} == {32}


def test_a_rebuild_makes_the_same_trees_again_and_keeps_the_salts(engine: Engine) -> None:
    log = Log(engine)
    for n in range(2):
        log.append(mixed(5, 5 * n))
        make_checkpoint(log, KEY)
    log.append([refund("O1")])
    with reading(engine) as session:
        before = read_salts(session)
    assert rebuild(engine).unchanged
    with reading(engine) as session:
        assert read_salts(session) == before
    make_checkpoint(log, KEY)
    assert examine(engine, [KEY.verifier]) == []


def test_checkpoints_made_before_maps_stay_valid_and_the_next_one_starts_from_the_first_entry(
    engine: Engine,
) -> None:
    log = Log(engine)
    log.append(mixed(4))
    with writing(engine) as session:
        root = log.root()
        session.insert("checkpoint", [(4, root, KEY.sign(checkpoint_text(KEY.name, 4, root)))])
    assert make_checkpoint(log, KEY).parties is None
    log.append([receipt()])
    checkpoint = make_checkpoint(log, KEY)
    with reading(engine) as session:
        assert stored_trees(session, checkpoint.size)["brand"].count == 5
    assert examine(engine, [KEY.verifier]) == []


def test_a_partys_entries_and_what_lies_between_them_make_up_the_log(engine: Engine) -> None:
    log = Log(engine)
    log.append(mixed(600))
    checkpoint = make_checkpoint(log, KEY)
    log.append([receipt()])
    place = party_place(log, "mcn", checkpoint)
    assert (place.count, place.root) == tree_of(log, "mcn", 600)
    assert party_counts(log, ["mcn", "brand", "nobody"], checkpoint) == {"brand": 600, "mcn": 400}
    whole = Growing()
    for one in party_entries(log, place):
        seq = one.entry.entry.seq
        whole.skip_to(seq, one.before)
        whole.append(one.entry.entry.leaf_hash)
    whole.skip_to(600, after_last(log, place))
    assert whole.root() == checkpoint.root


def test_a_party_of_no_entries_and_an_old_checkpoint_prove_nothing(engine: Engine) -> None:
    log = Log(engine)
    log.append(mixed(2))
    checkpoint = make_checkpoint(log, KEY)
    with pytest.raises(ProofUnavailable, match="concerns nobody"):
        party_place(log, "nobody", checkpoint)
    old = replace(checkpoint, parties=None)
    with pytest.raises(ProofUnavailable, match="before there were parties' trees"):
        party_place(log, "mcn", old)
    assert party_counts(log, ["mcn"], old) == {}


# ---- a cheating operator: who signs what the entries do not give

Cheat = Callable[[dict[str, PartyState], Log], list[PartyState]]


def without_one(states: dict[str, PartyState], log: Log) -> list[PartyState]:
    hashes = [log.entry(seq).leaf_hash for seq in (1, 2, 4)]  # entry 5 concerns the mcn, too
    cheated = PartyState("mcn", states["mcn"].salt, 3, MemoryTree(hashes).root())
    return list({**states, "mcn": cheated}.values())


def with_anothers(states: dict[str, PartyState], log: Log) -> list[PartyState]:
    hashes = [log.entry(seq).leaf_hash for seq in (1, 2, 3, 4, 5)]
    cheated = PartyState("mcn", states["mcn"].salt, 5, MemoryTree(hashes).root())
    return list({**states, "mcn": cheated}.values())


def out_of_order(states: dict[str, PartyState], log: Log) -> list[PartyState]:
    hashes = [log.entry(seq).leaf_hash for seq in (1, 2, 5, 4)]
    cheated = PartyState("mcn", states["mcn"].salt, 4, MemoryTree(hashes).root())
    return list({**states, "mcn": cheated}.values())


def lower_count(states: dict[str, PartyState], log: Log) -> list[PartyState]:
    del log
    mcn = states["mcn"]
    return list({**states, "mcn": PartyState("mcn", mcn.salt, mcn.count - 1, mcn.root)}.values())


def left_out_altogether(states: dict[str, PartyState], log: Log) -> list[PartyState]:
    del log
    return [one for party, one in states.items() if party != "mcn"]


def under_two_salts(states: dict[str, PartyState], log: Log) -> list[PartyState]:
    """The second leaf stands where a filler should, and is shown to the party as its own."""
    shorter = MemoryTree([log.entry(1).leaf_hash]).root()
    return [*states.values(), PartyState("mcn", bytes([7] * 32), 1, shorter)]


def honest(states: dict[str, PartyState], log: Log) -> list[PartyState]:
    del log
    return list(states.values())


@pytest.mark.parametrize(
    ("cheat", "codes"),
    [
        (honest, set()),
        (without_one, {"completeness.conflict"}),
        (with_anothers, {"completeness.conflict"}),
        (out_of_order, {"completeness.conflict"}),
        (lower_count, {"completeness.conflict"}),
        (left_out_altogether, {"completeness.conflict"}),
        (under_two_salts, {"completeness.conflict"}),
    ],
)
def test_a_false_map_is_found_by_the_auditor(engine: Engine, cheat: Cheat, codes: set[str]) -> None:
    log = Log(engine)
    log.append(mixed(6))
    sign_falsely(log, lambda states, secret: PartyMap(cheat(states, log), secret, 6).root)
    assert {finding.code for finding in examine(engine, [KEY.verifier])} == codes


def test_a_map_that_is_not_sorted_or_repeats_a_filler_is_found_by_the_auditor(engine: Engine) -> None:
    def leaves(states: dict[str, PartyState], secret: bytes) -> list[bytes]:
        parties = [map_leaf(party_key(s.salt, 6, s.party), s.count, s.root) for s in states.values()]
        fillers = [map_leaf(filler_key(secret, 6, n), 0, EMPTY_ROOT) for n in range(1024 - len(parties))]
        return sorted([*parties, *fillers])

    def unsorted(states: dict[str, PartyState], secret: bytes) -> bytes:
        return MemoryTree([leaf_hash(leaf) for leaf in reversed(leaves(states, secret))]).root()

    def colliding(states: dict[str, PartyState], secret: bytes) -> bytes:
        hashes = [leaf_hash(leaf) for leaf in leaves(states, secret)]
        return MemoryTree([hashes[0], hashes[0], *hashes[2:]]).root()

    log = Log(engine)
    log.append(mixed(6))
    sign_falsely(log, unsorted)
    assert {finding.code for finding in examine(engine, [KEY.verifier])} == {"completeness.conflict"}
    sign_falsely(log, colliding)
    assert {finding.code for finding in examine(engine, [KEY.verifier])} == {"completeness.conflict"}


def sign_falsely(log: Log, forge: Callable[[dict[str, PartyState], bytes], bytes]) -> None:
    """Sign, in place of the honest checkpoint, one over another map; the stored trees stay honest."""
    made = make_checkpoint(log, KEY)
    with reading(log.engine) as session:
        salts = read_salts(session)
        states = {
            party: PartyState(party, salts[party], tree.count, tree.root())
            for party, tree in stored_trees(session, made.size).items()
        }
    note = KEY.sign(checkpoint_text(KEY.name, made.size, made.root, forge(states, salts[FILLERS])))
    overwrite(log.engine, "checkpoint", lambda rows: [(size, root, note) for size, root, _ in rows])


def overwrite(engine: Engine, table: str, change: Callable[[list[Row]], list[Row]]) -> None:
    """Change a table as its owner could: triggers dropped, and put back after."""
    with engine.begin() as connection:
        session: Session = session_of(connection)
        drop_triggers(connection, [table])
        rows = session.rows(f"SELECT * FROM {table}")
        session.execute(f"DELETE FROM {table}")
        session.insert(table, change(rows))
        assert_triggers(connection)


def test_stored_trees_that_were_not_signed_are_found_mended_and_refused_a_checkpoint(engine: Engine) -> None:
    log = Log(engine)
    log.append(mixed(6))
    make_checkpoint(log, KEY)
    overwrite(engine, "party_tree", lambda rows: [row for row in rows if row[1] != "mcn"])
    found = examine(engine, [KEY.verifier])
    assert {finding.code for finding in found} == {"derived.unfit"}
    assert "'mcn'" in found[0].message
    log.append([receipt()])
    with pytest.raises(CheckpointConflict, match="the parties' trees are not those signed over 6 entries"):
        make_checkpoint(log, KEY)
    assert not rebuild(engine).unchanged
    make_checkpoint(log, KEY)
    assert examine(engine, [KEY.verifier]) == []


def test_a_changed_salt_is_found_by_the_auditor(engine: Engine) -> None:
    log = Log(engine)
    log.append(mixed(6))
    make_checkpoint(log, KEY)
    with engine.begin() as connection:
        session = session_of(connection)
        drop_triggers(connection, ["party_salt"])
        session.execute("UPDATE party_salt SET salt = ? WHERE party = ?", (bytes(31), FILLERS))
        assert_triggers(connection)
    assert {finding.code for finding in examine(engine, [KEY.verifier])} == {
        "completeness.salt",
        "completeness.conflict",
    }


def test_an_entry_that_lost_whom_it_concerns_is_refused_a_checkpoint(engine: Engine) -> None:
    log = Log(engine)
    log.append(mixed(3))
    overwrite(engine, "disclosure", lambda rows: [row for row in rows if row[:2] != (1, 2)])
    with pytest.raises(CheckpointConflict, match="do not say whom they concern"):
        make_checkpoint(log, KEY)
