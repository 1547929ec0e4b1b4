"""An agreement version: the document, its canonical bytes and digests, and what its names mean."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from eth_hash.auto import keccak

from policies.calendars import load_calendar
from policies.canonical import canonical_bytes
from policies.clauses.attribution import Attribution
from policies.clauses.clearing import Clearing
from policies.clauses.commission import Commission
from policies.clauses.core import Clause
from policies.clauses.dispute_process import DisputeProcess
from policies.clauses.payout import Payout
from policies.clauses.returns import Returns
from policies.clauses.templates import Templated
from policies.document import Document, FactType, Party
from policies.errors import Finding
from policies.formulas.binding import Bindings, bind, bind_rows
from policies.formulas.parse import parse, parse_rows
from policies.formulas.tree import Node, Rows
from policies.formulas.types import Scope, Type
from policies.money import minor_digits
from policies.source import Path, Source, path_text
from policies.words.labels import clause_labels

_FORMULA_TYPES: dict[FactType, Type] = {
    "money": "money", "rate": "number", "count": "number", "bool": "bool", "text": "text", "enum": "text",
    "date": "date",
    "instant": "instant",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Agreement:
    """One version of one agreement, with the positions of its parts where it was read from a file."""

    document: Document
    name: str
    source: Source | None = field(default=None, repr=False)

    def __eq__(self, other: object) -> bool:
        """Two agreements are the same when their signed bytes are."""
        return isinstance(other, Agreement) and self.canonical == other.canonical

    def __hash__(self) -> int:
        """Hash by the signed bytes."""
        return hash(self.canonical)

    @property
    def id(self) -> str:
        """The agreement's id, the same in every version."""
        return self.document.agreement

    @property
    def version(self) -> int:
        """The version, counting from 1."""
        return self.document.version

    @property
    def ref(self) -> str:
        """The version by name: `head-streamer@1`."""
        return f"{self.id}@{self.version}"

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount in the document."""
        return self.document.currency

    @cached_property
    def scale(self) -> int:
        """Minor units in a major unit."""
        return int(10 ** minor_digits(self.currency))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which its days begin and end."""
        return ZoneInfo(self.document.time_zone)

    @property
    def parties(self) -> Mapping[str, Party]:
        """Parties by their key in the document."""
        return self.document.parties

    @cached_property
    def canonical(self) -> bytes:
        """The RFC 8785 bytes that are signed."""
        return canonical_bytes(self.document.model_dump(mode="json", by_alias=True, exclude_none=True))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return hashlib.sha256(self.canonical).hexdigest()

    @cached_property
    def keccak256(self) -> str:
        """Keccak-256 of the canonical bytes, hex with 0x."""
        return "0x" + keccak(self.canonical).hex()

    def party_id(self, key: str) -> str:
        """Return a party's identity across agreements: its `id`, else its signer's address in lower case."""
        party = self.parties[key]
        return party.id or (party.signer or key).lower()

    @cached_property
    def clauses(self) -> Mapping[str, Clause]:
        """Every clause expanded to the core clause, by id, in document order."""
        return {clause.id: clause.core() for clause in self.document.clauses}

    @cached_property
    def consequences(self) -> Mapping[str, dict[str, Any]]:
        """What each clause brings about, remedies and effects as plain JSON, by the clause's id."""
        return {
            one.id: {
                "remedies": [each.model_dump(mode="json", exclude_none=True) for each in one.remedies],
                "effects": [each.model_dump(mode="json", exclude_none=True) for each in one.effects],
            }
            for one in self.clauses.values()
        }

    @cached_property
    def commission(self) -> Commission | None:
        """The clause that splits an order line, if the document has one."""
        return next((clause for clause in self.document.clauses if isinstance(clause, Commission)), None)

    @cached_property
    def attribution(self) -> Attribution | None:
        """The clause that says which order lines are this agreement's own."""
        return next((clause for clause in self.document.clauses if isinstance(clause, Attribution)), None)

    @cached_property
    def clearing(self) -> Clearing | None:
        """The clause that says when a line may be settled."""
        return next((clause for clause in self.document.clauses if isinstance(clause, Clearing)), None)

    @cached_property
    def returns(self) -> Returns | None:
        """The clause that says how refunds reverse the split."""
        return next((clause for clause in self.document.clauses if isinstance(clause, Returns)), None)

    @cached_property
    def process(self) -> DisputeProcess | None:
        """The clause that says how disputes run."""
        return next((clause for clause in self.document.clauses if isinstance(clause, DisputeProcess)), None)

    @cached_property
    def payout(self) -> Payout | None:
        """The clause that says when and how statements are paid."""
        return next((clause for clause in self.document.clauses if isinstance(clause, Payout)), None)

    def formula(self, text: str) -> Node:
        """Return a formula of this document as a tree, bound to its tables, calendar and sets of rows.

        Raises FormulaError where it does not read, or names a table that is not there.
        """
        found = self._formulas.get(text)
        if found is None:
            found = self._formulas[text] = bind(parse(text), self.bindings)
        return found

    def rows_formula(self, text: str) -> Rows:
        """Return `orders where not refunded` as a bound set of rows and a condition. Raises FormulaError."""
        return bind_rows(parse_rows(text), self.bindings)

    @cached_property
    def bindings(self) -> Bindings:
        """What formulas read besides facts. Raises FormulaError for a table or calendar not usable."""
        tables = self.document.tables or {}
        calendar = self.document.calendar
        return Bindings(
            {name: terms.read(name, self.currency) for name, terms in tables.items()},
            load_calendar(calendar) if calendar is not None else None,
            self.row_types(),
        )

    @cached_property
    def _formulas(self) -> dict[str, Node]:
        """Formulas already bound, by their text."""
        return {}

    def row_types(self) -> dict[str, Scope]:
        """Return the sets of rows that formulas may walk, with the types of their facts."""
        events = self.document.events or {}
        return {"orders": self.fact_types("order"), **{name: self.fact_types(name) for name in events}}

    def fact_types(self, of: str) -> dict[str, Type]:
        """Return the formula types of the facts declared of an `order`, a `case` or a set of events."""
        return {
            name: _FORMULA_TYPES[fact.type] for name, fact in self.document.facts.items() if fact.of == of
        }

    def labels(self) -> dict[str, dict[str, str]]:
        """Return what people call each name, in both languages, for prose; not to be changed."""
        return self._labels

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        labels = {name: fact.text.model_dump() for name, fact in self.document.facts.items()}
        labels |= {key: party.name.model_dump() for key, party in self.parties.items()}
        labels |= {key: events.text.model_dump() for key, events in (self.document.events or {}).items()}
        for name, table in (self.document.tables or {}).items():
            if table.text is not None:
                labels[f"table:{name}"] = table.text.model_dump()
        for clause in self.document.clauses:
            if isinstance(clause, Templated):
                labels = clause.table_labels() | labels
        labels |= {key: payee.name.model_dump() for key, payee in self.document.payees.items()}
        for step in self.commission.waterfall if self.commission else ():
            if step.text is not None:
                words = step.text.model_dump()
                labels[step.name] = words
                labels[f"due.{step.name}"] = {"zh": f"应得{words['zh']}", "en": f"{words['en']} due"}
                labels[f"settled.{step.name}"] = {"zh": f"已结{words['zh']}", "en": f"{words['en']} settled"}
                labels[f"reversed.{step.name}"] = {
                    "zh": f"已冲{words['zh']}", "en": f"{words['en']} taken back",
                }  # fmt: skip
        return _STANDARD_LABELS | clause_labels(self.clauses, labels) | labels

    def finding(self, code: str, message: str, path: Path = (), **more: Any) -> Finding:
        """Return a finding at a path of this document, with line and column where they are known."""
        at = self.source.at(path) if self.source else None
        line, column = (at.line, at.column) if at else (None, None)
        severity = more.pop("severity", "error")
        return Finding(code, severity, message, path_text(path), line, column, **more)

    def with_signers(self, signers: Mapping[str, str]) -> Agreement:
        """Return the same document with signing addresses filled in by party key."""
        parties = {
            key: party.model_copy(update={"signer": signers.get(key, party.signer)})
            for key, party in self.parties.items()
        }
        return replace(self, document=self.document.model_copy(update={"parties": parties}))


_STANDARD_LABELS = {
    "whole": {"zh": "分配总额", "en": "the whole"},
    "base": {"zh": "佣金基数", "en": "commission base"},
    "volume": {"zh": "累计额", "en": "volume"},
    "orders": {"zh": "订单", "en": "orders"},
    "award": {"zh": "裁决金额", "en": "the award"},
    "claim.amount": {"zh": "请求金额", "en": "amount claimed"},
    "claim.claimant": {"zh": "请求人", "en": "claimant"},
    "claim.respondent": {"zh": "被请求人", "en": "respondent"},
    "decided_at": {"zh": "裁决日", "en": "the day of the decision"},
    "occurred_on": {"zh": "事发日", "en": "the day it happened"},
}
