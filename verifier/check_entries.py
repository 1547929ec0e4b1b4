"""Checks that the entries are in the log, and their shown groups those that the log committed to.

A group may be withheld from this reader or erased: neither changes a hash, and both are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from verifier import canonical
from verifier.canonical import count_field, field, hex_field, texts_field
from verifier.evidence import Agreement, Entry, Evidence, reached
from verifier.notes import Checkpoint, decode_base64
from verifier.report import Check, Fault, listed, result
from verifier.tree import leaf_hash, root_of_proof

LEAF_FORMAT = "tallystick/leaf/v1"
_COMMITMENT = b"tallystick/commitment/v1\x00"
_PART = "entries.json"


def check_entries(evidence: Evidence) -> Iterator[Check]:
    """Check that every entry is under the checkpoint's root, and every shown group the committed one."""
    records = canonical.parse(evidence.bundle.part(_PART))
    checkpoint = reached(evidence.checkpoint, "a checkpoint", "检查点")
    if not isinstance(records, list):
        raise Fault("is no list of entries", "不是记录列表")
    faults: dict[tuple[str, str], list[str]] = {}
    entries: dict[int, Entry] = {}
    last = -1
    for record in records:
        seq = count_field(record, "seq")
        if seq <= last:
            raise Fault(f"entry {seq} does not come after {last}", f"记录 {seq} 未按序排列")
        last = seq
        try:
            proof = [decode_base64(one) for one in texts_field(record, "proof")]
            entry = included_entry(field(record, "leaf", str), seq, proof, checkpoint)
            read_groups(entry, field(record, "groups", list))
            entries[seq] = entry
        except Fault as fault:
            faults.setdefault((fault.en, fault.zh), []).append(str(seq))
    evidence.entries = entries
    for (en, zh), seqs in faults.items():
        yield result("entries", "fails", f"entry {listed(seqs)}: {en}", f"记录 {listed(seqs)}:{zh}", _PART)
    if not faults:
        en, zh = f"{len(entries)} entries are in the log", f"{len(entries)} 条记录均在日志中"
        yield result("entries", "holds", en, zh, _PART)
    yield from told_groups(list(entries.values()))


def check_agreement_entry(evidence: Evidence) -> Iterator[Check]:
    """Check that an included `agreement.signed` entry names this version and the digest of its bytes."""
    agreement = reached(evidence.agreement, "an agreement", "协议")
    for entry in reached(evidence.entries, "entries", "记录").values():
        if entry.kind == "agreement.signed" and entry.agreement == agreement.ref and _names(entry, agreement):
            en, zh = f"entry {entry.seq} records the signing", f"记录 {entry.seq} 载明签署"
            yield result("agreement-entry", "holds", en, zh, _PART)
            return
    raise Fault(
        f"no entry shown here records the signing of {agreement.ref} with this SHA-256",
        f"没有载明 {agreement.ref} 及其摘要的签署记录",
    )


def check_registration(evidence: Evidence) -> Iterator[Check]:
    """Check what an included `agreement.registered` entry names; what a chain holds is told, not proved."""
    agreement = reached(evidence.agreement, "an agreement", "协议")
    for entry in reached(evidence.entries, "entries", "记录").values():
        if entry.kind != "agreement.registered" or entry.agreement != agreement.ref:
            continue
        for told in contents(entry):
            if not isinstance(told, dict) or not _names_this(told, agreement, evidence):
                raise Fault(
                    f"entry {entry.seq} registers another document, or elsewhere than was signed for",
                    f"记录 {entry.seq} 登记的并非本协议文本,或并非签署时所指的登记合约",
                )
            yield result("registration", "noted", *_where_registered(entry, told), _PART)


def _names_this(told: dict[str, Any], agreement: Agreement, evidence: Evidence) -> bool:
    signing = canonical.parse(evidence.bundle.part("signing.json"))
    wanted = {"chain_id": field(signing, "chain_id", int), "registry": field(signing, "registry", str)}
    return (wanted | {"version": agreement.version, "sha256": agreement.sha256}).items() <= told.items()


def _where_registered(entry: Entry, told: dict[str, Any]) -> tuple[str, str]:
    block, transaction = count_field(told, "block"), field(told, "transaction", str)
    chain_id, registry = count_field(told, "chain_id"), field(told, "registry", str)
    if field(told, "chain_kind", str) == "embedded":
        en = "the chain is the operator's own, so this is no evidence against the operator"
        zh = "该链由运营方自己运行,不构成对运营方的证据"
    else:
        en = f"look it up yourself: chain {chain_id}, registry {registry}, block {block}, {transaction}"
        zh = f"请自行查链:链 {chain_id},登记合约 {registry},区块 {block},交易 {transaction}"
    return f"entry {entry.seq} says it is registered; {en}", f"记录 {entry.seq} 载明已登记;{zh}"


