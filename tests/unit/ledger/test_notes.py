"""Signed notes, keys and checkpoint texts: what opens, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.checkpoints import checkpoint_text, parse_checkpoint
from ledger.errors import NoteInvalid
from ledger.notes import LogKey, VerifierKey, open_note
from ledger.tree import EMPTY_ROOT

KEY = LogKey("log.example", bytes(32))
OTHER = LogKey("log.example", bytes([1] * 32))

# The example note of the C2SP signed-note specification's reference implementation.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
    "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_specifications_example_note_opens_with_its_key() -> None:
    key = VerifierKey.parse(PETER)
    assert str(key) == PETER
    assert open_note(PETER_NOTE, [key]).startswith("If you think")


def test_a_signed_note_opens_with_its_key_and_no_other() -> None:
    note = KEY.sign("a text\n\nof three lines\n")
    assert open_note(note, [OTHER.verifier, KEY.verifier]) == "a text\n\nof three lines\n"
    with pytest.raises(NoteInvalid, match="none of the trusted keys"):
        open_note(note, [OTHER.verifier])


def test_every_changed_byte_of_a_note_is_found() -> None:
    note = KEY.sign("size 5\n").encode()
    for at in range(len(note)):
        changed = bytearray(note)
        changed[at] ^= 1
        with pytest.raises((NoteInvalid, UnicodeDecodeError)):
            open_note(changed.decode(), [KEY.verifier])


def test_a_key_file_is_its_owners_alone_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    KEY.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert LogKey.load(path).vkey == KEY.vkey
    with pytest.raises(FileExistsError):
        OTHER.save(path)
    path.chmod(0o644)
    with pytest.raises(NoteInvalid, match="chmod 600"):
        LogKey.load(path)


@pytest.mark.parametrize(
    "text", ["", "a+b", "log.example+00000000+AQ==", KEY.vkey[:-4], KEY.vkey.replace("+", " ", 1)]
)
def test_a_garbled_vkey_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        VerifierKey.parse(text)


def test_a_vkey_whose_hash_is_not_its_own_is_refused() -> None:
    name, _, encoded = KEY.vkey.split("+", 2)
    with pytest.raises(NoteInvalid, match="not that of its name"):
        VerifierKey.parse(f"{name}+00000000+{encoded}")


def test_a_checkpoint_reads_back_and_may_carry_further_lines() -> None:
    note = KEY.sign(checkpoint_text("log.example", 7, EMPTY_ROOT) + "an extension\n")
    checkpoint = parse_checkpoint(note, [KEY.verifier])
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == ("log.example", 7, EMPTY_ROOT)


@pytest.mark.parametrize(
    "text",
    [
        "log.example\n7\n",
        "log.example\n07\nAAAA\n",
        "log.example\n-1\nAAAA\n",
        "log.example\n7\nAAAA\n",
        "\n7\nAAAA\n",
    ],
)
def test_a_garbled_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        parse_checkpoint(KEY.sign(text), [KEY.verifier])
