"""Following a log from the key that the reader pinned to those that replaced it, by statements of both keys.

A statement is a note whose text is the format, the log's name, the old key and the new. Whoever holds an old
key can name a successor: a reader who hears that a key was stolen pins the new one instead, and follows
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from verifier.notes import ED25519, Vkey, parse_note, parse_vkey
from verifier.report import Check, Fault, result
from verifier.trust import Trust, parse_trust

FORMAT = "tallystick/key-rotation/v1"


def follow_rotations(trust: str | None, rotations: Sequence[str]) -> tuple[str | None, list[Check]]:
    """Return a trust file's text with a pin for every key that statements lead to, and a check for each.

    A trust file that does not read is returned as it is: there is nothing to follow from.
    """
    checks: list[Check] = []
    if trust is None or not rotations:
        return trust, checks
    try:
        pinned = set(parse_trust(trust).log_keys)
    except Fault:
        return trust, checks
    for text in rotations:
        statements = list(_statements(text))
        if not statements:
            en, zh = "holds no statement of a key's rotation", "没有密钥轮换声明"
            checks.append(result("rotation", "unusable", en, zh))
        for statement in statements:
            try:
                old, new, vkey = _read(statement)
            except Fault as fault:
                checks.append(fault.as_check("rotation"))
                continue
            checks.append(_told(old, new, followed=old in pinned))
            if old in pinned and new not in pinned:
                pinned.add(new)
                trust = f"{trust}\n{vkey}\n"
    return trust, checks


def pins_followed(trust: str, rotations: Sequence[str]) -> Trust:
    """Return what a trust file pins, and every key that statements lead to from there.

    Raises Fault for a trust file that does not read, and for a statement that does not hold.
    """
    followed, checks = follow_rotations(trust, rotations)
    for check in checks:
        if check.status in {"fails", "unusable"}:
            raise Fault(check.detail, check.detail_zh, unusable=check.status == "unusable")
    return parse_trust(followed or "")


def _statements(text: str) -> Iterator[str]:
    starts = [found.start() for found in re.finditer(f"(?m)^{re.escape(FORMAT)}$", text)]
    ends = [*starts[1:], len(text)]
    yield from (text[at:end] for at, end in zip(starts, ends, strict=False))


def _read(statement: str) -> tuple[Vkey, Vkey, str]:
    """Return the old key, the new, and the new as its text. Raises Fault unless both signed."""
    note = parse_note(statement)
    lines = note.text.split("\n")
    if len(lines) != 5:
        raise Fault("does not read format, log, old key, new key", "应依次为格式、日志名、旧公钥、新公钥")
    old, new = parse_vkey(lines[2]), parse_vkey(lines[3])
    if {old.name, new.name} != {lines[1]} or {old.kind, new.kind} != {ED25519} or old.public == new.public:
        raise Fault("does not name two keys of one log", "未指明同一日志的两个公钥")
    by = {signature.label: signature.signature for signature in note.signatures}
    for key in (old, new):
        if key.label not in by or not key.verifies(note.text, by[key.label]):
            raise Fault(f"is not signed by {key.label}", f"没有 {key.label} 的有效签名")
    return old, new, lines[3]


def _told(old: Vkey, new: Vkey, *, followed: bool) -> Check:
    if followed:
        return result(
            "rotation", "holds", f"{old.label} names {new.label}", f"{old.label} 指定 {new.label} 接替"
        )
    en = f"{old.label}, which {new.label} replaces, is not pinned: not followed"
    return result("rotation", "noted", en, f"旧公钥 {old.label} 未固定,不予采信")
