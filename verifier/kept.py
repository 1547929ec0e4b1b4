"""What a party kept or knows, held against a completeness proof: this finds what is hidden from it alone.

An earlier proof (its first line is enough), an evidence bundle that was given to the party, a checkpoint, or
a list of entries that must be there: a line an entry, its source, a tab, and its id.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from verifier import canonical
from verifier.bundle import parse_bundle
from verifier.check_log import check_kept, is_log_text, require_signed
from verifier.checks import verify
from verifier.notes import parse_checkpoint, parse_note
from verifier.place import Place, is_completeness, read_place, require_place
from verifier.report import Check, Fault, listed, result
from verifier.trust import Trust


class Known(Protocol):
    """One thing that the party has, told of each entry shown and then asked what it makes of them."""

    counts: frozenset[int]
    """At which numbers of entries it wants the root of the party's tree."""

    def see(self, seq: int, leaf: str) -> None:
        """Take note of an entry shown."""

    def check(self, roots: dict[int, bytes]) -> Iterator[Check]:
        """Yield what comes of it. Raises Fault."""


def known_of(data: bytes, place: Place, trust: str | None, pinned: Trust | None) -> Known:
    """Return what a file kept by the party is, told by what it holds."""
    if is_completeness(data):
        return _KeptProof(data, place, pinned)
    if is_log_text(data):
        return _KeptCheckpoint(data, place, pinned)
    if b"\t" in data.partition(b"\n")[0]:
        return _KnownEntries(data)
    return _KeptBundle(data, place, trust)


class _KeptProof:
    def __init__(self, data: bytes, now: Place, pinned: Trust | None) -> None:
        self._now, self._pinned = now, pinned
        self._then: Place | Fault
        try:
            self._then = read_place(data.partition(b"\n")[0])
            self.counts = frozenset({self._then.count})
        except Fault as fault:
            self._then, self.counts = fault, frozenset()

    def see(self, seq: int, leaf: str) -> None:
        """See Known: the root of the tree says it all."""

    def check(self, roots: dict[int, bytes]) -> Iterator[Check]:
        """Check that the proof begins with the entries of the earlier one, under the same salt."""
        now, then = self._now, self._require_sound()
        before, after = then.checkpoint, now.checkpoint
        if before.size > after.size:
            raise Fault(
                f"you were shown {before.size} entries of the log before, and now an older state of"
                f" {after.size}",
                f"您此前见过 {before.size} 条的日志,现在出示的是更早的 {after.size} 条",
            )
        if before.size == after.size and before != after:
            raise Fault(
                f"a fork: the log signed two states of {before.size} entries; keep both files, together they"
                " prove it",
                f"分叉:日志对 {before.size} 条记录签署了两种状态;请保存两份文件作为证据",
            )
        if then.salt != now.salt:
            raise Fault(
                "you stand under another salt than before: the map holds you twice, or the old place was"
                " dropped",
                "您的盐与此前不同:您被登记了两次,或原来的登记被丢弃",
            )
        if then.count > now.count:
            raise Fault(
                f"{then.count} entries concerned you before, and now {now.count} do",
                f"此前有 {then.count} 条与您有关,现在只有 {now.count} 条",
            )
        if roots.get(then.count) != then.root:
            raise Fault(
                f"the first {then.count} entries are not those of the proof that you kept",
                f"前 {then.count} 条与您保存的证明不同",
            )
        en = f"begins with the {then.count} entries of the proof that you kept"
        yield result("kept", "holds", en, f"以您保存的证明中的 {then.count} 条开头")

    def _require_sound(self) -> Place:
        try:
            return self._usable()
        except Fault as fault:
            raise Fault(
                f"the proof that you kept is of no use: {fault.en}",
                f"您保存的证明无法使用:{fault.zh}",
                unusable=True,
            ) from fault

    def _usable(self) -> Place:
        then, now = self._then, self._now
        if isinstance(then, Fault):
            raise then
        if then.party != now.party:
            raise Fault(f"it is of {then.party}", f"属于 {then.party}")
        if then.checkpoint.origin != now.checkpoint.origin:
            raise Fault("it is of another log", "属于另一个日志")
        require_signed(then.shown, self._pinned)
        require_place(then)
        return then


