"""Completeness for one party: the keys, leaves and root of the map of parties that a checkpoint signs.

Each party has a tree over the leaf hashes of the entries that concern it. The map holds a leaf a party, with
the number of its entries and the root of its tree, and fillers up to a power of two. It is sorted by keys
that only a party's own salt gives and that are others for every checkpoint, so that a path through it tells
nothing of who else there is, how many they are, or which of them had new entries.

Pure. What is stored of it is said in party_trees.py; the bytes are specified in docs/reference/log.md.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.errors import NoteInvalid
from ledger.tree import EMPTY_ROOT, MemoryTree, inclusion_proof, leaf_hash

EXTENSION = "tallystick/parties/v1 "
"""How the line of a checkpoint that carries the map's root begins."""

WIDTH_MIN = 1_024
"""A map has at least so many leaves, so that it tells nothing of how many parties there are below that."""

_KEY_PREFIX = b"tallystick/party/v1\x00"
_FILLER_PREFIX = b"tallystick/filler/v1\x00"


def party_key(salt: bytes, size: int, party: str) -> bytes:
    """Return the key of a party in the map of the checkpoint over `size` entries: 32 bytes."""
    return hashlib.sha256(_KEY_PREFIX + salt + size.to_bytes(8, "big") + party.encode()).digest()


def filler_key(secret: bytes, size: int, number: int) -> bytes:
    """Return the key of a filler, counted from 0, in the map of the checkpoint over `size` entries."""
    counted = size.to_bytes(8, "big") + number.to_bytes(8, "big")
    return hashlib.sha256(_FILLER_PREFIX + secret + counted).digest()


def map_leaf(key: bytes, count: int, root: bytes) -> bytes:
    """Return the 72 bytes of a leaf: key, number of entries in 8 bytes, root of the tree over them."""
    return key + count.to_bytes(8, "big") + root


def map_width(parties: int) -> int:
    """Return how many leaves the map of so many parties has: a power of two."""
    return max(WIDTH_MIN, 1 << max(parties - 1, 0).bit_length())


@dataclass(frozen=True, slots=True)
class PartyState:
    """A party as a checkpoint has it: its salt, how many entries concern it, the root of its tree."""

    party: str
    salt: bytes
    count: int
    root: bytes


class PartyMap:
    """The map of one checkpoint: its leaves in order of their keys, and the tree over them."""

    def __init__(self, states: Iterable[PartyState], secret: bytes, size: int) -> None:
        """Make the map of the parties under the checkpoint of `size` entries; `secret` makes the fillers."""
        keyed = {party_key(one.salt, size, one.party): one for one in states}
        leaves = {key: map_leaf(key, one.count, one.root) for key, one in keyed.items()}
        for number in range(map_width(len(keyed)) - len(keyed)):
            key = filler_key(secret, size, number)
            leaves[key] = map_leaf(key, 0, EMPTY_ROOT)
        self._places = {
            one.party: place for place, key in enumerate(sorted(leaves)) if (one := keyed.get(key))
        }
        self._tree = MemoryTree([leaf_hash(leaves[key]) for key in sorted(leaves)])

    @property
    def root(self) -> bytes:
        """The root that the checkpoint's line carries."""
        return self._tree.root()

    def path(self, party: str) -> tuple[int, list[bytes]]:
        """Return the place of a party's leaf and the hashes from it up to the root, nearest first."""
        place = self._places[party]
        return place, inclusion_proof(self._tree, place, self._tree.size)


def extension_line(map_root: bytes) -> str:
    """Return the checkpoint's line, without its newline, that carries a map's root."""
    return EXTENSION + base64.b64encode(map_root).decode()


def map_root_of(further: Sequence[str]) -> str | None:
    """Return, in base64, the map's root that a checkpoint's further lines carry, or None.

    Raises NoteInvalid when two of them carry one.
    """
    found = [line.removeprefix(EXTENSION) for line in further if line.startswith(EXTENSION)]
    if len(found) > 1:
        raise NoteInvalid("two roots of the parties' map", where="checkpoint")
    return found[0] if found else None
