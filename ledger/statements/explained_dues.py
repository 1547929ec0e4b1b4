"""Why a due is what it is: its clause, the facts it rests on and its arithmetic in words, worked out again.

What is explained is what was settled: it comes from the readers that the run used, over the same log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ledger.log import Log
from ledger.settlement.clause_dues import dues_at
from ledger.settlement.errors import StatementUnknown
from ledger.settlement.facts import read_lines
from ledger.settlement.runs import numbered_run, settled_before, terms_of
from ledger.statements.reading import Statement
from policies.agreement import Agreement


@dataclass(frozen=True, slots=True)
class DueExplained:
    """A clause that fell due, and how what it comes to in all was worked out.

    `figures` are the facts by name, `entries` those that tell them, `steps` the trace: conditions, figures,
    remedies and draws, each with its words in both languages. `held` says why nothing is settled, if so.
    """

    clause: str
    about: str
    version: int
    text: Mapping[str, str]
    law: tuple[str, ...]
    figures: Mapping[str, str]
    entries: tuple[int, ...]
    steps: tuple[Mapping[str, Any], ...]
    held: str | None


def explain_due(
    log: Log, agreements: Iterable[Agreement], statement: Statement, clause: str, about: str
) -> DueExplained:
    """Explain what a clause came to, of a period or case or of neither, at the run of a statement.

    Raises StatementUnknown where the statement neither shows nor holds it, SettlementRefused where a version
    is lacking.
    """
    key = f"{clause} {about}".strip()
    shown = {one["key"] for one in statement.content.get("dues", ()) if one["kind"] == "clause"}
    held = {f"{one['clause']} {one['about']}".strip() for one in statement.content.get("held_dues", ())}
    run = numbered_run(log, statement.agreement, statement.number)
    if run is None or key not in shown | held:
        raise StatementUnknown(f"it has no due '{key[:80]}'", where=statement.id)
    terms = terms_of(log, run, agreements)
    settled = settled_before(log, terms.id, run.point)
    book = replace(read_lines(log, terms, run.point.end), settled=settled)
    found = dues_at(log, book, terms, run.point)
    due = found[clause, about]
    core = due.version.agreement.clauses[clause]
    return DueExplained(
        clause,
        about,
        due.version.version,
        core.text.model_dump(),
        core.law,
        due.figures,
        due.entries,
        due.worked.trace,
        due.worked.held.because if due.worked.held else None,
    )
