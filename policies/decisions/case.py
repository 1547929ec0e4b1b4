"""A case file: the clause invoked, the claim, facts with their standing, the orders it is about.

Read from JSON or YAML with every scalar as text, so that 429.00 is never a float. The rows of an orders
file are loaded by the caller; nothing here opens a file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from policies.agreement import Agreement
from policies.decisions.case_file import CaseFile, Claim, Standing
from policies.errors import AgreementRejected, CaseRejected, FactError, Finding, PolicyError, did_you_mean
from policies.facts import order_facts, read_fact, row_facts
from policies.formulas.exact import Row, Unknown, Value
from policies.source import Path, Source, path_text, read_source


@dataclass(frozen=True)
class Case:
    """A case file as read, with its orders as rows of text and positions for errors."""

    file: CaseFile
    source: Source
    rows: tuple[Mapping[str, str | None], ...] | None
    path: Path = ()
    """Where the case stands in its source: at the top of a file, or in a document's tests."""

    @property
    def orders_path(self) -> str | None:
        """The path of an orders file that the caller still has to load."""
        return self.file.orders if isinstance(self.file.orders, str) and self.rows is None else None

    def with_orders(self, rows: Sequence[Mapping[str, str | None]]) -> Case:
        """Return the case with the rows of its orders file."""
        return replace(self, rows=tuple(rows))

    def refuse(self, message: str, *path: str | int) -> CaseRejected:
        """Return the refusal of a part of this case, with its line."""
        whole = (*self.path, *path)
        at = self.source.at(whole)
        line = f", line {at.line}" if at else ""
        return CaseRejected(message, where=f"{self.source.name}{line}, {path_text(whole)}")


ORDER = "order"
"""The column that names a row's order, and the name by which `escrow:order` finds it."""


def read_case(text: str, *, name: str) -> Case:
    """Read a case file. Raises CaseRejected with every finding in its data."""
    try:
        source = read_source(text, name)
    except AgreementRejected as fault:
        raise CaseRejected(fault.findings[0].message, where=_where(name, fault.findings[0])) from None
    try:
        file = CaseFile.model_validate(source.plain)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        at = source.at(tuple(first["loc"]))
        finding = Finding(
            "case", "error", first["msg"], path_text(tuple(first["loc"])), at.line if at else None
        )
        raise CaseRejected(_worded(first), where=_where(name, finding)) from None
    return Case(file, source, tuple(file.orders) if isinstance(file.orders, list) else None)


def case_facts(agreement: Agreement, case: Case) -> dict[str, Value]:
    """Read the facts of a case by the types the agreement declares; a disputed one is unknown.

    Raises CaseRejected for a fact that is not declared or does not read by its type.
    """
    declared = {name: fact for name, fact in agreement.document.facts.items() if fact.of == "case"}
    values: dict[str, Value] = {}
    for name, given in case.file.facts.items():
        if name not in declared:
            raise case.refuse(
                f"'{name}' is not a declared fact of a case{did_you_mean(name, declared)}", "facts", name
            )
        if given.status == "disputed":
            values[name] = Unknown(frozenset({name}), disputed=True)
            continue
        try:
            values[name] = read_fact(
                given.value, declared[name].type, agreement.currency, declared[name].options
            )
        except PolicyError as fault:
            raise case.refuse(fault.message, "facts", name) from None
    for name, fact in declared.items():
        if name not in values and fact.default is not None:
            values[name] = read_fact(fact.default, fact.type, agreement.currency, fact.options)
    return values | _standing(case, declared) | _claim_facts(agreement, case)


def _standing(case: Case, declared: Iterable[str]) -> dict[str, Value]:
    """Return, for each fact that a case may give, whether it is proven and how much evidence shows it."""
    found: dict[str, Value] = {}
    for name in declared:
        given = case.file.facts.get(name)
        found[f"proven.{name}"] = given is not None and given.status == "proven"
        found[f"evidence.{name}"] = Fraction(given.items if given is not None else 0)
    return found


def standing(case: Case) -> dict[str, Standing]:
    """Return the standing of each fact that a case gives."""
    return {name: given.status for name, given in case.file.facts.items()}


def case_rows(agreement: Agreement, case: Case) -> tuple[Row, ...] | None:
    """Read the orders of a case; a row may stand for `count` alike orders. None when the case has none."""
    if case.rows is None:
        return None
    rows = []
    for index, row in enumerate(case.rows):
        count = row.get("count") or "1"
        where = f"{case.source.name}, orders[{index}]"
        _require_meant(agreement, case, row, index)
        try:
            rows.append(Row(_with_order(order_facts(agreement, row, where=where), row), _count(count)))
        except FactError as fault:
            raise CaseRejected(fault.message, where=fault.where or where) from None
    return tuple(rows)


def _with_order(facts: dict[str, Value], row: Mapping[str, str | None]) -> dict[str, Value]:
    """Return the facts of a row with the order that it names, by which `escrow:order` finds it."""
    order = row.get(ORDER)
    return {ORDER: order, **facts} if order else facts


