"""Makes completeness proofs for the tests without one line of the verifier or the server, cheats included.

An operator who cheats signs what they like: `tree` is what they put into the party's tree, `shown` what they
show to the party. Trees are the recursive definitions.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from tests.unit.verifier.bundle_maker import LogKey, canonical, group, split_at

PARTY = "streamer-co"
SALT = sha256(b"salt of the streamer").digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256().digest()
    k = split_at(len(hashes))
    return node(root_of(hashes[:k]), root_of(hashes[k:]))


def path_of(hashes: Sequence[bytes], index: int) -> list[bytes]:
    if len(hashes) < 2:
        return []
    k = split_at(len(hashes))
    if index < k:
        return [*path_of(hashes[:k], index), root_of(hashes[k:])]
    return [*path_of(hashes[k:], index - k), root_of(hashes[:k])]


def walk(hashes: Sequence[bytes], shown: set[int], start: int = 0) -> Iterator[int | bytes]:
    """Yield, from left to right, the shown leaves' numbers and the roots of perfect subtrees of others."""
    count = len(hashes)
    if not count:
        return
    if shown.isdisjoint(range(start, start + count)) and not count & (count - 1):
        yield root_of(hashes)
    elif count == 1:
        yield start
    else:
        k = split_at(count)
        yield from walk(hashes[:k], shown, start)
        yield from walk(hashes[k:], shown, start + k)


def texts(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]


class Ledger:
    """A log of which two entries in three concern the streamer; `changed` are leaves of another past."""

    def __init__(self, size: int = 12, seed: str = "honest", changed: Sequence[int] = ()) -> None:
        self.key = LogKey(seed)
        self.leaves: list[str] = []
        self.groups: list[list[dict[str, Any]]] = []
        for seq in range(size):
            order = group("order", {"order": f"A{seq}"}, [PARTY] if seq % 3 else ["brand-co"])
            concerns = group("concerns", {"parties": []})
            self.add(seq, [order, concerns], "changed" if seq in changed else "orders")

    def add(self, seq: int, opened: list[str], source: str = "orders") -> None:
        salts = [sha256(f"{seq}/{n}".encode()).digest() for n in range(len(opened))]
        pairs = zip(salts, opened, strict=True)
        sealed = [sha256(b"tallystick/commitment/v1\x00" + s + g.encode()).hexdigest() for s, g in pairs]
        leaf = {"agreement": None, "format": "tallystick/leaf/v1", "groups": sealed, "id": f"id {seq}"}
        self.leaves.append(canonical(leaf | {"kind": "sale.recorded", "seq": seq, "source": source}))
        shown = [{"opened": text, "position": n, "salt": salts[n].hex()} for n, text in enumerate(opened)]
        self.groups.append([shown[0], {"position": 1, "withheld": True}])

    @property
    def trust(self) -> str:
        return f"{self.key.vkey}\n"

    @property
    def hashes(self) -> list[bytes]:
        return [sha256(b"\x00" + leaf.encode()).digest() for leaf in self.leaves]

    def own(self, size: int) -> list[int]:
        return [seq for seq in range(size) if seq % 3]

    def leaf(self, size: int, tree: Sequence[int], salt: bytes = SALT) -> bytes:
        key = sha256(b"tallystick/party/v1\x00" + salt + size.to_bytes(8, "big") + PARTY.encode()).digest()
        return key + len(tree).to_bytes(8, "big") + root_of([self.hashes[seq] for seq in tree])

    def proof(  # one place to cheat a parameter
        self,
        size: int | None = None,
        *,
        tree: Sequence[int] | None = None,
        shown: Sequence[int] | None = None,
        salt: bytes = SALT,
        others: Sequence[bytes] = (),
    ) -> bytes:
        """The proof under a checkpoint of `size` entries; `others` are further leaves of the map."""
        size = len(self.leaves) if size is None else size
        tree = self.own(size) if tree is None else tree
        shown = tree if shown is None else shown
        mine = self.leaf(size, tree, salt)
        fill = [sha256(f"filler {size} {n}".encode()).digest() + bytes(40) for n in range(1023 - len(others))]
        leaves = sorted([mine, *others, *fill])
        hashed = [sha256(b"\x00" + one).digest() for one in leaves]
        index = leaves.index(mine)
        head = {
            "checkpoint": self.note(size, root_of(hashed)),
            "count": len(tree),
            "format": "tallystick/completeness/v1",
            "index": index,
            "party": PARTY,
            "path": texts(path_of(hashed, index)),
            "root": mine[40:].hex(),
            "salt": salt.hex(),
        }
        return lines([head, *self.entries(size, shown)])

    def note(self, size: int, parties: bytes | None) -> str:
        top = base64.b64encode(root_of(self.hashes[:size])).decode()
        line = "" if parties is None else f"tallystick/parties/v1 {base64.b64encode(parties).decode()}\n"
        return self.key.note(f"{self.key.origin}\n{size}\n{top}\n{line}")

    def entries(self, size: int, shown: Sequence[int]) -> Iterator[dict[str, Any]]:
        before: list[bytes] = []
        for one in walk(self.hashes[:size], set(shown)):
            if isinstance(one, bytes):
                before.append(one)
                continue
            yield {
                "before": texts(before),
                "groups": self.groups[one],
                "leaf": self.leaves[one],
                "seq": one,
            }
            before = []
        yield {"after": texts(before)}


def lines(values: Sequence[Any]) -> bytes:
    return "".join(canonical(value) + "\n" for value in values).encode()


def records(proof: bytes) -> list[Any]:
    return [json.loads(line) for line in proof.decode().splitlines()]
