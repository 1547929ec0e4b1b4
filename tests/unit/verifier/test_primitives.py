"""The verifier's own primitives against published vectors, and what their strict parsing refuses."""

from __future__ import annotations

import pytest
from eth_hash.auto import keccak

from tests.unit.verifier.bundle_maker import LogKey
from verifier import canonical
from verifier.keccak import keccak256
from verifier.notes import parse_checkpoint, parse_note, parse_vkey
from verifier.report import Fault
from verifier.tree import root_of_proof, tree_root

# From the documentation of Go's golang.org/x/mod/sumdb/note, the first implementation of signed notes.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_keccak_gives_the_published_digests(data: bytes, digest: str) -> None:
    assert keccak256(data).hex() == digest


@pytest.mark.parametrize("length", [134, 135, 136, 137, 271, 272, 273])
def test_keccak_pads_right_around_its_block(length: int) -> None:
    assert keccak256(b"x" * length) == keccak(b"x" * length)


def test_the_tree_gives_the_root_of_the_certificate_transparency_vectors() -> None:
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    root = tree_root(bytes.fromhex(leaf) for leaf in leaves)
    assert root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (9, 9), (-1, 5)])
def test_no_entry_is_proved_outside_its_tree(index: int, size: int) -> None:
    with pytest.raises(Fault, match="not in a tree"):
        root_of_proof(bytes(32), index, size, [])


def test_a_note_signed_by_the_first_implementation_verifies_and_an_altered_one_does_not() -> None:
    key, note = parse_vkey(GO_VKEY), parse_note(GO_NOTE)
    assert key.label == note.signatures[0].label == "PeterNeumann+c74f20a3"
    assert key.verifies(note.text, note.signatures[0].signature)
    assert not key.verifies(note.text.replace("your", "my"), note.signatures[0].signature)
    assert not key.verifies(note.text, note.signatures[0].signature[:-1])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a",
        "a+b",
        GO_VKEY.replace("c74f20a3", "C74F20A3"),
        GO_VKEY.replace("Peter", "Paul"),
        GO_VKEY[:-1],
        GO_VKEY + "=",
        GO_VKEY.replace("+AR", "+AS"),
        "+" + GO_VKEY.split("+", 1)[1],
        "two words+c74f20a3+AA==",
    ],
)
def test_verifier_keys_are_read_strictly(vkey: str) -> None:
    with pytest.raises(Fault):
        parse_vkey(vkey)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        GO_NOTE[:-1],
        GO_NOTE.replace("\n\n", "\n"),
        GO_NOTE.replace("— ", "- "),
        GO_NOTE.replace("nAM=", "nAN="),
        GO_NOTE.replace("nAM=", "nAM"),
        GO_NOTE.replace("\n", "\r\n"),
        GO_NOTE + GO_NOTE.splitlines()[-1] + "\n",
        GO_NOTE.replace("Neumann x08", "Neumann  x08"),
        "text\n\n— name AAAA\n",
    ],
)
def test_notes_are_read_strictly(note: str) -> None:
    with pytest.raises(Fault):
        parse_note(note)


def test_a_checkpoint_may_carry_extension_lines() -> None:
    root = LogKey("x").vkey.split("+", 2)[2]  # 33 bytes, one too many
    good = "A" * 43 + "="
    assert parse_checkpoint(f"log\n12\n{good}\nextension\n").size == 12
    for text in (
        f"log\n012\n{good}\n",
        f"log\n-1\n{good}\n",
        f"log\n1\n{root}\n",
        "log\n1\n",
        f"\n1\n{good}\n",
    ):
        with pytest.raises(Fault):
            parse_checkpoint(text)
    with pytest.raises(Fault):
        parse_checkpoint(f"log\n1\n{good}\n\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "-0",
        "01",
        "1.0",
        "1e2",
        "NaN",
        "Infinity",
        "9007199254740992",
        "-9007199254740992",
        "9" * 5_000,
        '{"b":1,"a":1}',
        '{"a":1,"a":1}',
        '{"a": 1}',
        '{"é":1}',
        '"\\u0041"',
        '"\\/"',
        '"\\ud800"',
        '"\\u000A"',
        '"\x01"',
        "[1,]",
        "nul",
        "\ufeff1",
    ],
)
def test_json_in_any_but_its_canonical_spelling_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        canonical.parse(text)
