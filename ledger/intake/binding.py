"""A mapping bound to the columns of one file and to an agreement's facts, or refused with the nearest names.

A header is refused as a whole: a column that is missing or misspelt would quietly turn into an empty fact in
every row.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from ledger.intake.cells import Cell, CellFault, cell_reader
from ledger.intake.errors import HeaderRefused, TermsUnfit
from ledger.intake.events import FactPlan, KeyPlan, RowPlan
from ledger.intake.mapping import AGREEMENT_ZONE, EVENT_FACTS, KEY_COLUMNS, FactSpec, KeySpec, Mapping
from ledger.intake.readers import Source
from ledger.intake.terms import IntakeTerms
from policies.errors import Finding, did_you_mean


class Binding:
    """The plan of one file: which columns to read, in which order, and which are left unread."""

    def __init__(self, mapping: Mapping, source: Source, terms: IntakeTerms, *, file: str) -> None:
        """Bind at once. Raises HeaderRefused or TermsUnfit."""
        self._mapping = mapping
        self._source = source
        self._terms = terms
        document = mapping.document
        facts = dict(document.facts)
        if document.other_columns == "declared":
            facts |= self._declared_facts()
        findings = [*self._missing(facts), *self._inexact(facts)]
        if findings:
            raise HeaderRefused(file, tuple(findings))
        self._require_terms(facts)
        self.columns: list[str] = []
        keys = {name: self._key(name, getattr(document, name)) for name in KEY_COLUMNS}
        zone = self._zone()
        self.plan = RowPlan(
            order=keys["order"],
            line=keys["line"],
            currency=keys["currency"],
            facts=tuple(self._fact(name, spec, zone) for name, spec in facts.items()),
            nothing=frozenset(document.nothing),
            only=tuple((self._place(name), frozenset(told)) for name, told in document.only.items()),
        )
        self.unread = tuple(name for name in source.columns if name not in self.columns)

    def _declared_facts(self) -> dict[str, FactSpec]:
        """Take each further column whose name the agreement declares as a fact, by its declared type."""
        document = self._mapping.document
        taken = {getattr(document, name).column for name in KEY_COLUMNS}
        taken |= {spec.column for spec in document.facts.values()}
        return {
            name: FactSpec(column=name, type=kind, unit="yuan" if kind == "money" else None)
            for name, kind in self._terms.fact_types().items()
            if (self._source.sparse or name in self._source.columns)
            and name not in taken
            and name not in document.facts
            and name not in KEY_COLUMNS + EVENT_FACTS
        }

    def _missing(self, facts: dict[str, FactSpec]) -> list[Finding]:
        """Name the columns that must be there, and those that look like a misspelt one that may be."""
        document = self._mapping.document
        present = self._source.columns
        needed = [
            key.column for name in KEY_COLUMNS if (key := getattr(document, name)).column is not None
        ] + [spec.column for spec in facts.values() if spec.required]
        needed += document.only
        return missing_columns(present, needed, {spec.column for spec in facts.values()})

    def _inexact(self, facts: dict[str, FactSpec]) -> list[Finding]:
        keys = [getattr(self._mapping.document, name).column for name in KEY_COLUMNS]
        return inexact_columns(self._source, keys, [spec.column for spec in facts.values()])

    def _require_terms(self, facts: dict[str, FactSpec]) -> None:
        terms, name = self._terms, self._mapping.name
        # Times and totals of events are not recorded under their facts' names, so they need not agree.
        of_events = self._mapping.later_facts()
        for fact, kind in terms.fact_types().items():
            spec = facts.get(fact)
            if fact in of_events:
                continue
            if spec is not None and spec.type != kind and {spec.type, kind} != {"text", "enum"}:
                wanted = f"reads '{fact}' as {spec.type}, but {terms.agreement} declares it as {kind}"
                raise TermsUnfit(wanted, where=f"mapping {name}")
        for funding in {funding for version in terms.versions for funding in version.funding}:
            spec = facts.get(funding.fact)
            if spec is None or spec.type != "money":
                wanted = f"clause {funding.clause} of {terms.agreement} funds {funding.target} from it"
                hint = did_you_mean(funding.fact, facts)
                raise TermsUnfit(
                    f"gives no money fact '{funding.fact}'; {wanted}{hint}", where=f"mapping {name}"
                )

    def _zone(self) -> tzinfo | None:
        declared = self._mapping.document.time_zone
        if declared is None:
            return None
        return ZoneInfo(self._terms.time_zone if declared == AGREEMENT_ZONE else declared)

    def _key(self, name: str, spec: KeySpec) -> KeyPlan:
        place = self._place(spec.column) if spec.column else None
        return KeyPlan(place, spec.column or name, spec.fixed or "", spec.strip, spec.prefix or "")

    def _fact(self, name: str, spec: FactSpec, zone: tzinfo | None) -> FactPlan:
        read = cell_reader(spec, self._terms.currency, zone)
        empty: Cell | None = None
        if spec.empty is not None:
            given = read(spec.empty)
            if isinstance(given, CellFault):
                wanted = f"`empty` of fact '{name}' is '{spec.empty}': {given.message}"
                raise TermsUnfit(wanted, where=f"mapping {self._mapping.name}")
            empty = given
        there = self._source.sparse or spec.column in self._source.columns
        place = self._place(spec.column) if there else None
        return FactPlan(name, place, spec.column, read, spec.required, spec.personal, empty, spec.strip)

    def _place(self, column: str) -> int:
        if column not in self.columns:
            self.columns.append(column)
        return self.columns.index(column)


def missing_columns(present: Sequence[str], needed: Sequence[str], may_be: Collection[str]) -> list[Finding]:
    """Name the columns that must be there and are not, and what looks like a misspelt one that may be."""
    named = {*needed, *may_be}
    unknown = [name for name in present if name not in named]
    findings = []
    for column in dict.fromkeys(needed):
        if column not in present:
            near = difflib.get_close_matches(column, unknown, n=1, cutoff=0.6)
            hint = f"; is it '{near[0]}'?" if near else did_you_mean(column, unknown)
            findings.append(_finding("intake.column-missing", f"column '{column}' is missing{hint}"))
    for column in sorted(named - set(needed) - set(present)):
        near = difflib.get_close_matches(column, unknown, n=1, cutoff=0.8)
        if near:
            message = f"unknown column '{near[0]}'; did you mean '{column}'?"
            findings.append(_finding("intake.column-misspelt", message))
    return findings


def inexact_columns(source: Source, keys: Iterable[str | None], amounts: Iterable[str]) -> list[Finding]:
    """Name the columns of ids and of facts that the file holds as binary floats."""
    return [
        _finding(
            "intake.column-inexact",
            f"column '{column}' holds {source.inexact[column]}, and a binary float is no exact id; "
            "write it as text or whole numbers",
        )
        for column in keys
        if column in source.inexact
    ] + [
        _finding(
            "intake.column-inexact",
            f"column '{column}' holds {source.inexact[column]}, and a binary float is no "
            "exact amount; write it as text, decimal, or whole fen",
        )
        for column in amounts
        if column in source.inexact
    ]


def _finding(code: str, message: str) -> Finding:
    return Finding(code=code, severity="error", message=message)
