"""Checks that statement or decision stand in the log, and that lines, totals and balances agree.

Sums are recomputed here; how a single amount follows from the agreement's formulas is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from verifier import canonical
from verifier.canonical import count_field, field, hex_field
from verifier.check_entries import contents
from verifier.evidence import Entry, Evidence, Statement, reached
from verifier.report import Check, Fault, listed, result
from verifier.tree import tree_root

_KEY = ("order", "line", "clause", "leg", "kind")


def check_statement_entry(evidence: Evidence) -> Iterator[Check]:
    """Check that an included `statement.issued` entry of this agreement holds exactly the statement."""
    if "statement.json" in evidence.bundle.parts:
        yield _stands_in_log(evidence, "statement-entry", "statement.json", "statement.issued")


def check_decision_entry(evidence: Evidence) -> Iterator[Check]:
    """Check that an included `dispute.decided` entry of this agreement holds exactly the decision."""
    if "decision.json" in evidence.bundle.parts:
        yield _stands_in_log(evidence, "decision-entry", "decision.json", "dispute.decided")


def _stands_in_log(evidence: Evidence, name: str, part: str, kind: str) -> Check:
    text = evidence.bundle.part(part)
    agreement = reached(evidence.agreement, "an agreement", "协议")
    for entry in reached(evidence.entries, "entries", "记录").values():
        ours = (entry.agreement or "").rpartition("@")[0] == agreement.id
        if entry.kind == kind and ours and text in entry.opened.values():
            return result(
                name, "holds", f"entry {entry.seq} is exactly this", f"与记录 {entry.seq} 完全一致", part
            )
    raise Fault(
        f"no '{kind}' entry of {agreement.id} shown here holds this",
        f"{agreement.id} 没有与此一致的 {kind} 记录",
    )


def check_lines(evidence: Evidence) -> Iterator[Check]:
    """Check that the lines are canonical, sorted, and as many and under the root as the statement says."""
    if "statement.json" not in evidence.bundle.parts:
        return
    content, count, root = _said(evidence.bundle.part("statement.json"))
    texts = evidence.bundle.part("lines.ndjson").split("\n")
    if texts.pop() != "":
        raise Fault("the last line has no newline", "末行缺少换行符")
    lines = []
    for number, text in enumerate(texts, start=1):
        try:
            lines.append(_line(text, content))
        except Fault as fault:
            raise Fault(f"line {number} {fault.en}", f"第 {number} 行:{fault.zh}") from fault
    for number, (before, after) in enumerate(pairwise(map(_key, lines)), start=2):
        if before >= after:
            raise Fault(
                f"line {number} is out of order or twice: {after}", f"第 {number} 行顺序有误或重复:{after}"
            )
    evidence.statement = Statement(content, lines)
    if len(lines) != count:
        raise Fault(
            f"{len(lines)} lines, the statement says {count}", f"共 {len(lines)} 行,结算单为 {count} 行"
        )
    if tree_root(text.encode() for text in texts) != root:
        raise Fault("the lines are not those under the statement's root", "明细与结算单所载的根不符")
    en, zh = f"{count} lines under the root {root.hex()}", f"{count} 行明细,根 {root.hex()}"
    yield result("lines", "holds", en, zh, "lines.ndjson")


def check_totals(evidence: Evidence) -> Iterator[Check]:
    """Check that the lines of each (clause, leg, kind) sum to its total, and that none lacks one."""
    if "statement.json" not in evidence.bundle.parts:
        return
    statement = reached(evidence.statement, "a statement with lines", "结算单及明细")
    sums: dict[tuple[str, ...], list[int]] = {}
    for line in statement.lines:
        total = sums.setdefault(tuple(line[name] for name in _KEY[2:]), [0, 0])
        total[0] += line["amount_minor"]
        total[1] += 1
    said: dict[tuple[str, ...], list[int]] = {}
    for row in field(statement.content, "totals", list):
        key = tuple(field(row, name, str) for name in _KEY[2:])
        if key in said:
            raise Fault(f"has two totals for {'/'.join(key)}", f"{'/'.join(key)} 出现两个合计")
        said[key] = [field(row, "amount_minor", int), count_field(row, "lines")]
    wrong = sorted(key for key in {*sums, *said} if sums.get(key) != said.get(key))
    if wrong:
        raise Fault(
            "the lines sum to (amount, lines), the statement says: "
            + listed(f"{'/'.join(key)} {sums.get(key)}, {said.get(key)}" for key in wrong),
            "明细合计(金额、行数)与结算单不符:"
            + listed(f"{'/'.join(key)} {sums.get(key)}、{said.get(key)}" for key in wrong),
        )
    yield result(
        "totals",
        "holds",
        f"{len(said)} totals equal their lines",
        f"{len(said)} 项合计与明细一致",
        "statement.json",
    )


def check_closing(evidence: Evidence) -> Iterator[Check]:
    """Check that opening, lines, dues and adjustments sum to the closing balance, in one currency."""
    if "statement.json" not in evidence.bundle.parts:
        return
    statement = reached(evidence.statement, "a statement with lines", "结算单及明细")
    agreement = reached(evidence.agreement, "an agreement", "协议")
    content = statement.content
    currency = field(content, "currency", str)
    if currency != agreement.currency:
        raise Fault(
            f"is in {currency}, the agreement in {agreement.currency}", f"币种 {currency} 与协议不一致"
        )
    opening, closing = field(content, "opening_minor", int), field(content, "closing_minor", int)
    lines = sum(line["amount_minor"] for line in statement.lines)
    adjustments = sum(field(one, "amount_minor", int) for one in field(content, "adjustments", list))
    dues, dues_en, dues_zh = 0, "", ""
    if "dues" in content:
        dues = sum(field(one, "amount_minor", int) for one in field(content, "dues", list))
        dues_en, dues_zh = f" + dues {dues}", f" + 另计款项 {dues}"
    en = (
        f"opening {opening} + lines {lines}{dues_en} + adjustments {adjustments}, closing {closing}"
        f" (minor {currency})"
    )
    zh = f"期初 {opening} + 明细 {lines}{dues_zh} + 调整 {adjustments},期末 {closing}({currency} 最小单位)"
    if opening + lines + dues + adjustments != closing:
        raise Fault(f"does not add up: {en}", f"不平:{zh}")
    yield result("closing", "holds", en, zh, "statement.json")


def check_cited(evidence: Evidence) -> Iterator[Check]:
    """Check that each included entry a line cites is of that order and line, unless its group is hidden."""
    if "statement.json" not in evidence.bundle.parts:
        return
    lines = reached(evidence.statement, "a statement with lines", "结算单及明细").lines
    entries = reached(evidence.entries, "entries", "记录")
    shown = {seq: _orders(entry) for seq, entry in entries.items()}
    hidden = {seq for seq, entry in entries.items() if not shown[seq] and (entry.erased or entry.withheld)}
    matched, absent = 0, 0
    for line in lines:
        for seq in line["entries"] if line["order"] else ():
            if seq not in entries or seq in hidden:
                absent += 1
            elif (line["order"], line["line"]) in shown[seq]:
                matched += 1
            else:
                raise Fault(
                    f"{_key(line)} cites entry {seq}, of {listed(map(str, shown[seq])) or 'no order'}",
                    f"{_key(line)} 所引记录 {seq} 并非该订单行",
                )
    en, zh = f"{matched} citations match their entries", f"{matched} 处引用与记录一致"
    if absent:
        en += f"; {absent} cite entries that this bundle does not show"
        zh += f";{absent} 处所引记录未随附"
    yield result("cited", "holds", en, zh, "lines.ndjson")


def _said(text: str) -> tuple[dict[str, Any], int, bytes]:
    """Return a statement's content, and the number and root of the lines that it says it has."""
    try:
        content = field(canonical.parse(text), "content", dict)
        lines = field(content, "lines", dict)
        return content, count_field(lines, "count"), hex_field(lines, "root", 32)
    except Fault as fault:
        raise Fault(fault.en, fault.zh, part="statement.json") from fault


def _line(text: str, content: dict[str, Any]) -> dict[str, Any]:
    line = canonical.parse(text)
    for name in _KEY:
        field(line, name, str)
    field(line, "amount_minor", int)
    if type(line.setdefault("version", 0)) is not int:
        raise Fault("has a version that is no number", "版本应为整数")
    cited = field(line, "entries", list)
    if not all(type(seq) is int for seq in cited) or cited != sorted(set(cited)):
        raise Fault("cites entries that are not ascending numbers", "所引记录应为升序的序号")
    if line.get("currency", content.get("currency")) != content.get("currency"):
        raise Fault("is in another currency than the statement", "币种与结算单不一致")
    return dict(line)


def _key(line: dict[str, Any]) -> tuple[Any, ...]:
    return (*(line[name] for name in _KEY), line["version"])


def _orders(entry: Entry) -> list[tuple[str, str]]:
    return [
        (content["order"], content["line"])
        for content in contents(entry)
        if isinstance(content, dict) and {"order", "line"} <= content.keys()
    ]
