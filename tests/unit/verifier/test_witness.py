"""A witness signs one history: whatever it is shown, in whatever order, across crashes and reruns."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.verifier.bundle_maker import LogKey
from tests.unit.verifier.test_log_texts import LEAVES, LOG, TRUST, check, checkpoint, consistency, told
from verifier.notes import parse_checkpoint, parse_note
from verifier.report import Fault
from verifier.trust import parse_trust
from verifier.witness import Countersigned, WitnessKey, countersign, remembered

KEY = WitnessKey("witness.example/w1", bytes(32))
OTHER = WitnessKey("witness.example/w2", bytes([7] * 32))
PINS = parse_trust(TRUST)
NOW = 1_790_000_000
FORKED = [*LEAVES[:4], b"another past", *LEAVES[5:]]


def shown(text: str, memory: Path, at: int = NOW) -> Countersigned:
    return countersign(text.encode(), memory, PINS, KEY, at)


def test_the_specifications_message_is_what_is_signed() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    line = KEY.cosign(text, 1_679_315_147)
    blob = base64.b64decode(line.split(" ")[2])
    assert blob[:4] == KEY.verifier.key_hash
    assert int.from_bytes(blob[4:12], "big") == 1_679_315_147
    assert len(blob) == 4 + 8 + 64
    KEY._private.public_key().verify(blob[12:], b"cosignature/v1\ntime 1679315147\n" + text.encode())
    assert KEY.verifier.verifies(text, blob[4:])
    assert not KEY.verifier.verifies(text, b"\0" * 7 + b"\1" + blob[12:])


def test_it_follows_a_log_that_grows_and_remembers_the_last(tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    assert remembered(memory) is None
    shown(checkpoint(LEAVES[:3]), memory)
    for size in range(4, len(LEAVES) + 1):
        given_line = shown(consistency(size - 1, LEAVES[:size]), memory)
        assert given_line.size == size
        last = remembered(memory)
        assert last is not None
        assert last.size == size
        assert given_line.line in memory.read_text(encoding="utf-8")
    again = shown(checkpoint(LEAVES), memory, NOW + 60)
    assert again.line != given_line.line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (checkpoint(LEAVES[:6]), "cut tail"),
        (checkpoint(FORKED[:7]), "fork"),
        (consistency(7, FORKED), "does not begin"),
        (checkpoint(LEAVES), "without a proof"),
        (consistency(6, LEAVES), "without a proof"),
        (checkpoint(LEAVES, LogKey("forger")), "the trust file pins"),
        (checkpoint(LEAVES, LogKey("honest", "other.example")), "unpinned"),
        (checkpoint(LEAVES[:7]).replace("log.example\n7", "log.example\n8"), "signature"),
        ("nothing", "no signed note"),
    ],
)
def test_it_refuses_what_does_not_extend_its_memory(tmp_path: Path, text: str, words: str) -> None:
    memory = tmp_path / "memory"
    shown(checkpoint(LEAVES[:7]), memory)
    before = memory.read_bytes()
    with pytest.raises(Fault, match=words):
        shown(text, memory)
    assert memory.read_bytes() == before


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 11), st.integers(0, 11)), max_size=12))
def test_no_order_of_requests_makes_it_sign_two_histories(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[bool, int, int]]
) -> None:
    memory = tmp_path_factory.mktemp("witness") / "memory"
    signed: list[tuple[int, bool]] = []
    for forked, old, size in asked:
        leaves = (FORKED if forked else LEAVES)[:size]
        text = consistency(old, leaves) if 0 < old <= size else checkpoint(leaves)
        try:
            shown(text, memory)
        except Fault:
            continue
        signed.append((size, forked))
    assert [size for size, _ in signed] == sorted(size for size, _ in signed)
    assert len({forked for size, forked in signed if size > 4}) <= 1


def test_the_memory_is_on_the_disk_before_the_signature_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory"
    shown(checkpoint(LEAVES[:5]), memory)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        shown(consistency(5, LEAVES), memory)
    last = remembered(memory)
    assert last is not None
    assert last.size == 5


def test_a_key_file_reads_back_and_a_garbled_one_does_not() -> None:
    assert WitnessKey.parse(KEY.text).vkey == KEY.vkey
    for text in ("", "PRIVATE+KEY+a+b", KEY.text.replace("w1", "w2"), LOG.vkey, KEY.vkey):
        with pytest.raises(Fault):
            WitnessKey.parse(text)
    with pytest.raises(Fault):
        WitnessKey("two words", bytes(32))


def countersigned_by(*keys: WitnessKey, at: int = NOW) -> str:
    note = checkpoint(LEAVES)
    return note + "".join(key.cosign(parse_note(note).text, at) for key in keys)


def test_a_reader_asks_for_as_many_of_its_witnesses_as_it_wants() -> None:
    two = f"{TRUST}{KEY.vkey}\n{OTHER.vkey}\n"
    assert "1 of 2" in told(check(countersigned_by(KEY), trust=two), "witnesses")
    for wanted, keys, code in ((1, (KEY,), 0), (2, (KEY,), 1), (2, (KEY, OTHER), 0), (1, (), 1)):
        report = check(countersigned_by(*keys), trust=f"{two}witnesses {wanted}\n")
        assert report.exit_code == code, report.lines()
    assert "2026-09-21T14:13:20Z" in told(check(countersigned_by(KEY), trust=two), "witnesses")


def test_a_wrong_line_of_a_pinned_witness_fails_and_others_are_told_as_unread() -> None:
    note = checkpoint(LEAVES)
    wrong = note + KEY.cosign("something else\n", NOW)
    assert check(wrong, trust=f"{TRUST}{KEY.vkey}\n").exit_code == 1
    report = check(wrong)
    assert report.exit_code == 0
    assert "not read: witness.example/w1" in told(report, "witnesses")


def test_one_key_under_two_names_counts_once() -> None:
    twice = WitnessKey("another.example", bytes(32))
    trust = f"{TRUST}{KEY.vkey}\n{twice.vkey}\n{OTHER.vkey}\nwitnesses 2\n"
    assert check(countersigned_by(KEY, twice), trust=trust).exit_code == 1
    assert check(countersigned_by(KEY, OTHER), trust=trust).exit_code == 0


@pytest.mark.parametrize(
    "line", ["witnesses 0", "witnesses many", "witnesses", "witnesses 2", "witnesses 999"]
)
def test_a_trust_file_that_asks_for_what_it_does_not_pin_gives_no_answer(line: str) -> None:
    assert check(countersigned_by(KEY), trust=f"{TRUST}{KEY.vkey}\n{line}\n").exit_code == 2


def test_another_implementation_reads_our_countersignatures() -> None:
    aics = pytest.importorskip("aics_tlog", reason="aics-tlog runs on Python 3.12 and later")
    note = aics.parse_note(countersigned_by(KEY, OTHER))
    pins = [aics.parse_vkey(key.vkey) for key in (KEY, OTHER)]
    found = aics.verify_checkpoint(note, aics.parse_vkey(LOG.vkey), pins, quorum=2)
    assert found.ok, found
    assert found.timestamps[KEY.verifier.name] == NOW
    ours = parse_checkpoint(parse_note(countersigned_by(KEY)).text)
    assert (found.size, found.root) == (ours.size, ours.root)
