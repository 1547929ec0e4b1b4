"""Facts of what falls due as one viewer may see them, and recording by those who approve for a party."""

from __future__ import annotations

import re

from api.access import Viewer, demand_read, demand_role, demand_source
from api.facts.schemas import FactSaid, FactsRequest, FactsTaken, RecordedFact
from api.office.agreements import held_versions
from api.office.facts import FACTS_SOURCE, facts_shown, record_facts
from api.office.opening import Office
from ledger.settlement.errors import FactsRefused
from ledger.settlement.recorded_facts import FactsGiven

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FactService:
    """Shows recorded facts to the parties of their agreement, and records what a party says."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def facts(self, viewer: Viewer, agreement: str) -> tuple[RecordedFact, ...]:
        """Return what counts of every fact recorded of an agreement. Raises AccessDenied."""
        demand_read(viewer, self._parties(agreement), "agreement")
        return tuple(
            RecordedFact(
                one.clause,
                one.rows,
                one.about,
                one.fact,
                one.value,
                one.standing,
                tuple(FactSaid(said.seq, said.asserter, said.source, said.text) for said in one.said),
            )
            for one in facts_shown(self.office, agreement)
        )

    def record(self, viewer: Viewer, agreement: str, asked: FactsRequest) -> FactsTaken:
        """Record what a party says. Needs `approve` for it, and a grant for a source that is named."""
        demand_read(viewer, self._parties(agreement), "agreement")
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
        """Return the global ids of an agreement's parties by their keys, of every version."""
        mine = [one.agreement for one in held_versions(self.office).values() if one.agreement.id == agreement]
        return {key: one.party_id(key) for one in mine for key in one.parties}
