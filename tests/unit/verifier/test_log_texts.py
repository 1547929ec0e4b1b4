"""Checkpoints, tlog-proofs and consistency proofs: what holds, what is found, and what is no answer."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256

import pytest

from tests.unit.verifier.bundle_maker import LogKey, canonical, group, path, root, split_at
from verifier.files import verify_file
from verifier.report import Report
from verifier.witness import WitnessKey

LOG = LogKey("honest")
TRUST = f"{LOG.vkey}\n"
ORDER = group("order", {"order": "O1", "paid": "299.00"}, ["mcn"])
SALT = sha256(b"salt").digest()


def leaf(seq: int) -> bytes:
    sealed = sha256(b"tallystick/commitment/v1\x00" + SALT + ORDER.encode()).hexdigest()
    said = {"agreement": None, "asserter": "platform", "id": f"O{seq}", "kind": "sale.recorded"}
    times = {"occurred_at": "2026-09-01T18:00:00Z", "recorded_at": "2026-09-01T18:00:01.000000Z"}
    form = {"format": "tallystick/leaf/v1", "groups": [sealed, "00" * 32], "seq": seq, "source": "s"}
    return canonical({**said, **times, **form}).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


LEAVES = [leaf(seq) for seq in range(11)]


def checkpoint(leaves: Sequence[bytes], key: LogKey = LOG) -> str:
    return key.note(f"{key.origin}\n{len(leaves)}\n{b64(root(leaves))}\n")


def proof(seq: int, *, extra: bool = True, leaves: Sequence[bytes] = LEAVES) -> str:
    shown = {"opened": ORDER, "position": 0, "salt": SALT.hex()}
    record = {
        "format": "tallystick/entry/v1",
        "groups": [shown, {"position": 1, "withheld": True}],
        "leaf": leaves[seq].decode(),
    }
    head = ["c2sp.org/tlog-proof@v1", *([f"extra {b64(canonical(record).encode())}"] if extra else [])]
    return "\n".join([*head, f"index {seq}", *map(b64, path(leaves, seq)), "", checkpoint(leaves)])


def steps(first: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 6962's recursive SUBPROOF."""
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    k = split_at(len(leaves))
    if first <= k:
        return [*steps(first, leaves[:k], whole=whole), root(leaves[k:])]
    return [*steps(first - k, leaves[k:], whole=False), root(leaves[:k])]


def consistency(first: int, leaves: Sequence[bytes] = LEAVES) -> str:
    hashes = steps(first, leaves) if first else []
    return "\n".join([f"old {first}", *map(b64, hashes), "", checkpoint(leaves)])


def check(text: str, *kept: str, trust: str | None = TRUST, leaf: bytes | None = None) -> Report:
    return verify_file(text.encode(), trust, leaf=leaf, kept=[one.encode() for one in kept])


def told(report: Report, name: str) -> str:
    return "; ".join(one.detail for one in report.checks if one.name == name)


@pytest.mark.parametrize("seq", range(len(LEAVES)))
def test_an_entry_is_proved_by_the_file_alone_and_its_words_are_shown(seq: int) -> None:
    report = check(proof(seq))
    assert report.exit_code == 0
    assert f"entry {seq}: kind sale.recorded" in told(report, "entry")
    assert "299.00" in told(report, "shown")
    assert "group 1" in told(report, "withheld")


def test_the_leaf_may_come_from_elsewhere_and_must_be_the_one_held() -> None:
    bare = proof(4, extra=False)
    assert check(bare, leaf=LEAVES[4] + b"\n").exit_code == 0
    assert check(bare).exit_code == 2
    assert check(bare, leaf=LEAVES[5]).exit_code == 1
    assert check(proof(4), leaf=LEAVES[4]).exit_code == 0
    assert "not the one you hold" in told(check(proof(4), leaf=LEAVES[5]), "entry")


