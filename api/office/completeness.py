"""A party's proof that it was shown all of its entries, as a file: one JSON line an entry.

The format is in docs/reference/completeness.md; `verifier/` checks it and imports nothing of this.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator

from api.office.errors import EvidenceNotReady
from api.office.evidence import group_part
from api.office.log_proofs import signed_checkpoint
from api.office.opening import Office
from ledger.completeness import PartyPlace, after_last, party_entries, party_place
from ledger.errors import ProofUnavailable
from policies.canonical import canonical_bytes

FORMAT = "tallystick/completeness/v1"


def completeness_lines(
    office: Office, party: str, size: int | None = None, *, withheld: Collection[str] = ()
) -> Iterator[bytes]:
    """Return the lines of a party's proof under the checkpoint of `size` entries, None for one signed now.

    They are read from the log as they are asked for, but what cannot be proved is refused at once. Groups
    of the names `withheld` stay closed even to the party, for a reader who is not of it. Raises
    EvidenceNotReady.
    """
    checkpoint = signed_checkpoint(office, size)
    try:
        place = party_place(office.log, party, checkpoint)
    except ProofUnavailable as fault:
        raise EvidenceNotReady(fault.message, where=fault.where) from fault
    return _lines(office, place, frozenset(withheld))


def _lines(office: Office, place: PartyPlace, withheld: frozenset[str]) -> Iterator[bytes]:
    yield _line({
        "checkpoint": place.checkpoint.note,
        "count": place.count,
        "format": FORMAT,
        "index": place.index,
        "party": place.party,
        "path": _texts(place.path),
        "root": place.root.hex(),
        "salt": place.salt.hex(),
    })  # fmt: skip
    for one in party_entries(office.log, place):
        yield _line({
            "before": _texts(one.before),
            "groups": [
                group_part(group, shown=place.party in group.readers and group.name not in withheld)
                for group in one.entry.groups
            ],
            "leaf": one.entry.entry.leaf.decode(),
            "seq": one.entry.entry.seq,
        })  # fmt: skip
    yield _line({"after": _texts(after_last(office.log, place))})


def _line(value: dict[str, object]) -> bytes:
    return canonical_bytes(value) + b"\n"


def _texts(hashes: list[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]
