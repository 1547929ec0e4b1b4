"""The bytes of completeness, version 1, pinned: a change here breaks every proof a party was ever given."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.checkpoints import checkpoint_text, parse_checkpoint
from ledger.errors import NoteInvalid
from ledger.notes import LogKey
from ledger.parties import PartyMap, PartyState, filler_key, map_leaf, map_width, party_key
from ledger.party_trees import Gaps, unpack_gaps
from ledger.tree import Frontier, MemoryTree, includes, leaf_hash

GOLDEN = Path(__file__).parents[2] / "golden" / "parties_v1.json"
SIZE = 300
SECRET = bytes(range(32, 64))
KEY = LogKey("tallystick.example/log", bytes(range(32)))


def salt_of(party: str) -> bytes:
    return hashlib.sha256(b"salt of " + party.encode()).digest()


def states() -> list[PartyState]:
    """Three parties, of 1, 7 and 300 entries whose leaves are their numbers."""
    hashes = [leaf_hash(str(n).encode()) for n in range(SIZE)]
    counts = {"brand": 1, "mcn": 7, "0x0a43191602ea3ddb5b95224215866797ce4d6601": SIZE}
    return [
        PartyState(party, salt_of(party), count, MemoryTree(hashes[:count]).root())
        for party, count in counts.items()
    ]


def made_now() -> dict[str, Any]:
    """What the present code makes of three parties, in the shape of the golden file."""
    parties = PartyMap(states(), SECRET, SIZE)
    rows = []
    for one in states():
        key = party_key(one.salt, SIZE, one.party)
        leaf = map_leaf(key, one.count, one.root)
        place, path = parties.path(one.party)
        rows.append({
            "party": one.party, "salt": one.salt.hex(), "count": one.count, "root": one.root.hex(),
            "key": key.hex(), "leaf": leaf.hex(), "index": place, "path": [node.hex() for node in path],
        })  # fmt: skip
    note = KEY.sign(checkpoint_text(KEY.name, SIZE, states()[2].root, parties.root))
    return {
        "size": SIZE,
        "secret": SECRET.hex(),
        "parties": rows,
        "filler_0_key": filler_key(SECRET, SIZE, 0).hex(),
        "width": map_width(3),
        "root": parties.root.hex(),
        "checkpoint": note,
    }


def test_keys_leaves_paths_and_the_line_are_the_golden_bytes() -> None:
    assert made_now() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_map_is_a_tree_over_leaves_sorted_by_key() -> None:
    known = json.loads(GOLDEN.read_text(encoding="utf-8"))
    leaves = [bytes.fromhex(row["leaf"]) for row in known["parties"]]
    leaves += [map_leaf(filler_key(SECRET, SIZE, n), 0, hashlib.sha256().digest()) for n in range(1024 - 3)]
    assert MemoryTree([leaf_hash(leaf) for leaf in sorted(leaves)]).root().hex() == known["root"]
    for row in known["parties"]:
        path = [bytes.fromhex(node) for node in row["path"]]
        hashed = leaf_hash(bytes.fromhex(row["leaf"]))
        assert includes(hashed, row["index"], known["width"], path, bytes.fromhex(known["root"]))


def test_a_checkpoint_carries_the_root_of_the_map_in_its_fourth_line() -> None:
    known = json.loads(GOLDEN.read_text(encoding="utf-8"))
    checkpoint = parse_checkpoint(known["checkpoint"], [KEY.verifier])
    assert checkpoint.parties == bytes.fromhex(known["root"])
    assert known["checkpoint"].split("\n")[3].startswith("tallystick/parties/v1 ")


def test_a_checkpoint_with_two_maps_or_half_a_root_is_refused() -> None:
    text = checkpoint_text(KEY.name, 1, bytes(32), bytes(32))
    line = text.split("\n")[3]
    for wrong in (f"{text}{line}\n", text.replace(line, line[:-8] + "\n"), text.replace(line, f"{line} x")):
        with pytest.raises(NoteInvalid):
            parse_checkpoint(KEY.sign(wrong))


def test_a_checkpoint_made_before_there_were_maps_carries_none() -> None:
    assert parse_checkpoint(KEY.sign(checkpoint_text(KEY.name, 1, bytes(32)))).parties is None


def test_no_leaf_or_neighbour_of_a_map_is_seen_again_in_the_next() -> None:
    """What a party sees of two checkpoints between which nothing happened has nothing in common."""
    one, two = PartyMap(states(), SECRET, SIZE), PartyMap(states(), SECRET, SIZE + 1)
    for party in states():
        assert not set(one.path(party.party)[1]) & set(two.path(party.party)[1])


@pytest.mark.parametrize(("parties", "width"), [(0, 1024), (3, 1024), (1024, 1024), (1025, 2048)])
def test_a_map_has_a_power_of_two_of_leaves_and_at_least_1024(parties: int, width: int) -> None:
    assert map_width(parties) == width


@pytest.mark.parametrize("parts", [[0], [1], [5], [1, 1, 1], [3, 0, 4], [256, 1, 255], [7, 8, 9, 100]])
def test_a_frontier_grown_in_any_parts_has_the_root_of_the_tree(parts: list[int]) -> None:
    hashes = [leaf_hash(str(n).encode()) for n in range(sum(parts))]
    frontier, at = Frontier(), 0
    for count in parts:
        frontier = Frontier(frontier.count, frontier.peaks)  # as from the database
        frontier.extend(hashes[at : at + count])
        at += count
    assert frontier.count == len(hashes)
    assert frontier.root() == MemoryTree(hashes).root()


@pytest.mark.parametrize("numbers", [[], [0], [127], [128], [0, 1, 2], [5, 133, 20_000, 2**40]])
def test_packed_numbers_read_back(numbers: list[int]) -> None:
    gaps = Gaps()
    gaps.extend(numbers[:2])
    gaps.extend(numbers[2:])
    assert list(unpack_gaps(bytes(gaps.packed))) == numbers
