"""Checks of what a log hands out on its own: a checkpoint, the proof of one entry, a proof of consistency.

And against what the reader kept: a checkpoint kept earlier, or by somebody else, shows a cut tail, a fork
and a rewritten past, whatever the log shows now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier import canonical
from verifier.check_entries import included_entry, read_groups, told_groups
from verifier.check_witnesses import check_witnesses
from verifier.notes import Checkpoint, Note, parse_checkpoint, parse_note
from verifier.proof_text import (
    ConsistencyText,
    InclusionText,
    is_consistency,
    is_inclusion,
    parse_consistency,
    parse_inclusion,
)
from verifier.report import Check, Fault, Report, result
from verifier.tree import require_extension
from verifier.trust import Trust, read_trust, unpinned_log

ENTRY_FORMAT = "tallystick/entry/v1"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint with the note that it was read from."""

    checkpoint: Checkpoint
    note: Note


def is_log_text(data: bytes) -> bool:
    """Tell whether a file is one of those checked here, rather than a bundle."""
    text = data.decode("utf-8", "replace")
    return is_inclusion(text) or is_consistency(text) or (not text.startswith("{") and "\n\n— " in text)


def verify_log_text(
    data: bytes, trust: str | None, *, leaf: bytes | None = None, kept: Sequence[bytes] = ()
) -> Report:
    """Verify a checkpoint, a tlog-proof or a consistency proof against a trust file and kept checkpoints.

    `leaf` is the entry's leaf, where the reader has it from elsewhere. Never raises for what the files hold.
    """
    pinned, trusted = read_trust(trust)
    checks = [trusted]
    try:
        text = _text(data)
        proof = _proof(text)
        shown = signed_of(text if proof is None else proof.note)
    except Fault as fault:
        unreadable = Fault(
            f"no checkpoint and no proof: {fault.en}", f"不是检查点或证明:{fault.zh}", unusable=True
        )
        return Report((*checks, unreadable.as_check("file")))
    steps: list[tuple[str, Iterator[Check]]] = [("checkpoint", _check_signed(shown, pinned))]
    if isinstance(proof, InclusionText):
        steps.append(("entry", _check_entry(proof, shown, leaf)))
    if isinstance(proof, ConsistencyText) and not kept:
        steps.append(("kept", _nothing_kept(proof)))
    consistency = proof if isinstance(proof, ConsistencyText) else None
    steps += [("kept", check_kept(one, shown, consistency, pinned)) for one in kept]
    for name, step in steps:
        try:
            for one in step:
                checks.append(one)  # noqa: PERF402 - what was found before a Fault must stay
        except Fault as fault:
            checks.append(fault.as_check(name))
    return Report(tuple(checks))


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as fault:
        raise Fault("is not UTF-8", "不是 UTF-8") from fault


def _proof(text: str) -> InclusionText | ConsistencyText | None:
    if is_inclusion(text):
        return parse_inclusion(text)
    return parse_consistency(text) if is_consistency(text) else None


def signed_of(text: str) -> Signed:
    """Read a checkpoint's note, its signatures unverified. Raises Fault."""
    note = parse_note(text)
    return Signed(parse_checkpoint(note.text), note)


def _check_signed(shown: Signed, trust: Trust | None) -> Iterator[Check]:
    checkpoint = shown.checkpoint
    signed = require_signed(shown, trust)
    size, root = checkpoint.size, checkpoint.root.hex()
    en, zh = f"{size} entries, root {root}, signed by {signed}", f"{size} 条记录,根 {root},由 {signed} 签名"
    yield result("checkpoint", "holds", en, zh)
    yield from check_witnesses(shown.note, checkpoint.origin, trust)


def require_signed(shown: Signed, trust: Trust | None) -> str:
    """Return the labels of the pinned keys of its log that signed a checkpoint. Raises Fault if none did."""
    origin = shown.checkpoint.origin
    if trust is None:
        raise unpinned_log(shown.note, origin)
    return trust.require_signed(shown.note, origin, cosigners=True)


def _check_entry(proof: InclusionText, shown: Signed, leaf: bytes | None) -> Iterator[Check]:
    held = None if leaf is None else _text(leaf.removesuffix(b"\n"))
    given, groups = (held, None) if proof.extra is None else _record(proof.extra)
    if held is not None and given != held:
        raise Fault("the leaf in the proof is not the one you hold", "证明中的记录与您手中的不同")
    if given is None:
        raise Fault(
            "the proof holds no leaf: give the one you hold with --leaf",
            "证明中没有记录:请用 --leaf 提供",
            unusable=True,
        )
    entry = included_entry(given, proof.index, proof.hashes, shown.checkpoint)
    said = canonical.decode(given)
    names = ("kind", "agreement", "source", "id", "asserter", "occurred_at", "recorded_at")
    told = ", ".join(f"{name} {said.get(name)}" for name in names)
    yield result("entry", "holds", f"entry {entry.seq}: {told}", f"记录 {entry.seq}:{told}")
    if groups is None:
        return
    read_groups(entry, groups)
    yield from told_groups([entry])
    for position, text in entry.opened.items():
        yield result("shown", "noted", f"group {position}: {text}", f"第 {position} 组:{text}")


