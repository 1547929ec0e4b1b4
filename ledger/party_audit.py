"""The auditor's check of completeness: every party's tree, and the map that was signed, made again.

Whoever can open the groups `concerns` finds here what a party alone cannot: an entry left out of its tree or
added to it, entries out of order, a party under two salts, a filler that stands for somebody, a map unsorted.
All of them change the root that the checkpoint signed. Part of the doctor; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.checkpoints import parse_checkpoint
from ledger.database import Session
from ledger.errors import NoteInvalid
from ledger.leaves import SALT_BYTES
from ledger.parties import PartyMap
from ledger.party_trees import FILLERS, PartyRows, read_salts
from policies.errors import Finding


class PartyAudit(PartyRows):
    """The parties' trees, made again while the log is read, and each map held against what was signed."""

    def __init__(self, session: Session) -> None:
        """Read what was signed, and the salts, within a transaction."""
        super().__init__()
        self._salts = read_salts(session)
        self._signed = dict(_signed_maps(session))
        self._found = [
            _fault("completeness.salt", f"party_salt[{party}]", "the salt is not 32 bytes")
            for party, salt in sorted(self._salts.items())
            if len(salt) != SALT_BYTES
        ]
        self.reached(0)

    def reached(self, size: int) -> None:
        """Hold the map that the trees now give against the one signed at this size, if one was."""
        if size in self._signed and self._map_root(size) != self._signed[size]:
            message = (
                "the parties' trees that it signs are not those of the entries: one was left out of a tree or"
                " added to it, or a party stands in the map twice, or not at all"
            )
            self._found.append(_fault("completeness.conflict", f"checkpoint[{size}]", message))

    def findings(self) -> Iterator[Finding]:
        """Yield what was found since the last call."""
        found, self._found = self._found, []
        yield from found

    def _map_root(self, size: int) -> bytes | None:
        try:
            return PartyMap(self.trees.states(self._salts), self._salts[FILLERS], size).root
        except KeyError:
            return None


def _signed_maps(session: Session) -> Iterator[tuple[int, bytes]]:
    for size, note in session.rows("SELECT size, note FROM checkpoint"):
        try:
            parties = parse_checkpoint(note).parties
        except NoteInvalid:
            continue  # the check of checkpoints says so
        if parties is not None:
            yield size, parties


def _fault(code: str, path: str, message: str) -> Finding:
    return Finding(code=code, severity="error", message=message, path=path)
