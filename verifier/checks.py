"""The checks of a bundle, in the order in which they run and are reported.

Each is a function from the evidence so far to results; a Fault ends it with one. No check goes online, and
none recomputes a split or a decision: that is the agreement language's work, not proof's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from verifier import canonical
from verifier.bundle import FORMAT, OPTIONAL, QUERY, REQUIRED, STATEMENT, parse_bundle
from verifier.check_agreement import check_agreement, check_signatures
from verifier.check_chain import check_chain, check_seals
from verifier.check_entries import check_agreement_entry, check_entries, check_registration
from verifier.check_query import check_answer, check_query_entry, check_rows
from verifier.check_settlement import check_settlement
from verifier.check_statement import (
    check_cited,
    check_closing,
    check_decision_entry,
    check_lines,
    check_statement_entry,
    check_totals,
)
from verifier.check_witnesses import check_witnesses
from verifier.evidence import Evidence, Manifest, reached
from verifier.notes import parse_checkpoint, parse_note
from verifier.report import Check, Fault, Report, result
from verifier.trust import read_trust, unpinned_log

_MANIFEST_LINE = re.compile(r"([0-9a-f]{64}) (0|[1-9][0-9]{0,15}) ([a-z.-]{1,64})")


def verify(bundle: bytes, trust: str | None, *, chain: Path | None = None) -> Report:
    """Verify a bundle's bytes against the text of a trust file; None if the reader gave none.

    `chain` is a copy of the operator's own chain, to be held against what the bundle says of it.

    Never raises for what the bundle or the trust file holds: whatever is wrong is a result.
    """
    pinned, trusted = read_trust(trust)
    checks = [trusted]
    try:
        evidence = Evidence(parse_bundle(bundle), pinned, chain)
    except Fault as fault:
        return Report((*checks, fault.as_check("file")))
    for name, part, check in CHECKS:
        try:
            for one in check(evidence):
                checks.append(one)  # noqa: PERF402 - what was found before a Fault must stay
        except Fault as fault:
            checks.append(fault.as_check(name, part))
    return Report(tuple(checks))


def check_file(evidence: Evidence) -> Iterator[Check]:
    """Check that the file's bytes are the canonical JSON of what they hold, and a newline."""
    if evidence.bundle.fault:
        raise evidence.bundle.fault
    yield result("file", "holds", f"canonical JSON, {FORMAT}", f"规范 JSON,{FORMAT}")


def check_manifest(evidence: Evidence) -> Iterator[Check]:
    """Check that every signature of the manifest is by a pinned key of the log that it names."""
    note = parse_note(evidence.bundle.manifest)
    head, origin, *lines = note.text.split("\n")
    rows = [_MANIFEST_LINE.fullmatch(line) for line in lines[:-1]]
    names = [row[3] for row in rows if row]
    if head != FORMAT or not origin or None in rows or names != sorted(set(names)):
        raise Fault(
            "the manifest does not read: format, log, then '<sha256> <bytes> <name>' sorted by name",
            "清单应依次为格式、日志名、按名排序的“摘要 字节数 名称”",
        )
    evidence.manifest = Manifest(origin, {row[3]: (row[1], int(row[2])) for row in rows if row})
    if evidence.trust is None:
        raise unpinned_log(note, origin)
    signed = evidence.trust.require_signed(note, origin, cosigners=False)
    yield result("manifest", "holds", f"signed by {signed}", f"由 {signed} 签名", "manifest")


def check_parts(evidence: Evidence) -> Iterator[Check]:
    """Check that parts and manifest are the same names, digests and lengths, and each a known part."""
    listed = reached(evidence.manifest, "a manifest", "清单").parts
    given = {name: text.encode() for name, text in evidence.bundle.parts.items()}
    names = sorted({*listed, *given, *REQUIRED})
    faults = {name: _part_fault(name, given.get(name), listed.get(name)) for name in names}
    yield from (fault.as_check("parts", name) for name, fault in faults.items() if fault)
    if len(given.keys() & set(STATEMENT)) == 1:
        raise Fault("statement.json and lines.ndjson come together or not at all", "结算单与明细须同时提供")
    if len(given.keys() & set(QUERY)) not in {0, len(QUERY)}:
        raise Fault(f"{', '.join(QUERY)} come together or not at all", "查询的各部分须同时提供")
    if not any(faults.values()):
        en, zh = f"{len(given)} parts equal the manifest", f"{len(given)} 个部分与清单一致"
        yield result("parts", "holds", en, zh)


