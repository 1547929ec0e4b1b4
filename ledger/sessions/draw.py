"""Draws that anyone can redo: who won follows from a seed, the list of entrants, and the closing entry.

The seed was sealed by its digest before anybody took part, so the organiser cannot choose it afterwards; the
list was fixed before the seed was shown, so nobody can join a winner; and the hash of the closing entry,
whose salts the log draws, was known to neither when seed and list were fixed. Whoever holds the seed, the
list and the entry recomputes the result; odds are equal for all on the list.

Format `tallystick/draw/v1`: key = SHA-256(DOMAIN || 0x00 || seed as text || 0x00 || digest of the list in hex
|| 0x00 || leaf hash of the closing entry in hex); an entrant's place goes by SHA-256(key || entrant as text),
smallest first, ties by the entrant's text.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ledger.registers.errors import TellingRefused

DOMAIN = b"tallystick/draw/v1"
_NAME = re.compile(r"[^\x00-\x20\x7f]{1,128}")


def entrants_of(text: str) -> tuple[str, ...]:
    """Return the entrants of a list, one a line, sorted by code point. Raises TellingRefused.

    A name has no white space and stands once; empty lines are left out.
    """
    names = [line.strip() for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    for number, name in enumerate(names, 1):
        if not _NAME.fullmatch(name):
            raise TellingRefused(f"'{name[:40]}' is no name of an entrant", where=f"entrants, {number}")
    twice = min((name for name, count in Counter(names).items() if count > 1), default=None)
    if twice is not None:
        raise TellingRefused(f"'{twice}' takes part more than once", where="entrants")
    return tuple(sorted(names))


def digest_of(names: Iterable[str]) -> str:
    """Return the SHA-256 in hex of names sorted by code point, each ended by a line feed."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(names)).encode()).hexdigest()


def sealed(seed: str) -> str:
    """Return the digest by which a seed is announced before it is shown."""
    return hashlib.sha256(seed.encode()).hexdigest()


def drawn(seed: str, entrants: Sequence[str], closing_leaf_hash: bytes, winners: int) -> tuple[str, ...]:
    """Return who won, in the order in which they were drawn; all entrants where there are not more."""
    parts = (seed, digest_of(entrants), closing_leaf_hash.hex())
    key = hashlib.sha256(b"\x00".join([DOMAIN, *(part.encode() for part in parts)])).digest()
    places = sorted((hashlib.sha256(key + name.encode()).digest(), name) for name in entrants)
    return tuple(name for _, name in places[:winners])
