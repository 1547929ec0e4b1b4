"""Relationships as their parties, auditors and seated arbiters read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from api.access import AUDITOR, Viewer, demand_read, may_read_under
from api.office.agreements import Held, held_versions
from api.office.opening import Office
from api.office.relations import Change, Move, Relation, counts, relation
from api.reading import Money, PartyName, Text, plain
from api.relations.schemas import (
    BorneShown,
    BreadthShown,
    ChangeShown,
    ConditionShown,
    CountedFact,
    CountShown,
    DueShown,
    FigureShown,
    MoveShown,
    RelationRow,
    RelationShown,
    UnlockedShown,
)
from api.worded import account_label, label, local_time, of_words, party_by_id, party_name, party_names
from ledger.registers.declaration import register
from ledger.relations.counting import Count
from ledger.relations.terms import counted
from policies.agreement import Agreement
from policies.clauses.templates import template
from policies.document import Stage
from policies.fields import Words
from policies.relations.entry import Assessed, figure_text, read_text
from policies.stages import STAGES, feature_words, stage_figures, stages, unlocked_at
from policies.templates import stage_pack

_NOTHING = plain("—")


class RelationService:
    """Shows relationships. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Read the relationships of an office."""
        self.office = office

    def relations(self, viewer: Viewer) -> tuple[RelationRow, ...]:
        """Return the relationships of the signed agreements that the viewer may read."""
        return tuple(_row(relation(self.office, one, history=False)) for one in self._readable(viewer))

    def breadth(self, viewer: Viewer) -> tuple[BreadthShown, ...]:
        """Return how wide and how long the dealings of each of the viewer's parties are.

        An auditor is told of every party.
        """
        found = [relation(self.office, one, history=False) for one in self._readable(viewer)]
        running = [one for one in found if one.stage is not None]
        known = {one.agreement.party_id(key) for one in running for key in one.agreement.parties}
        told = known if AUDITOR in viewer.roles else known & viewer.parties
        return tuple(_breadth(party, running) for party in sorted(told))

    def relation(self, viewer: Viewer, agreement: str) -> RelationShown:
        """Return one relationship whole."""
        if agreement not in self._readable(viewer):
            demand_read(viewer, (), "relationship")
        return self._shown(relation(self.office, agreement))

    def pack(self, viewer: Viewer, agreement: str) -> str:
        """Return the pack of clauses that the following stage opens, for the agreement's model; YAML."""
        if agreement not in self._readable(viewer):
            demand_read(viewer, (), "relationship")
        one = relation(self.office, agreement, history=False)
        return "" if one.following is None else stage_pack(one.agreement.document.model, one.following)

    def _readable(self, viewer: Viewer) -> list[str]:
        newest = {one.agreement.id: one for one in held_versions(self.office).values() if one.is_signed}
        return [id_ for id_, one in newest.items() if may_read_under(viewer, one.concerned, id_)]

    def _shown(self, one: Relation) -> RelationShown:
        row = _row(one)
        following = stages()[one.following] if one.following is not None else None
        return RelationShown(
            agreement=row.agreement,
            version=row.version,
            title=row.title,
            stage=row.stage,
            stage_title=row.stage_title,
            purpose=_text(stages()[one.stage].purpose) if one.stage is not None else _NOTHING,
            following=row.following,
            following_title=row.following_title,
            ready=row.ready,
            unlocks=tuple(_text(feature_words(name)) for name in following.unlocks) if following else (),
            conditions=tuple(_condition(each) for each in one.conditions),
            figures=tuple(
                FigureShown(name, _text(terms.text), figure_text(name, one.figures[name]))
                for name, terms in stage_figures().items()
                if name in one.figures
            ),
            moves=tuple(_move(one, each) for each in one.moves),
            changes=tuple(_change(one, each, held_versions(self.office)) for each in one.changes),
            uses=tuple(
                UnlockedShown(name, _text(feature_words(name)), stage, _title(stage))
                for name, stage in sorted(one.uses.items(), key=lambda each: (each[1], each[0]))
                if stage == unlocked_at(name)
            ),
            together=tuple(_count(one.agreement, each) for each in counts(self.office, one.agreement)),
        )