def test_every_changed_character_of_a_proof_is_found() -> None:
    text = proof(6)
    for at, char in enumerate(text):
        changed = f"{text[:at]}{'A' if char != 'A' else 'B'}{text[at + 1 :]}"
        assert check(changed).exit_code != 0, (at, char)


@pytest.mark.parametrize(
    "text",
    [
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n",
        proof(4).replace("index 4", "index 04"),
        proof(4).replace("index 4", "index -4"),
        proof(4).replace("\n\n", "\n", 1),
        proof(4).replace("\nindex 4", ""),
        consistency(4).replace("old 4", "old four"),
        consistency(4).replace("\n\n", "\nAAAA\n\n", 1),
        "old 3\n",
    ],
)
def test_a_text_that_is_no_proof_gives_no_answer(text: str) -> None:
    report = check(text)
    assert report.exit_code == 2
    assert report.checks[-1].name == "file"


def test_a_proof_needs_the_logs_key_pinned() -> None:
    assert check(proof(1), trust=None).exit_code == 2
    assert check(proof(1), trust=LogKey("other", "other.example").vkey).exit_code == 2
    assert check(proof(1), trust=LogKey("forger").vkey).exit_code == 1


@pytest.mark.parametrize("first", range(len(LEAVES) + 1))
def test_a_longer_log_that_begins_with_what_was_kept_holds(first: int) -> None:
    assert check(consistency(first), checkpoint(LEAVES[:first])).exit_code == 0


def test_a_cut_tail_is_named() -> None:
    report = check(checkpoint(LEAVES[:9]), checkpoint(LEAVES))
    assert report.exit_code == 1
    assert "tail is cut" in told(report, "kept")


def test_a_fork_is_named() -> None:
    report = check(checkpoint([*LEAVES[:10], b"other"]), checkpoint(LEAVES))
    assert report.exit_code == 1
    assert "fork" in told(report, "kept")


def test_a_rewritten_past_is_named_whatever_proof_comes_with_it() -> None:
    rewritten = [b"other", *LEAVES[1:]]
    report = check(consistency(7, rewritten), checkpoint(LEAVES[:7]))
    assert report.exit_code == 1
    assert "rewritten past" in told(report, "kept")


def test_a_pinned_witness_who_is_no_longer_shown_is_missed_and_a_line_of_anybody_is_not() -> None:
    note, witness = checkpoint(LEAVES), WitnessKey("witness.example", bytes(32))
    kept = note + witness.cosign(note.partition("\n\n")[0] + "\n", 1_790_000_000)
    pinned = check(note, kept, trust=f"{TRUST}{witness.vkey}\n")
    assert pinned.exit_code == 1
    assert "witness.example" in told(pinned, "kept")
    for report in (
        check(note, kept),
        check(note, note + witness.cosign("another\n", 1), trust=f"{TRUST}{witness.vkey}\n"),
    ):
        assert report.exit_code == 0
        assert "not counted" in told(report, "kept")


def test_what_cannot_be_compared_gives_no_answer() -> None:
    assert check(consistency(4)).exit_code == 2
    assert check(checkpoint(LEAVES), checkpoint(LEAVES[:4])).exit_code == 2
    assert check(consistency(5), checkpoint(LEAVES[:4])).exit_code == 2
    assert check(checkpoint(LEAVES), "no checkpoint").exit_code == 2
    foreign = LogKey("honest", "other.example")
    assert check(checkpoint(LEAVES), checkpoint(LEAVES, foreign)).exit_code == 2
    assert check(checkpoint(LEAVES), checkpoint(LEAVES, LogKey("forger"))).exit_code == 1


def test_a_checkpoint_alone_says_who_signed_how_much() -> None:
    report = check(checkpoint(LEAVES))
    assert report.exit_code == 0
    assert "11 entries" in told(report, "checkpoint")
    assert verify_file(b"\xff" + checkpoint(LEAVES).encode(), TRUST).exit_code == 2
