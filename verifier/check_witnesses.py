"""Whether the witnesses that the reader pinned have countersigned a checkpoint, and when.

A witness says that the checkpoint extends every one it saw before. Several of them, whom the operator does
not run, make it hard to show two parties two histories. Whom to ask for is the reader's to say, in the trust
file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from verifier.notes import Note, signed_at
from verifier.report import Check, Fault, listed, result
from verifier.trust import Trust


def check_witnesses(note: Note, origin: str, trust: Trust | None, part: str | None = None) -> Iterator[Check]:
    """Check that as many pinned witnesses as asked for signed, and that none of their lines is wrong.

    Says nothing where nobody is pinned and nobody signed.
    """
    if trust is None:
        return
    pinned = {key.label: key for key in trust.witnesses}
    signed: dict[bytes, str] = {}
    for one in note.signatures:
        key = pinned.get(one.label)
        if key is None:
            continue
        if not key.verifies(note.text, one.signature):
            raise Fault(f"the signature of {key.label} is wrong", f"{key.label} 的签名不符", part=part)
        at = datetime.fromtimestamp(min(signed_at(one.signature), 253_402_300_799), UTC)
        signed[key.public] = f"{key.name} at {at:%Y-%m-%dT%H:%M:%SZ}"  # a key counts once, whatever its names
    others = [one.label for one in note.signatures if one.label not in pinned and one.name != origin]
    if trust.witnesses or others:
        yield _told(list(signed.values()), others, trust, part)


def _told(signed: list[str], others: list[str], trust: Trust, part: str | None) -> Check:
    en = f"{len(signed)} of {len(trust.witnesses)} pinned witnesses countersigned"
    zh = f"固定的 {len(trust.witnesses)} 个见证人中 {len(signed)} 个已副署"
    if signed:
        en, zh = f"{en}: {listed(signed)}", f"{zh}:{listed(signed)}"
    if others:
        en, zh = f"{en}; not pinned, so not read: {listed(others)}", f"{zh};未固定,不计:{listed(others)}"
    if len(signed) < trust.witnesses_min:
        en, zh = (
            f"{en}; the trust file asks for {trust.witnesses_min}",
            f"{zh};信任文件要求 {trust.witnesses_min} 个",
        )
        return result("witnesses", "fails", en, zh, part)
    return result("witnesses", "holds" if trust.witnesses_min else "noted", en, zh, part)