def _row(one: Relation) -> RelationRow:
    document = one.agreement.document
    return RelationRow(
        agreement=one.agreement.id,
        version=one.agreement.version,
        title=Text(document.title.zh, document.title.en),
        stage=one.stage,
        stage_title=_title(one.stage),
        following=one.following,
        following_title=_title(one.following),
        ready=one.ready and one.following is not None,
        parties=party_names(one.agreement),
    )


def _breadth(party: str, running: Sequence[Relation]) -> BreadthShown:
    mine = [one for one in running if party in {one.agreement.party_id(key) for key in one.agreement.parties}]
    others = {
        (each.role, one.agreement.party_id(key))
        for one in mine
        for key, each in one.agreement.parties.items()
        if one.agreement.party_id(key) != party
    }
    roles = Counter(role for role, _ in others)
    stages_of = [one.stage for one in mine if one.stage is not None]
    return BreadthShown(
        party=party_by_id(mine[0].agreement, party),
        agreements=len(mine),
        brands=roles["merchant"],
        agencies=roles["mcn"],
        streamers=roles["streamer"],
        models=len({one.agreement.document.model for one in mine}),
        longest_days=max(int(one.figures.get("days_in_all", 0)) for one in mine),
        closest=_title(max(stages_of, key=STAGES.index)),
    )


def _move(one: Relation, move: Move) -> MoveShown:
    agreement, version = one.agreement, move.version
    end = move.stay.end
    return MoveShown(
        stage=move.stay.stage,
        title=_title(move.stay.stage),
        since=local_time(agreement, move.stay.start.isoformat()),
        until=local_time(agreement, end.isoformat()) if end else None,
        version=version.agreement.version,
        signed_by=tuple(_signer(version, given.party) for given in version.signatures),
        signed_at=local_time(agreement, version.signed_at) if version.signed_at else None,
        entry_seq=version.signed_seq,
        conditions=tuple(_condition(each) for each in move.conditions),
    )


def _change(one: Relation, change: Change, versions: dict[str, Held]) -> ChangeShown:
    agreement = change.version.agreement
    before = versions[f"{agreement.id}@{agreement.version - 1}"].agreement
    signed_at = change.version.signed_at
    return ChangeShown(
        version=agreement.version,
        left=tuple(party_by_id(before, party) for party in change.left),
        joined=tuple(party_by_id(agreement, party) for party in change.joined),
        signed_at=local_time(one.agreement, signed_at) if signed_at else None,
        entry_seq=change.version.signed_seq,
    )


def _signer(version: Held, name: str) -> PartyName:
    left = next((one for one in version.leaving if one.name == name), None)
    return party_name(version.agreement, name) if left is None else party_name(left.was, left.key)


def _condition(one: Assessed) -> ConditionShown:
    return ConditionShown(
        one.id, _text(one.text), one.holds, Text(read_text(one, "zh"), read_text(one, "en"))
    )


def _title(stage: Stage | None) -> Text:
    return _NOTHING if stage is None else _text(stages()[stage].title)


def _text(words: Words) -> Text:
    return Text(words.zh, words.en)


def _count(agreement: Agreement, one: Count) -> CountShown:
    currency = agreement.currency
    words = template(counted()[one.register].clause).facts
    effects = {
        effect.id: effect.text
        for clause in agreement.document.clauses
        for effect in clause.effects
        if effect.id
    }
    return CountShown(
        register=one.register,
        register_title=_text(register(one.register).title),
        item=one.item,
        clause=one.clause,
        outcome=one.outcome,
        facts=tuple(
            CountedFact(name, of_words(words[name]["text"]), text) for name, text in one.facts.items()
        ),
        dues=tuple(
            DueShown(
                account_label(agreement, due.source),
                account_label(agreement, due.target),
                Money(due.amount_minor, currency),
                label(agreement, due.kind),
            )
            for due in one.dues
        ),
        effects=tuple(_text(effects[name]) if effects.get(name) else plain(name) for name in one.effects),
        missing=tuple(
            of_words(words[name]["text"]) if name in words else plain(name) for name in one.missing
        ),
        borne=tuple(
            BorneShown(
                each.role,
                Money(each.bears_minor, currency),
                Money(each.paid_minor, currency),
                Money(each.owes_minor, currency),
            )
            for each in one.borne
        ),
        cites=one.cites,
    )
