"""The parties' trees as stored: derived from the groups `concerns` when a checkpoint is made, not before.

Appending thus pays nothing for them, and a checkpoint hashes only what came since the last one. A row of
`party_tree` says what one checkpoint added to one party's tree: the numbers of its new entries, and the peaks
that the tree then had. What is signed of them is said in parties.py.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import ClassVar

import msgspec

from ledger.database import Row, Session
from ledger.entries import CONCERNS
from ledger.errors import CheckpointConflict
from ledger.leaves import SALT_BYTES
from ledger.parties import EXTENSION, PartyMap, PartyState
from ledger.replay import Chunk
from ledger.tree import Frontier

FILLERS = ""
"""The name, which no party can have, under which `party_salt` keeps the secret that makes fillers."""

Concerned = tuple[int, bytes, tuple[str, ...]]
"""An entry's seq and leaf hash, and the parties that it concerns."""


class _Parties(msgspec.Struct, frozen=True):
    parties: tuple[str, ...]


class _Concerns(msgspec.Struct, frozen=True):
    content: _Parties


_decoder = msgspec.json.Decoder(_Concerns)


@lru_cache(maxsize=8192)
def parties_of(opened: bytes) -> tuple[str, ...]:
    """Return the parties that an opened group `concerns` names. Raises msgspec.DecodeError."""
    return _decoder.decode(opened).content.parties


class Gaps:
    """Rising numbers packed as the gaps between them: the first, then differences less 1, in LEB128."""

    def __init__(self) -> None:
        self.packed = bytearray()
        self._last = -1

    def extend(self, numbers: Iterable[int]) -> None:
        """Append numbers in order."""
        packed, last = self.packed, self._last
        for number in numbers:
            gap, last = number - last - 1, number
            while gap > 0x7F:
                packed.append(gap & 0x7F | 0x80)
                gap >>= 7
            packed.append(gap)
        self._last = last


def unpack_gaps(packed: bytes) -> Iterator[int]:
    """Yield the numbers that `Gaps` packed."""
    last, gap, shift = -1, 0, 0
    for byte in packed:
        gap |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            continue
        last += gap + 1
        yield last
        gap = shift = 0


class PartyTrees:
    """Every party's tree while entries are read in order, and what came since the last cut."""

    def __init__(self, trees: dict[str, Frontier] | None = None) -> None:
        """Go on from trees, or from none."""
        self.trees = trees or {}
        self._fresh: dict[str, Gaps] = defaultdict(Gaps)

    def add(self, concerned: Iterable[Concerned]) -> None:
        """Take entries in order of seq."""
        hashes: dict[str, list[bytes]] = defaultdict(list)
        seqs: dict[str, list[int]] = defaultdict(list)
        for seq, leaf, parties in concerned:
            for party in parties:
                hashes[party].append(leaf)
                seqs[party].append(seq)
        for party, items in hashes.items():
            self.trees.setdefault(party, Frontier()).extend(items)
            self._fresh[party].extend(seqs[party])

    def cut(self, size: int) -> list[Row]:
        """Return the rows of `party_tree` for a checkpoint of `size` entries, and begin to count anew."""
        rows: list[Row] = [
            (size, party, self.trees[party].count, self.trees[party].peaks, bytes(gaps.packed))
            for party, gaps in sorted(self._fresh.items())
        ]
        self._fresh.clear()
        return rows

    def states(self, salts: dict[str, bytes]) -> list[PartyState]:
        """Return every party with its salt, as a map takes them. Raises KeyError for a party without one."""
        return [
            PartyState(party, salts[party], tree.count, tree.root())
            for party, tree in sorted(self.trees.items())
        ]


class PartyRows:
    """The parties' trees made again from the whole log, cut where checkpoints sign them: a derived.Family."""

    tables: ClassVar[tuple[str, ...]] = ("party_tree",)

    def __init__(self) -> None:
        self.trees = PartyTrees()
        self._sizes: deque[int] | None = None

    def add(self, session: Session, chunk: Chunk) -> None:
        """See derived.Family. Raises msgspec.DecodeError."""
        if self._sizes is None:
            self._sizes = deque(
                size for size in cut_sizes(session) if size
            )  # nothing stands before the first
        concerned = _concerned_in(chunk)
        while self._sizes and self._sizes[0] <= chunk.end:
            size = self._sizes.popleft()
            at = bisect_left(concerned, size, key=itemgetter(0))
            self.trees.add(concerned[:at])
            concerned = concerned[at:]
            session.insert("party_tree", self.trees.cut(size))
            self.reached(size)
        self.trees.add(concerned)

    def reached(self, size: int) -> None:
        """Take note that `trees` stand as the checkpoint of `size` entries must have signed them."""