def _record(extra: bytes) -> tuple[str, list[object]]:
    record = canonical.parse(_text(extra))
    known = canonical.field(record, "format", str)
    if known != ENTRY_FORMAT:
        raise Fault(f"the extra line has the unknown format '{known}'", f"附加数据的格式 {known} 未知")
    return canonical.field(record, "leaf", str), canonical.field(record, "groups", list)


def _nothing_kept(proof: ConsistencyText) -> Iterator[Check]:
    yield result(
        "kept",
        "unusable",
        f"compared with nothing: give the checkpoint of {proof.old} entries that you kept with --kept",
        f"没有可比较的检查点:请用 --kept 提供您保存的 {proof.old} 条的检查点",
    )


def check_kept(
    data: bytes, shown: Signed, proof: ConsistencyText | None, trust: Trust | None
) -> Iterator[Check]:
    """Hold a kept checkpoint against the one shown. What it says counts only if the log's key signed it."""
    try:
        kept = signed_of(_text(data))
    except Fault as fault:
        raise Fault(
            f"what you kept is no checkpoint: it {fault.en}", f"您保存的不是检查点:{fault.zh}", unusable=True
        ) from fault
    then, now = kept.checkpoint, shown.checkpoint
    if then.origin != now.origin:
        raise Fault(
            f"what you kept is of the log '{then.origin}', not '{now.origin}'",
            f"您保存的检查点属于日志 {then.origin},而非 {now.origin}",
            unusable=True,
        )
    require_signed(kept, trust)
    if then.size > now.size:
        raise Fault(
            f"the tail is cut: the log signed for {then.size} entries and shows {now.size}"
            " (or you were shown an old checkpoint)",
            f"尾部被截断:日志曾签署 {then.size} 条,现仅出示 {now.size} 条(或出示了旧检查点)",
        )
    if then.size == now.size:
        _require_one_root(then, now)
        yield from _missing_signatures(kept, shown, trust)
        yield result("kept", "holds", f"the one kept, of {then.size} entries", f"与保存的 {then.size} 条相同")
        return
    yield _extended(then, now, proof)


def _require_one_root(then: Checkpoint, now: Checkpoint) -> None:
    if then.root != now.root:
        raise Fault(
            f"a fork: the log signed two roots of {then.size} entries, {then.root.hex()} and"
            f" {now.root.hex()}; keep both files, together they prove it",
            f"分叉:日志对 {then.size} 条记录签署了两个根 {then.root.hex()} 与 {now.root.hex()};"
            "请保存两份文件作为证据",
        )


def _missing_signatures(kept: Signed, shown: Signed, trust: Trust | None) -> Iterator[Check]:
    """Name the witnesses who signed what was kept and not what is shown; only of those pinned is it a fault.

    Anybody can write a line under a note: that of a witness who is not pinned proves nothing.
    """
    there = {one.label for one in shown.note.signatures}
    pinned = {key.label: key for key in trust.witnesses} if trust else {}
    for one in kept.note.signatures:
        if one.label in there or one.name == kept.checkpoint.origin:
            continue
        key = pinned.get(one.label)
        missed = key is not None and key.verifies(kept.note.text, one.signature)
        en = f"does not show the signature of {one.label}, which the one you kept bears"
        zh = f"未出示 {one.label} 的签名,而您保存的检查点有"
        if not missed:
            en, zh = f"{en} (not pinned, or wrong: not counted)", f"{zh}(未固定或有误,不计)"
        yield result("kept", "fails" if missed else "noted", en, zh)


def _extended(then: Checkpoint, now: Checkpoint, proof: ConsistencyText | None) -> Check:
    if then.size and (proof is None or proof.old != then.size):
        return result(
            "kept",
            "unusable",
            f"no proof from {then.size} to {now.size} entries is here: ask the log for one",
            f"缺少从 {then.size} 条到 {now.size} 条的一致性证明:请向日志索取",
        )
    hashes = proof.hashes if proof is not None and then.size else []
    try:
        require_extension(then.size, then.root, now.size, now.root, hashes)
    except Fault as fault:
        raise Fault(
            f"a rewritten past, or a wrong proof: the {now.size} entries are not shown to begin with the"
            f" {then.size} that you kept ({fault.en})",
            f"过去被改写或证明有误:未能证明 {now.size} 条以您保存的 {then.size} 条开头({fault.zh})",
        ) from fault
    en = f"the {now.size} entries begin with the {then.size} that you kept"
    return result("kept", "holds", en, f"{now.size} 条记录以您保存的 {then.size} 条开头")
