"""Checks of a party's proof that it was shown all of its entries up to a checkpoint, and of what it kept.

The file is read once, a line an entry, so that its length does not matter. What ties it together: the
party's salt and name give its place in the map that the checkpoint signs; the map says how many entries it
has and the root of the tree over them; the entries give that root; and put together with the roots of what
lies between them, they give the root of the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from verifier import canonical
from verifier.check_entries import read_groups, read_leaf, told_groups
from verifier.check_log import require_signed
from verifier.check_witnesses import check_witnesses
from verifier.evidence import Entry
from verifier.kept import Known, known_of
from verifier.place import Place, hashes_field, read_place, require_place, text_of
from verifier.report import Check, Fault, Report, listed, result
from verifier.tree import Growing, leaf_hash
from verifier.trust import Trust, read_trust


@dataclass(slots=True)
class Read:
    """What the lines after the first gave."""

    entries: list[Entry] = field(default_factory=list)
    faults: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    """The root of the party's tree at each count that a check will ask for."""
    log: Growing = field(default_factory=Growing)
    own: Growing = field(default_factory=Growing)


def verify_completeness(data: bytes, trust: str | None, *, kept: Sequence[bytes] = ()) -> Report:
    """Verify a completeness proof against a trust file, and against what the party kept or knows.

    Each of `kept` is an earlier proof, an evidence bundle given to the party, a checkpoint, or a list of
    entries that must be there (see kept.py). Never raises for what the files hold.
    """
    pinned, trusted = read_trust(trust)
    checks = [trusted]
    try:
        place = read_place(data.partition(b"\n")[0])
    except Fault as fault:
        unreadable = Fault(f"no completeness proof: {fault.en}", f"不是完整性证明:{fault.zh}", unusable=True)
        return Report((*checks, unreadable.as_check("file")))
    read = Read()
    known = [known_of(one, place, trust, pinned) for one in kept]
    steps: list[tuple[str, Iterator[Check]]] = [
        ("checkpoint", _check_signed(place, pinned)),
        ("party", _check_place(place)),
        ("entries", _check_entries(data, place, known, read)),
        ("all", _check_all(place, read)),
        *(("kept", one.check(read.roots)) for one in known),
    ]
    for name, step in steps:
        try:
            for one in step:
                checks.append(one)  # noqa: PERF402 - what was found before a Fault must stay
        except Fault as fault:
            checks.append(fault.as_check(name))
    return Report(tuple(checks))


def _check_signed(place: Place, trust: Trust | None) -> Iterator[Check]:
    signed = require_signed(place.shown, trust)
    size, root = place.checkpoint.size, place.checkpoint.root.hex()
    en, zh = f"{size} entries, root {root}, signed by {signed}", f"{size} 条记录,根 {root},由 {signed} 签名"
    yield result("checkpoint", "holds", en, zh)
    yield from check_witnesses(place.shown.note, place.checkpoint.origin, trust)


def _check_place(place: Place) -> Iterator[Check]:
    require_place(place)
    en = f"the checkpoint signs that {place.count} entries concern {place.party}"
    yield result("party", "holds", en, f"检查点载明与 {place.party} 有关的记录共 {place.count} 条")


def _check_entries(data: bytes, place: Place, known: Sequence[Known], read: Read) -> Iterator[Check]:
    """Read every line after the first; check that each entry is in the log, where it says, and its groups."""
    lines = iter(BytesIO(data))
    next(lines)
    wanted = {count for one in known for count in one.counts}
    ended = False
    for number, line in enumerate(lines, 2):
        if ended or not line.endswith(b"\n"):
            raise Fault(f"line {number} is cut off or comes after the end", f"第 {number} 行被截断或多余")
        record = canonical.parse(text_of(line[:-1]))
        if isinstance(record, dict) and set(record) == {"after"}:
            read.log.skip_to(place.checkpoint.size, hashes_field(record, "after"))
            ended = True
            continue
        leaf = _read_entry(record, read)
        for one in known:
            one.see(record["seq"], leaf)
        if read.own.size in wanted:
            read.roots[read.own.size] = read.own.root()
    if not ended:
        raise Fault("the last line is missing", "缺少最后一行")
    if read.log.root() != place.checkpoint.root:
        raise Fault(
            "an entry shown is not the one in the log: together they do not give the checkpoint's root",
            "所示记录与日志不符:合起来得不到检查点的根",
        )
    for (en, zh), seqs in read.faults.items():
        yield result("entries", "fails", f"entry {listed(seqs)}: {en}", f"记录 {listed(seqs)}:{zh}")
    if not read.faults:
        en, zh = f"{len(read.entries)} entries are in the log", f"{len(read.entries)} 条记录均在日志中"
        yield result("entries", "holds", en, zh)
    yield from told_groups(read.entries)


def _read_entry(record: Any, read: Read) -> str:
    """Take one entry into the log and into the party's tree; return its leaf."""
    seq, text = canonical.count_field(record, "seq"), canonical.field(record, "leaf", str)
    if seq < read.log.size:
        raise Fault(f"entry {seq} does not come after the one before", f"记录 {seq} 未按序排列")
    entry = read_leaf(text, seq)
    try:
        read.log.skip_to(seq, hashes_field(record, "before"))
    except Fault as fault:
        raise Fault(f"entry {seq}: {fault.en}", f"记录 {seq}:{fault.zh}") from fault
    hashed = leaf_hash(text.encode())
    read.log.append(hashed)
    read.own.append(hashed)
    try:
        read_groups(entry, canonical.field(record, "groups", list))
    except Fault as fault:
        read.faults.setdefault((fault.en, fault.zh), []).append(str(seq))
    entry.opened = dict.fromkeys(entry.opened, "")  # the texts are checked; a large file need not stay
    read.entries.append(entry)
    return text


def _check_all(place: Place, read: Read) -> Iterator[Check]:
    """Check that the entries shown are all those that the checkpoint signs for the party, and no others."""
    if read.own.size != place.count:
        raise Fault(
            f"{read.own.size} entries are shown where {place.count} are signed for",
            f"出示 {read.own.size} 条,而签署的是 {place.count} 条",
        )
    if read.own.root() != place.root:
        raise Fault(
            "the entries shown are not those signed for: one is another's, or one is left out",
            "所示记录与签署的不符:混入了他人的记录,或遗漏了您的记录",
        )
    en = f"these are all entries that concern {place.party} up to entry {place.checkpoint.size - 1}"
    zh = f"截至第 {place.checkpoint.size - 1} 条,与 {place.party} 有关的记录完整无缺"
    yield result("all", "holds", en, zh)
