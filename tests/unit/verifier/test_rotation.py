"""Following a log's key by statements of the old and the new: from a pinned key, and from no other."""

from __future__ import annotations

import pytest

from tests.unit.verifier.bundle_maker import LogKey
from tests.unit.verifier.test_log_texts import LEAVES, checkpoint
from verifier.files import verify_file
from verifier.report import Fault, Report
from verifier.rotation import pins_followed

FIRST, SECOND, THIRD = LogKey("honest"), LogKey("second"), LogKey("third")


def statement(old: LogKey, new: LogKey, *by: LogKey, origin: str = "log.example") -> str:
    text = f"tallystick/key-rotation/v1\n{origin}\n{old.vkey}\n{new.vkey}\n"
    return "".join([text, "\n", *(key.line(text) for key in by or (old, new))])


def check(signer: LogKey, *rotations: str, trust: str | None = FIRST.vkey) -> Report:
    return verify_file(checkpoint(LEAVES, signer).encode(), trust, rotations=rotations)


def test_a_reader_follows_from_the_pinned_key_to_the_present_one() -> None:
    assert check(SECOND).exit_code == 1
    assert check(SECOND, statement(FIRST, SECOND)).exit_code == 0
    both = statement(FIRST, SECOND) + statement(SECOND, THIRD)
    assert check(THIRD, both).exit_code == 0
    assert check(THIRD, statement(FIRST, SECOND), statement(SECOND, THIRD)).exit_code == 0
    assert check(FIRST, both).exit_code == 0, "what was made before still verifies"


def test_nothing_is_followed_from_a_key_that_is_not_pinned() -> None:
    assert check(THIRD, statement(SECOND, THIRD)).exit_code == 1
    assert check(SECOND, statement(FIRST, SECOND), trust=None).exit_code == 2
    assert check(SECOND, statement(FIRST, SECOND), trust="# nothing\n").exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        statement(FIRST, SECOND, FIRST),
        statement(FIRST, SECOND, SECOND),
        statement(FIRST, SECOND, SECOND, THIRD),
        statement(FIRST, FIRST, FIRST),
        statement(FIRST, SECOND, origin="other.example"),
        statement(FIRST, LogKey("honest", "other.example")),
        statement(FIRST, SECOND).replace("v1\n", "v1\nmore\n"),
    ],
)
def test_a_statement_that_not_both_keys_signed_fails(text: str) -> None:
    assert check(SECOND, text).exit_code == 1
    assert "rotation" in {one.name for one in check(FIRST, text).checks if one.ok is False}


def test_a_file_without_a_statement_gives_no_answer() -> None:
    assert check(FIRST, "nothing\n").exit_code == 2


def test_pins_follow_what_holds_and_refuse_what_does_not() -> None:
    both = [statement(FIRST, SECOND), statement(SECOND, THIRD)]
    assert [key.label for key in pins_followed(FIRST.vkey, both).log_keys] == [
        "+".join(key.vkey.split("+")[:2]) for key in (FIRST, SECOND, THIRD)
    ]
    assert len(pins_followed(FIRST.vkey, both[1:]).log_keys) == 1, "nothing leads there"
    for trust, rotation, unusable in (
        (FIRST.vkey, statement(FIRST, SECOND, SECOND), False),
        (FIRST.vkey, "nothing\n", True),
        ("# nothing\n", both[0], True),
    ):
        with pytest.raises(Fault) as refused:
            pins_followed(trust, [rotation])
        assert refused.value.unusable is unusable