class _KeptCheckpoint:
    counts: frozenset[int] = frozenset()

    def __init__(self, data: bytes, now: Place, pinned: Trust | None) -> None:
        self._data, self._now, self._pinned = data, now, pinned

    def see(self, seq: int, leaf: str) -> None:
        """See Known: a checkpoint says nothing of single entries."""

    def check(self, roots: dict[int, bytes]) -> Iterator[Check]:
        """Check the proof's checkpoint against the one kept."""
        del roots
        yield from check_kept(self._data, self._now.shown, None, self._pinned)
        shown, kept = self._now.checkpoint, parse_checkpoint(parse_note(self._data.decode()).text)
        if kept.size == shown.size and kept != shown:
            raise Fault(
                f"a fork: the log signed two maps of its parties over {kept.size} entries; keep both files",
                f"分叉:日志对 {kept.size} 条记录签署了两份当事方信息;请保存两份文件",
            )


class _KnownEntries:
    counts: frozenset[int] = frozenset()

    def __init__(self, data: bytes) -> None:
        lines = data.decode("utf-8", "replace").splitlines()
        self._wanted = {tuple(line.partition("\t")[::2]) for line in lines if line}
        self._count = len(self._wanted)

    def see(self, seq: int, leaf: str) -> None:
        """Strike an entry off the list."""
        del seq
        said = canonical.decode(leaf)
        self._wanted.discard((str(said.get("source")), str(said.get("id"))))

    def check(self, roots: dict[int, bytes]) -> Iterator[Check]:
        """Check that every entry of the list is among those shown."""
        del roots
        if self._wanted:
            missing = listed(f"{source} {name}" for source, name in sorted(self._wanted))
            raise Fault(f"not among the entries shown: {missing}", f"所示记录中没有:{missing}")
        en, zh = (
            f"all {self._count} entries of your list are among them",
            f"您列出的 {self._count} 条都在其中",
        )
        yield result("kept", "holds", en, zh)


class _KeptBundle:
    counts: frozenset[int] = frozenset()

    def __init__(self, data: bytes, now: Place, trust: str | None) -> None:
        self._wanted: dict[int, str] = {}
        self._fault: Fault | None = None
        try:
            self._read(data, now, trust)
        except Fault as fault:
            self._fault = Fault(
                f"the bundle that you kept is of no use: {fault.en}",
                f"您保存的证据包无法使用:{fault.zh}",
                unusable=True,
            )
        self._count = len(self._wanted)

    def _read(self, data: bytes, now: Place, trust: str | None) -> None:
        if verify(data, trust).exit_code != 0:
            raise Fault("it does not verify by itself", "其本身未通过核验")
        bundle = parse_bundle(data)
        if parse_checkpoint(parse_note(bundle.part("checkpoint.txt")).text).origin != now.checkpoint.origin:
            raise Fault("it is of another log", "属于另一个日志")
        for record in canonical.parse(bundle.part("entries.json")):
            texts = [group["opened"] for group in record["groups"] if "opened" in group]
            readers = {reader for text in texts for reader in canonical.decode(text)["readers"]}
            if record["seq"] < now.checkpoint.size and now.party in readers:
                self._wanted[record["seq"]] = record["leaf"]

    def see(self, seq: int, leaf: str) -> None:
        """Strike an entry off, if it is the same."""
        if self._wanted.get(seq) == leaf:
            del self._wanted[seq]

    def check(self, roots: dict[int, bytes]) -> Iterator[Check]:
        """Check that every entry of the bundle that names the party is among those shown."""
        del roots
        if self._fault:
            raise self._fault
        if self._wanted:
            seqs = listed(str(seq) for seq in sorted(self._wanted))
            raise Fault(
                f"left out: entry {seqs} of the bundle that you kept names you as its reader",
                f"被遗漏:您保存的证据包中的记录 {seqs} 列您为读者",
            )
        en = f"all {self._count} entries of the bundle that name you are among them"
        yield result("kept", "holds", en, f"证据包中与您有关的 {self._count} 条都在其中")
