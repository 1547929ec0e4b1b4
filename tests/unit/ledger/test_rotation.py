"""Statements that one key of a log replaces another: both sign, and only both."""

from __future__ import annotations

import pytest

from ledger.errors import NoteInvalid
from ledger.notes import LogKey, open_note, signed_by
from ledger.rotation import FORMAT, SigningKeys, parse_rotation, rotation_between

FIRST, SECOND = (LogKey("log.example", bytes([n] * 32)) for n in range(2))
ELSE = LogKey("other.example", bytes([9] * 32))


def test_a_rotation_reads_back() -> None:
    rotation = rotation_between(FIRST, SECOND)
    assert parse_rotation(rotation.note) == rotation
    assert (rotation.old, rotation.new) == (FIRST.verifier, SECOND.verifier)


@pytest.mark.parametrize(
    "note",
    [
        signed_by(f"{FORMAT}\nlog.example\n{FIRST.vkey}\n{SECOND.vkey}\n", [FIRST]),
        signed_by(f"{FORMAT}\nlog.example\n{FIRST.vkey}\n{SECOND.vkey}\n", [SECOND]),
        signed_by(f"{FORMAT}\nlog.example\n{FIRST.vkey}\n{ELSE.vkey}\n", [FIRST, ELSE]),
        signed_by(f"{FORMAT}\nlog.example\n{FIRST.vkey}\n{FIRST.vkey}\n", [FIRST]),
        signed_by(f"{FORMAT}\nother.example\n{FIRST.vkey}\n{SECOND.vkey}\n", [FIRST, SECOND]),
        signed_by(f"another/v1\nlog.example\n{FIRST.vkey}\n{SECOND.vkey}\n", [FIRST, SECOND]),
        signed_by(f"{FORMAT}\nlog.example\n{FIRST.vkey}\n{SECOND.vkey}\nmore\n", [FIRST, SECOND]),
    ],
)
def test_a_statement_that_is_not_both_keys_is_refused(note: str) -> None:
    with pytest.raises(NoteInvalid):
        parse_rotation(note)


def test_overlapping_keys_sign_together() -> None:
    keys = SigningKeys(SECOND, [FIRST])
    note = keys.sign("text\n")
    for key in (FIRST, SECOND):
        assert open_note(note, [key.verifier]) == "text\n"
    assert keys.verifiers == [SECOND.verifier, FIRST.verifier]
    assert (keys.name, keys.vkey) == ("log.example", SECOND.vkey)