def contents(entry: Entry) -> list[Any]:
    """Return the content of each shown group of an entry."""
    return [canonical.decode(text)["content"] for text in entry.opened.values()]


def _names(entry: Entry, agreement: Agreement) -> bool:
    wanted = {"version": agreement.version, "sha256": agreement.sha256}.items()
    return any(isinstance(content, dict) and wanted <= content.items() for content in contents(entry))


def included_entry(text: str, seq: int, proof: list[bytes], checkpoint: Checkpoint) -> Entry:
    """Return the entry of a leaf's text. Raises Fault unless the proof shows it to be entry `seq`."""
    entry = read_leaf(text, seq)
    if any(len(one) != 32 for one in proof):
        raise Fault("the proof holds a hash that is not 32 bytes", "包含证明中的哈希不是 32 字节")
    root = root_of_proof(leaf_hash(text.encode()), seq, checkpoint.size, proof)
    if root != checkpoint.root:
        raise Fault("the proof does not lead to the checkpoint's root", "包含证明得不到检查点的根")
    return entry


def read_leaf(text: str, seq: int) -> Entry:
    """Return the entry of a leaf's text. Raises Fault for another text than a leaf of that seq."""
    leaf = canonical.parse(text)
    known = field(leaf, "format", str)
    if known != LEAF_FORMAT:
        raise Fault(f"the leaf has the unknown format '{known}'", f"记录格式 {known} 未知")
    if count_field(leaf, "seq") != seq:
        raise Fault("the leaf is of another entry", "记录序号与内容不符")
    return Entry(
        seq=seq,
        kind=field(leaf, "kind", str),
        agreement=None if leaf.get("agreement") is None else field(leaf, "agreement", str),
        commitments=texts_field(leaf, "groups"),
        leaf=dict(leaf),
    )


def read_groups(entry: Entry, groups: list[Any]) -> None:
    """Take an entry's groups, shown, erased or withheld. Raises Fault for one not committed to."""
    if len(groups) != len(entry.commitments):
        raise Fault("the leaf commits to another number of groups", "披露组数目与记录不符")
    for position, group in enumerate(groups):
        if count_field(group, "position") != position:
            raise Fault("the groups are out of order", "披露组未按序排列")
        members = set(group) - {"position"}
        if members == {"salt", "opened"}:
            entry.opened[position] = _opened(group, position, entry.commitments[position])
        elif members == {"erased", "by_seq"} and group["erased"] is True:
            entry.erased[position] = count_field(group, "by_seq")
        elif members == {"withheld"} and group["withheld"] is True:
            entry.withheld.append(position)
        else:
            raise Fault(
                f"group {position} is neither shown, erased nor withheld", f"披露组 {position} 的状态不明"
            )


def _opened(group: Any, position: int, commitment: str) -> str:
    salt, text = hex_field(group, "salt", 32), field(group, "opened", str)
    if sha256(_COMMITMENT + salt + text.encode()).hexdigest() != commitment:
        raise Fault(
            f"group {position} is not what the log committed to", f"披露组 {position} 与日志中的承诺不符"
        )
    opened = canonical.parse(text)
    if not isinstance(opened, dict) or set(opened) != {"content", "name", "postings", "readers"}:
        raise Fault(f"group {position} has not the members of a group", f"披露组 {position} 的结构有误")
    return text


def told_groups(entries: list[Entry]) -> Iterator[Check]:
    """Say how many groups were shown, and name the others."""
    opened = sum(len(entry.opened) for entry in entries)
    en, zh = f"{opened} shown groups match their commitments", f"{opened} 个披露组与承诺一致"
    yield result("groups", "holds", en, zh, _PART)
    erased = [(entry.seq, at, by) for entry in entries for at, by in entry.erased.items()]
    if erased:
        en = listed(f"entry {seq} group {at} (said to be by entry {by})" for seq, at, by in erased)
        zh = listed(f"记录 {seq} 第 {at} 组(据称依记录 {by})" for seq, at, by in erased)
        yield result(
            "erased", "noted", f"erased, the proof holds without: {en}", f"已删除,证明仍成立:{zh}", _PART
        )
    withheld = [(entry.seq, at) for entry in entries for at in entry.withheld]
    if withheld:
        en = listed(f"entry {seq} group {at}" for seq, at in withheld)
        zh = listed(f"记录 {seq} 第 {at} 组" for seq, at in withheld)
        yield result("withheld", "noted", f"not shown to this reader: {en}", f"未向读者披露:{zh}", _PART)