def _concerned_in(chunk: Chunk) -> list[Concerned]:
    return [
        (entry.seq, bytes(entry.leaf_hash), parties_of(group.opened))
        for entry in chunk.entries
        for group in chunk.groups.get(entry.seq, ())
        if group.name == CONCERNS
    ]


def read_salts(session: Session) -> dict[str, bytes]:
    """Return the salt of each party, and under FILLERS the fillers' secret, if there is one yet."""
    return {party: bytes(salt) for party, salt in session.rows("SELECT party, salt FROM party_salt")}


def cut_sizes(session: Session) -> list[int]:
    """Return the sizes of the checkpoints that sign the parties' trees, smallest first."""
    sql = "SELECT size FROM checkpoint WHERE note LIKE ? ORDER BY size"
    return [row[0] for row in session.rows(sql, (f"%\n{EXTENSION}%",))]


def stored_trees(session: Session, size: int) -> dict[str, Frontier]:
    """Return the tree of each party as the checkpoint of `size` entries has it."""
    sql = (
        "SELECT t.party, t.entries, t.peaks FROM party_salt s JOIN party_tree t ON t.party = s.party"
        " WHERE t.size = (SELECT max(x.size) FROM party_tree x WHERE x.party = s.party AND x.size <= ?)"
    )
    return {party: Frontier(count, bytes(peaks)) for party, count, peaks in session.rows(sql, (size,))}


def stored_map(session: Session, size: int) -> PartyMap:
    """Return the map of the checkpoint of `size` entries, which must be one that signs the parties' trees."""
    salts = read_salts(session)
    return PartyMap(PartyTrees(stored_trees(session, size)).states(salts), salts[FILLERS], size)


def stored_map_root(session: Session, size: int) -> bytes | None:
    """Return the root of that map, or None where the stored rows make none."""
    try:
        return stored_map(session, size).root
    except (KeyError, AssertionError):
        return None


def stored_seqs(session: Session, party: str, size: int) -> Iterator[int]:
    """Yield, in order, the seqs of a party's entries under the checkpoint of `size` entries."""
    sql = "SELECT seqs FROM party_tree WHERE party = ? AND size <= ? ORDER BY size"
    for (packed,) in session.rows(sql, (party, size)):
        yield from unpack_gaps(bytes(packed))


def grow_party_trees(
    session: Session, start: int, size: int, entropy: Callable[[int], bytes]
) -> tuple[PartyMap, list[Row]]:
    """Bring the parties' trees from the checkpoint of `start` entries up to `size`, the whole log.

    Salts of parties seen for the first time are drawn and stored. Returns the map to sign, and the rows of
    `party_tree` to store with it. Raises CheckpointConflict when an entry has lost its `concerns`.
    """
    trees = PartyTrees(stored_trees(session, start))
    for batch in _concerned(session, start, size):
        trees.add(batch)
    salts = read_salts(session)
    fresh = [(party, entropy(SALT_BYTES)) for party in sorted({FILLERS, *trees.trees}) if party not in salts]
    if fresh:
        session.insert("party_salt", fresh)
        salts.update(fresh)
    return PartyMap(trees.states(salts), salts[FILLERS], size), trees.cut(size)


def _concerned(session: Session, start: int, end: int) -> Iterator[list[Concerned]]:
    sql = (
        "SELECT d.seq, e.leaf_hash, d.opened FROM disclosure d JOIN entry e ON e.seq = d.seq"
        " WHERE d.seq >= ? AND d.seq < ? AND d.name = ? ORDER BY d.seq"
    )
    count = 0
    for rows in session.stream(sql, (start, end, CONCERNS)):
        count += len(rows)
        yield [(seq, bytes(leaf), parties_of(bytes(opened))) for seq, leaf, opened in rows]
    if count != end - start:
        raise CheckpointConflict(
            f"{end - start - count} of the entries {start} to {end - 1} do not say whom they concern;"
            " run the doctor",
            where="disclosure",
        )
