"""Checks that a saved query stands in the log, and that each row of its answer is what the entries say.

Rows are copied out of entries; they are copied out again here. What proofs cannot show is that nothing else
met the question: for that it is run again, by whoever may, over the same number of entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from verifier import canonical
from verifier.canonical import count_field, field, hex_field
from verifier.evidence import Entry, Evidence, reached
from verifier.report import Check, Fault, listed, result

_EVENTS = {
    "sale.recorded": "sale",
    "receipt.confirmed": "receipt",
    "refund.recorded": "refund",
    "after_sale.opened": "case_opened",
    "after_sale.closed": "case_closed",
}
_HEADER = ("agreement", "asserter", "id", "kind", "source")


def check_query_entry(evidence: Evidence) -> Iterator[Check]:
    """Check that an included `dispute.query_saved` entry holds exactly what was asked and what was found."""
    if "query.json" not in evidence.bundle.parts:
        return
    asked, found = evidence.bundle.part("query.json"), evidence.bundle.part("found.json")
    agreement = reached(evidence.agreement, "an agreement", "协议")
    for entry in reached(evidence.entries, "entries", "记录").values():
        ours = (entry.agreement or "").rpartition("@")[0] == agreement.id
        if entry.kind == "dispute.query_saved" and ours and {asked, found} <= set(entry.opened.values()):
            en, zh = f"entry {entry.seq} saved the query", f"记录 {entry.seq} 载明该查询"
            yield result("query-entry", "holds", en, zh, "query.json")
            yield _told(asked)
            return
    raise Fault("no entry shown here saved this query with this outcome", "没有载明该查询及其结果的记录")


def check_answer(evidence: Evidence) -> Iterator[Check]:
    """Check that the rows are those whose digest was saved, each canonical, and as many."""
    if "query.json" not in evidence.bundle.parts:
        return
    text = evidence.bundle.part("answer.ndjson")
    outcome = field(canonical.parse(evidence.bundle.part("found.json")), "content", dict)
    digest, marks = hex_field(outcome, "digest", 32), field(outcome, "rows", list)
    if sha256(text.encode()).digest() != digest:
        raise Fault("is not the answer whose digest was saved", "与存证摘要不符")
    lines = text.splitlines(keepends=True)
    if len(lines) != len(marks) or not all(line.endswith("\n") for line in lines):
        raise Fault(
            f"has {len(lines)} rows, {len(marks)} were saved", f"有 {len(lines)} 行,存证为 {len(marks)} 行"
        )
    evidence.rows = [canonical.parse(line[:-1]) for line in lines]
    yield result(
        "answer", "holds", f"{len(lines)} rows, as saved", f"{len(lines)} 行,与存证一致", "answer.ndjson"
    )


def check_rows(evidence: Evidence) -> Iterator[Check]:
    """Check that each row says what the entries it was copied from say, and nothing else."""
    if "query.json" not in evidence.bundle.parts:
        return
    rows = reached(evidence.rows, "an answer", "查询结果")
    entries = reached(evidence.entries, "entries", "记录")
    wrong = []
    for number, row in enumerate(rows, 1):
        try:
            if _copied(row, entries) != row:
                wrong.append(number)
        except Fault:
            wrong.append(number)
    if wrong:
        numbers = listed(map(str, wrong))
        raise Fault(f"row {numbers}: not what the entries say", f"第 {numbers} 行与记录不符")
    en, zh = f"{len(rows)} rows say what their entries say", f"{len(rows)} 行与记录一致"
    yield result("rows", "holds", en, zh, "answer.ndjson")


def _told(text: str) -> Check:
    asked = field(canonical.parse(text), "content", dict)
    question, size = canonical.encode(field(asked, "question", dict)), count_field(asked, "size")
    root = field(asked, "root", str)
    en = f"{question} over the first {size} entries, root {root}; that nothing else met it"
    en += " is shown by running it again, not by proofs"
    zh = f"{question},范围为前 {size} 条记录,根 {root};是否另有符合者不能由证明得出,须重新查询"
    return result("asked", "noted", en, zh, "query.json")


def _copied(row: Any, entries: dict[int, Entry]) -> dict[str, Any]:
    """Return the row that the entries give where this one stands. Raises Fault where they give none."""
    entry = _entry(row, entries)
    if "told" in row:
        told = [_event(one, entries) for one in field(row, "told", list)]
        first = next((one for one in told if one["seq"] == entry.seq), None)
        if first is None or any(_line(one) != _line(first) for one in told):
            raise Fault("is not of one order line", "并非同一订单行")
        order, line = _line(first)
        return {"agreement": entry.agreement, "line": line, "order": order, "seq": entry.seq, "told": told}
    if "posting" in row:
        place, n = count_field(row, "position"), count_field(row, "n")
        postings = _group(entry, place)["postings"]
        if n >= len(postings):
            raise Fault("there is no such posting", "没有该笔记账")
        return {
            **_times(entry), "entry_kind": entry.kind, "n": n, "position": place, "posting": postings[n],
        }  # fmt: skip
    places = [count_field(one, "position") for one in field(row, "groups", list)]
    header = {name: entry.leaf.get(name) for name in _HEADER}
    return {**_times(entry), **header, "groups": [_shown(entry, place) for place in places]}


def _event(told: Any, entries: dict[int, Entry]) -> dict[str, Any]:
    entry, place = _entry(told, entries), count_field(told, "position")
    if entry.kind not in _EVENTS:
        raise Fault("tells of no order line", "与订单行无关")
    found = {
        **_times(entry), "event": _EVENTS[entry.kind], "facts": _group(entry, place)["content"],
        "position": place, "source": entry.leaf.get("source"),
    }  # fmt: skip
    if "voided_by" not in told:
        return found
    voiding = entries.get(count_field(told, "voided_by"))
    if voiding is None or voiding.kind != "batch.voided":
        raise Fault("names no entry that voided it", "没有作废该记录的记录")
    return {**found, "voided_by": voiding.seq}


def _entry(row: Any, entries: dict[int, Entry]) -> Entry:
    seq = count_field(row, "seq")
    if seq not in entries:
        raise Fault(f"entry {seq} is not here", f"记录 {seq} 未随附")
    return entries[seq]


def _group(entry: Entry, place: int) -> dict[str, Any]:
    if place not in entry.opened:
        raise Fault("cites a group that is not shown", "所引披露组未出示")
    group: dict[str, Any] = canonical.decode(entry.opened[place])
    return group


def _shown(entry: Entry, place: int) -> dict[str, Any]:
    group = _group(entry, place)
    return {
        "content": group["content"], "name": group["name"], "position": place, "postings": group["postings"],
    }  # fmt: skip


def _times(entry: Entry) -> dict[str, Any]:
    times = {name: entry.leaf.get(name) for name in ("occurred_at", "recorded_at")}
    return {**times, "seq": entry.seq}


def _line(told: dict[str, Any]) -> tuple[Any, Any]:
    facts = told["facts"]
    return facts.get("order"), facts.get("line")