def _part_fault(name: str, data: bytes | None, row: tuple[str, int] | None) -> Fault | None:
    if data is None:
        return Fault("the part is missing", "缺少该部分")
    if row is None:
        return Fault("the part is extra: the manifest does not name it", "清单中没有该部分")
    if name not in REQUIRED + OPTIONAL:
        return Fault(f"{FORMAT} knows no such part", "格式中没有该部分")
    if len(data) != row[1]:
        return Fault(
            f"has {len(data)} bytes, the manifest says {row[1]}", f"长 {len(data)} 字节,清单为 {row[1]}"
        )
    digest = sha256(data).hexdigest()
    if digest != row[0]:
        return Fault(
            f"altered: SHA-256 {digest}, the manifest says {row[0]}", f"被改动:摘要 {digest},清单为 {row[0]}"
        )
    return None


def check_checkpoint(evidence: Evidence) -> Iterator[Check]:
    """Check that the checkpoint is of the log that signed the manifest, and signed by its pinned key."""
    note = parse_note(evidence.bundle.part("checkpoint.txt"))
    checkpoint = parse_checkpoint(note.text)
    evidence.checkpoint = checkpoint
    origin = reached(evidence.manifest, "a manifest", "清单").origin
    if checkpoint.origin != origin:
        raise Fault(
            f"is of the log '{checkpoint.origin}', not '{origin}'",
            f"属于日志 {checkpoint.origin},而非 {origin}",
        )
    if evidence.trust is None:
        raise unpinned_log(note, origin)
    signed = evidence.trust.require_signed(note, origin, cosigners=True)
    size, root = checkpoint.size, checkpoint.root.hex()
    en, zh = f"{size} entries, root {root}, signed by {signed}", f"{size} 条记录,根 {root},由 {signed} 签名"
    yield result("checkpoint", "holds", en, zh, "checkpoint.txt")
    yield from check_witnesses(note, origin, evidence.trust, "checkpoint.txt")


def check_anchor(evidence: Evidence) -> Iterator[Check]:
    """Check that an anchor of the checkpoint's size has its root; what a chain holds is told, not proved."""
    if "anchor.json" not in evidence.bundle.parts:
        return
    anchor = canonical.parse(evidence.bundle.part("anchor.json"))
    checkpoint = reached(evidence.checkpoint, "a checkpoint", "检查点")
    size, root = canonical.count_field(anchor, "size"), canonical.hex_field(anchor, "root", 32)
    chain = canonical.field(anchor, "chain", dict)
    kind, chain_id = canonical.field(chain, "kind", str), canonical.count_field(chain, "chain_id")
    contract, transaction = (canonical.field(anchor, name, str) for name in ("contract", "transaction"))
    block = canonical.count_field(anchor, "block")
    if kind not in {"embedded", "rpc"}:
        raise Fault(f"knows no chain of kind '{kind}'", f"未知的链类型 {kind}")
    if size == checkpoint.size and root != checkpoint.root:
        raise Fault("has the checkpoint's size but another root", "条数与检查点相同而根不同")
    same = size == checkpoint.size
    en = "the checkpoint's size and root" if same else f"another size, {size}: not compared"
    zh = "条数与根同检查点" if same else f"条数为 {size},与检查点不同,未比较"
    if kind == "embedded":
        en += "; the chain is the operator's own, so this is no evidence against the operator"
        zh += ";该链由运营方自己运行,不构成对运营方的证据"
    else:
        en += f"; look it up yourself: chain {chain_id}, contract {contract}, block {block}, {transaction}"
        zh += f";请自行查链:链 {chain_id},合约 {contract},区块 {block},交易 {transaction}"
    yield result("anchor", "noted", en, zh, "anchor.json")


CHECKS: tuple[tuple[str, str | None, Callable[[Evidence], Iterator[Check]]], ...] = (
    ("file", None, check_file),
    ("manifest", "manifest", check_manifest),
    ("parts", None, check_parts),
    ("checkpoint", "checkpoint.txt", check_checkpoint),
    ("agreement", "agreement.json", check_agreement),
    ("signatures", "signing.json", check_signatures),
    ("entries", "entries.json", check_entries),
    ("agreement-entry", "entries.json", check_agreement_entry),
    ("registration", "entries.json", check_registration),
    ("statement-entry", "statement.json", check_statement_entry),
    ("lines", "lines.ndjson", check_lines),
    ("totals", "statement.json", check_totals),
    ("closing", "statement.json", check_closing),
    ("cited", "lines.ndjson", check_cited),
    ("decision-entry", "decision.json", check_decision_entry),
    ("settlement", "decision.json", check_settlement),
    ("query-entry", "query.json", check_query_entry),
    ("answer", "answer.ndjson", check_answer),
    ("rows", "answer.ndjson", check_rows),
    ("anchor", "anchor.json", check_anchor),
    ("sealed", "entries.json", check_seals),
    ("chain", None, check_chain),
)
"""Name, the part it is about unless a result says otherwise, and the check."""
