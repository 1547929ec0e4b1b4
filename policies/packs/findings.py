"""Findings of law: each rule in force on the day a document takes effect, applied to its clauses.

A finding cites article and day, carries the pack's digest, and says that it is not legal advice. Where a
clause does not say what a rule asks of it, that is told, never passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policies.agreement import Agreement
from policies.errors import Finding, Severity
from policies.formulas.exact import Facts, Unknown, Value, evaluate
from policies.formulas.parse import parse
from policies.packs.pack import BLOCK, Cite, Pack, Rule
from policies.packs.scope import clause_facts, document_facts
from policies.packs.shipped import packs_of, shipped_packs
from policies.source import Path


def findings(agreement: Agreement, packs: Sequence[Pack] | None = None) -> Iterator[Finding]:
    """Yield what the packs say of a document; by default those of its jurisdiction."""
    yield from _pins(agreement)
    for pack in packs_of(agreement.document.jurisdiction) if packs is None else packs:
        for rule in pack.rules:
            cites = pack.in_force(rule.cites, agreement.document.effective_from)
            if cites:
                yield from _Applying(agreement, pack, rule, cites).findings()


def _pins(agreement: Agreement) -> Iterator[Finding]:
    """Tell where a document names a pack that is not the one at hand."""
    known = {pack.pack: pack for pack in shipped_packs()}
    for index, pin in enumerate(agreement.document.packs or ()):
        pack = known.get(pin.id)
        if pack is not None and pack.sha256 == pin.sha256:
            continue
        now = f"the one at hand is {pack.sha256}" if pack is not None else "none of that name is at hand"
        now_zh = f"现有版本为 {pack.sha256}" if pack is not None else "没有这一规则包"
        yield agreement.finding(
            "packs.changed",
            f"the document was checked against {pin.id} {pin.sha256}; {now}: check it again",
            ("packs", index),
            severity="warning",
            message_zh=f"文件曾按规则包 {pin.id} {pin.sha256} 检查；{now_zh}，请重新检查",
        )


class _Applying:
    """One rule of one pack on one document."""

    def __init__(self, agreement: Agreement, pack: Pack, rule: Rule, cites: tuple[Cite, ...]) -> None:
        self.agreement = agreement
        self.pack = pack
        self.rule = rule
        self.cites = cites
        self.where = parse(rule.where) if rule.where is not None else None
        self.must = parse(rule.must) if rule.must is not None else None

    def findings(self) -> Iterator[Finding]:
        facts = document_facts(self.agreement, self.rule)
        if self.rule.of == "document":
            yield from self.one(facts, ())
            return
        for index, clause in enumerate(self.agreement.document.clauses):
            if not self.rule.kinds or clause.kind in self.rule.kinds:
                own = clause_facts(self.agreement, self.rule, clause)
                yield from self.one(Facts({**facts.values, **own}, facts.rows), ("clauses", index))

    def one(self, facts: Facts, path: Path) -> Iterator[Finding]:
        """Yield a finding where the rule is meant and not met, or where neither can be told."""
        meant: Value = evaluate(self.where, facts) if self.where is not None else True
        if meant is False:
            return
        met: Value = evaluate(self.must, facts) if self.must is not None else False
        if met is True:
            return
        unknown = [one for one in (meant, met) if isinstance(one, Unknown)]
        lacking = frozenset[str]().union(*(one.names for one in unknown))
        yield self.untold(lacking, path) if unknown else self.told(path)

    def told(self, path: Path) -> Finding:
        rule = self.rule
        severity: Severity = "error" if rule.severity == BLOCK else rule.severity
        return self.finding(severity, f"{rule.text.en} {rule.do.en}", f"{rule.text.zh}{rule.do.zh}", path)

    def untold(self, lacking: frozenset[str], path: Path) -> Finding:
        missing = ", ".join(sorted(name.rpartition(".")[2] for name in lacking))
        rule = self.rule
        said = f"{rule.text.en} Whether this is so cannot be told: the clause does not give {missing}."
        said_zh = f"{rule.text.zh}能否满足无从判断：条款未给出 {missing}。"
        return self.finding("info", said, said_zh, path)

    def finding(self, severity: Severity, said: str, said_zh: str, path: Path) -> Finding:
        pack = self.pack
        return self.agreement.finding(
            f"{pack.pack}.{self.rule.id}",
            f"{said} [{pack.cited(self.cites, 'en')}; not legal advice]",
            path,
            severity=severity,
            message_zh=f"{said_zh}〔{pack.cited(self.cites, 'zh')}；非法律意见〕",
            law=self.law(),
        )

    def law(self) -> dict[str, Any]:
        """Return what the finding rests on, for machines."""
        return {
            "pack": self.pack.pack,
            "pack_sha256": self.pack.sha256,
            "rule": self.rule.id,
            "cites": [
                {
                    "source": self.pack.sources[one.source].title.model_dump(),
                    "article": one.article,
                    "in_force": self.pack.sources[one.source].in_force.isoformat(),
                }
                for one in self.cites
            ],
            "legal_advice": False,
        }
