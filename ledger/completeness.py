"""One party's proof that it was shown all of its entries up to a checkpoint, read in pieces.

The proof is the party's place under the checkpoint (parties.py) and every entry of its tree, each with the
roots of the subtrees of the log that lie between it and the entry before: the reader who puts entries and
subtrees together from left to right gets the log's own root, so that one pass shows each entry to be in the
log, at a cost that does not grow with the number of entries times the size of the log.

Who may have a proof, which groups it shows and how it is written is said in api/office/completeness.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from ledger.checkpoints import Checkpoint
from ledger.database import reading
from ledger.disclosed import Disclosed, disclosed_at
from ledger.errors import ProofUnavailable
from ledger.log import Log
from ledger.party_trees import read_salts, stored_map, stored_seqs, stored_trees
from ledger.tiles import StoredTree
from ledger.tree import aligned_parts

_BATCH = 500


@dataclass(frozen=True, slots=True)
class PartyPlace:
    """Where a party stands under a checkpoint: its salt, number of entries and root, and the path to the map.

    `index` is the place of its leaf in the map, `path` the hashes from there up to the root that the
    checkpoint signs, nearest first; `seqs` are its entries.
    """

    party: str
    checkpoint: Checkpoint
    salt: bytes
    count: int
    root: bytes
    index: int
    path: list[bytes]
    seqs: list[int]


@dataclass(frozen=True, slots=True)
class PartyEntry:
    """One of a party's entries, and the roots of the subtrees between the entry before and it, in order."""

    entry: Disclosed
    before: list[bytes]


def party_place(log: Log, party: str, checkpoint: Checkpoint) -> PartyPlace:
    """Return where a party stands under a checkpoint.

    Raises ProofUnavailable when the checkpoint signs no parties' trees, or none of its entries concerns the
    party: a party that stands in no tree has no salt and no place.
    """
    where = f"checkpoint of {checkpoint.size} entries"
    if checkpoint.parties is None:
        raise ProofUnavailable(
            "it was signed before there were parties' trees; sign a later one", where=where
        )
    with reading(log.engine) as session:
        tree = stored_trees(session, checkpoint.size).get(party)
        if tree is None:
            raise ProofUnavailable(f"none of its entries concerns {party}", where=where)
        index, path = stored_map(session, checkpoint.size).path(party)
        salt = read_salts(session)[party]
        seqs = list(stored_seqs(session, party, checkpoint.size))
    return PartyPlace(party, checkpoint, salt, tree.count, tree.root(), index, path, seqs)


def party_counts(log: Log, parties: Collection[str], checkpoint: Checkpoint) -> dict[str, int]:
    """Return how many entries a checkpoint signs for each of some parties; none for one that has none."""
    if checkpoint.parties is None:
        return {}
    with reading(log.engine) as session:
        trees = stored_trees(session, checkpoint.size)
    return {party: trees[party].count for party in sorted(parties) if party in trees}


def party_entries(log: Log, place: PartyPlace) -> Iterator[PartyEntry]:
    """Yield the entries of a party in order, reading some hundreds at a time."""
    for start in range(0, len(place.seqs), _BATCH):
        seqs = place.seqs[start : start + _BATCH]
        last = place.seqs[start - 1] if start else -1
        with reading(log.engine) as session:
            tree = StoredTree(session)
            entries = disclosed_at(session, seqs)
            between = [_between(tree, one + 1, other) for one, other in pairwise([last, *seqs])]
        yield from map(PartyEntry, entries, between)


def after_last(log: Log, place: PartyPlace) -> list[bytes]:
    """Return the roots of the subtrees from a party's last entry to the checkpoint's end, left to right."""
    with reading(log.engine) as session:
        return _between(StoredTree(session), place.seqs[-1] + 1, place.checkpoint.size)


def _between(tree: StoredTree, start: int, end: int) -> list[bytes]:
    return [tree.subtree(height, index) for height, index in aligned_parts(start, end)]
