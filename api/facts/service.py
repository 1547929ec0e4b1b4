"""Facts of what falls due as one viewer may see them, and recording by those who approve for a party."""

from __future__ import annotations

import re
from collections.abc import Iterator

from api.access import Viewer, demand_read, demand_role, demand_source
from api.books import signed
from api.facts.schemas import (
    FactDeclared,
    FactForms,
    FactSaid,
    FactsRequest,
    FactsTaken,
    FactTyped,
    RecordedFact,
)
from api.office.agreements import signed_versions
from api.office.facts import FACTS_SOURCE, facts_shown, record_facts
from api.office.opening import Office
from api.worded import label, party_names, who
from ledger.settlement.errors import FactsRefused
from ledger.settlement.recorded_facts import FactsGiven
from policies.agreement import Agreement

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FactService:
    """Shows recorded facts to the parties of their agreement, and records what a party says."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def facts(self, viewer: Viewer, agreement: str) -> tuple[RecordedFact, ...]:
        """Return what counts of every fact recorded of an agreement. Raises AccessDenied."""
        demand_read(viewer, self._parties(agreement).values(), "agreement")
        newest = signed_versions(self.office, agreement)[-1].agreement
        return tuple(
            RecordedFact(
                one.clause,
                one.rows,
                one.about,
                one.fact,
                label(newest, one.fact),
                one.value,
                one.standing,
                tuple(
                    FactSaid(said.seq, said.asserter, who(newest, said.asserter), said.source, said.text)
                    for said in one.said
                ),
            )
            for one in facts_shown(self.office, agreement)
        )

    def forms(self, viewer: Viewer, agreement: str) -> FactForms:
        """Return for whom the viewer may say facts, and which. Raises AccessDenied."""
        demand_read(viewer, self._parties(agreement).values(), "agreement")
        newest = signed_versions(self.office, agreement)[-1].agreement
        mine = tuple(one for one in party_names(newest) if viewer.has("approve", one.id))
        return FactForms(mine, tuple(_declared(newest)) if mine else ())

    def say(self, viewer: Viewer, typed: FactTyped) -> FactsTaken:
        """Record or contest one fact as typed, of the set of events that it is declared of."""
        demand_read(viewer, self._parties(typed.agreement).values(), "agreement")
        newest = signed_versions(self.office, typed.agreement)[-1].agreement
        of = next((one.of for one in _declared(newest) if one.name == typed.fact), "case")
        asked = FactsRequest(
            typed.party,
            {} if typed.value is None else {typed.fact: typed.value},
            (typed.fact,) if typed.value is None else (),
            about=typed.about,
            clause=typed.clause,
            rows=None if of == "case" else of,
        )
        return self.record(viewer, typed.agreement, asked)

    def record(self, viewer: Viewer, agreement: str, asked: FactsRequest) -> FactsTaken:
        """Record what a party says. Needs `approve` for it, and a grant for a source that is named."""
        demand_read(viewer, self._parties(agreement).values(), "agreement")
        party = self._parties(agreement).get(asked.party, "")
        demand_role(viewer, "approve", party)
        if asked.source is not None:
            demand_source(viewer, party, asked.source)
        if asked.sha256 is not None and not _SHA256.fullmatch(asked.sha256):
            raise FactsRefused("sha256 is 64 hexadecimal digits", where=agreement)
        given = FactsGiven(asked.facts, asked.contested, asked.about, asked.clause, asked.rows, asked.sha256)
        source = asked.source or FACTS_SOURCE
        return FactsTaken(record_facts(self.office, agreement, asked.party, given, source=source))

    def _parties(self, agreement: str) -> dict[str, str]:
        """Return the global ids of an agreement's parties by their keys, of every signed version."""
        return {key: one.party_id(key) for one in signed(self.office, agreement) for key in one.parties}


def _declared(agreement: Agreement) -> Iterator[FactDeclared]:
    """Yield the facts that can be recorded: of cases and of rows of events, in the document's order."""
    for name, fact in agreement.document.facts.items():
        if fact.of == "case" or fact.of in (agreement.document.events or {}):
            yield FactDeclared(name, fact.of, label(agreement, name))
