"""The monitors of one signed version, from its clauses and the law it is under: parameters filled in.

A clause gives those of its kind; a pack those of its rules, on days on which their source is in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.parameters import value_of
from policies.clauses.placeholders import DROPPED, Values
from policies.clauses.templates import Templated
from policies.formulas.tree import Node
from policies.monitors.declared import Monitor, PackMonitor
from policies.packs.pack import Cite, Pack
from policies.packs.shipped import packs_of
from policies.source import read_source


@dataclass(frozen=True, eq=False)
class Compiled:
    """A monitor of one version: its clause, conditions ready to evaluate, and whom it is for.

    `sides` are the parties that conditions name (`party.holder`), by their keys in the document. `readers`
    are global ids. `rule` is the rule of law that a pack's monitor is of, as PACK.RULE, and empty for a
    clause's; it counts on days on which a source that it `cites` is in force.
    """

    agreement: Agreement
    clause: str | None
    monitor: Monitor
    where: Node | None
    when: Node | None
    sides: Mapping[str, str]
    readers: tuple[str, ...]
    rule: str = ""
    pack: Pack | None = None
    cites: tuple[Cite, ...] = ()

    def counts_on(self, day: date) -> bool:
        """Tell whether it counts on a day: always, but for law that is not in force."""
        return self.pack is None or bool(self.pack.in_force(self.cites, day))


def compiled(agreement: Agreement) -> tuple[Compiled, ...]:
    """Return the monitors of a version: of its clauses in order, then of its jurisdiction's packs."""
    found = [one for clause in agreement.document.clauses for one in _of_clause(agreement, clause)]
    found += [one for pack in packs_of(agreement.document.jurisdiction) for one in _of_pack(agreement, pack)]
    return tuple(found)


def _of_clause(agreement: Agreement, clause: Clause) -> Iterator[Compiled]:
    if clause.not_enforced is not None:
        return
    if isinstance(clause, Templated):
        declared, values = clause.template.monitors, clause.values()
    else:
        declared = _declared(clause.kind)
        values = Values(lambda name: value_of(clause, name), {}, str)
    for one in declared:
        filled = values.part(one)
        if filled is not DROPPED:
            monitor = Monitor.model_validate(filled)
            condition = monitor.when or agreement.clauses[clause.id].when
            yield Compiled(
                agreement,
                clause.id,
                monitor,
                None if monitor.where is None else agreement.formula(monitor.where),
                None if condition is None else agreement.formula(condition),
                _sides(clause),
                _readers(agreement, monitor, clause),
            )


def _of_pack(agreement: Agreement, pack: Pack) -> Iterator[Compiled]:
    for one in pack.monitors or ():
        rule = next(rule for rule in pack.rules if rule.id == one.rule)
        clause = _priced(agreement, one)
        if one.words is not None and one.words.of is not None:
            words = one.words.model_copy(update={"phrases": rule.words[one.words.of]})
            one = one.model_copy(update={"words": words})  # noqa: PLW2901 -- the same, filled in
        yield Compiled(
            agreement,
            clause.id if clause else None,
            one,
            None if one.where is None else agreement.formula(one.where),
            None if one.when is None else agreement.formula(one.when),
            {} if clause is None else _sides(clause),
            _readers(agreement, one, clause),
            f"{pack.pack}.{rule.id}",
            pack,
            rule.cites,
        )


def _priced(agreement: Agreement, monitor: PackMonitor) -> Clause | None:
    """Return the clause under which a pack's monitor falls, None where the document has none."""
    kind, _, path = (monitor.under or "").partition(".")
    parameter, _, name = path.partition(".")
    for clause in agreement.document.clauses:
        if clause.kind == kind and isinstance(clause, Templated):
            value = value_of(clause, parameter)
            if value is not None and (not name or name in value):
                return clause
    return None


def _sides(clause: Clause) -> dict[str, str]:
    sides = {"party.holder": clause.holder, "party.toward": clause.toward}
    return {name: key for name, key in sides.items() if key is not None}


def _readers(agreement: Agreement, monitor: Monitor, clause: Clause | None) -> tuple[str, ...]:
    """Return whom a notice is for: the parties that the clause's parameters name, else all of them."""
    keys: set[str] = set()
    for name in monitor.readers:
        value = value_of(clause, name) if clause is not None else None
        keys.update([value] if isinstance(value, str) else value or ())
    known = keys & agreement.parties.keys() or agreement.parties.keys()
    return tuple(sorted(agreement.party_id(key) for key in known))


@cache
def _declared(kind: str) -> tuple[dict[str, Any], ...]:
    """Return the monitors of a kind that has no file of its own; none where it has none here either."""
    file = resources.files("policies.monitors").joinpath("kinds", f"{kind}.yaml")
    if not file.is_file():
        return ()
    declared: Any = read_source(file.read_text(encoding="utf-8"), f"{kind}.yaml").plain["monitors"]
    return tuple(declared)