def case_events(agreement: Agreement, case: Case) -> dict[str, tuple[Row, ...]]:
    """Read the sets of events of a case; a set that it does not give is not known.

    A row may stand for `count` alike rows. Raises CaseRejected for a set or a fact that is not declared.
    """
    declared = agreement.document.events or {}
    found: dict[str, tuple[Row, ...]] = {}
    for name, rows in case.file.events.items():
        if name not in declared:
            message = f"'{name}' is not a declared set of events{did_you_mean(name, declared)}"
            raise case.refuse(message, "events", name)
        found[name] = tuple(_event(agreement, case, name, index) for index in range(len(rows)))
    return found


def _event(agreement: Agreement, case: Case, of: str, index: int) -> Row:
    row = case.file.events[of][index]
    known = agreement.fact_types(of)
    for name in row:
        if name not in known and name not in {"count", ORDER}:
            raise case.refuse(
                f"'{name}' is not a fact of {of}{did_you_mean(name, known)}", "events", of, index, name
            )
    where = f"{case.source.name}, events.{of}[{index}]"
    try:
        return Row(
            _with_order(row_facts(agreement, of, row, where=where), row), _count(row.get("count") or "1")
        )
    except FactError as fault:
        raise CaseRejected(fault.message, where=fault.where or where) from None


def _require_meant(agreement: Agreement, case: Case, row: Mapping[str, str | None], index: int) -> None:
    """Refuse another currency, and in rows written by hand a name that is almost that of a fact.

    Such a name would leave the fact at its default, and the award wrong without a word.
    """
    currency = row.get("currency") or agreement.currency
    if currency != agreement.currency:
        message = f"the order is in {currency}, {agreement.ref} in {agreement.currency}"
        raise case.refuse(message, "orders", index, "currency")
    if not isinstance(case.file.orders, list):
        return
    declared = agreement.fact_types("order")
    for name in sorted(row.keys() - declared.keys() - {"count", "order", "line", "currency"}):
        near = difflib.get_close_matches(name, declared, n=1, cutoff=0.85)
        if near:
            message = f"'{name}' is not a declared fact of an order; did you mean '{near[0]}'?"
            raise case.refuse(message, "orders", index, name)


def _claim_facts(agreement: Agreement, case: Case) -> dict[str, Value]:
    currency, file = agreement.currency, case.file
    values: dict[str, Value] = {
        "claim.claimant": file.claim.claimant, "claim.respondent": file.claim.respondent,
    }  # fmt: skip
    if file.claim.amount is not None:
        asked = _read(case, file.claim.amount, "money", currency, "claim", "amount")
        if isinstance(asked, Fraction) and asked < 0:
            raise case.refuse(
                f"'{file.claim.amount}' is below zero; a claim asks for an amount", "claim", "amount"
            )
        values["claim.amount"] = asked
    if file.decided_at is not None:
        values["decided_at"] = _decided_on(agreement, case, file.decided_at)
    if file.occurred_on is not None:
        values["occurred_on"] = _read(case, file.occurred_on, "date", currency, "occurred_on")
    for leg, amount in file.settled.items() if file.settled != "in_full" else ():
        values[f"settled.{leg}"] = _read(case, amount, "money", currency, "settled", leg)
    for account, amount in file.balances.items():
        full = f"{account}.balance" if account in agreement.parties else account
        if f"balance.{full}" in values:
            raise case.refuse(f"the balance of {full} is given twice", "balances", account)
        values[f"balance.{full}"] = _read(case, amount, "money", currency, "balances", account)
    return values


def _decided_on(agreement: Agreement, case: Case, text: str) -> Value:
    """Read the day of the decision; an instant falls on its day in the agreement's time zone."""
    if len(text) == len("2026-04-01"):
        return _read(case, text, "date", agreement.currency, "decided_at")
    instant = _read(case, text, "instant", agreement.currency, "decided_at")
    assert isinstance(instant, datetime)
    try:
        return instant.astimezone(agreement.zone).date()
    except OverflowError:
        raise case.refuse(f"'{text}' is outside the calendar", "decided_at") from None


def _read(case: Case, text: str, kind: Any, currency: str, *path: str | int) -> Value:
    try:
        return read_fact(text, kind, currency)
    except PolicyError as fault:
        raise case.refuse(fault.message, *path) from None


def _count(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 12 or int(text) == 0:
        raise FactError(f"'{text[:40]}' is not a count of rows")
    return int(text)


def _where(name: str, finding: Finding) -> str:
    line = f", line {finding.line}" if finding.line else ""
    return f"{name}{line}, {finding.path}" if finding.path else f"{name}{line}"


def _worded(error: Any) -> str:
    last = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "missing":
        return f"'{last}' is required here and missing"
    if error["type"] == "extra_forbidden":
        known = {field.alias or name for name, field in CaseFile.model_fields.items()}
        return f"'{last}' is not a key here{did_you_mean(last, known | set(Claim.model_fields))}"
    return f"{error['msg']} (found {str(error['input'])[:60]!r})"
