"""Notices for those they are for, and dismissing them in a party's name."""

from __future__ import annotations

from dataclasses import replace

from api.access import Viewer, demand_read, demand_role, may_read
from api.disputes.acting import file_case
from api.language import LANGUAGES, catalogue
from api.notices.schemas import (
    DismissalRequest,
    DismissalShown,
    DoubtShown,
    FilingRequest,
    NoticeFact,
    NoticePage,
    NoticeShown,
    NoticeState,
)
from api.notices.words import about_words, figured, said
from api.office.agreements import held_versions
from api.office.notices import case_text, dismiss, file_as
from api.office.opening import Office
from api.reading import PartyName, Text, plain
from api.worded import local_time, party_by_id, who
from ledger.cases.acts import TURN_NOTICES
from ledger.notices.notice import NewNotice, Notice
from ledger.notices.reading import notices
from ledger.notices.since import Doubt, doubts
from ledger.registers.declaration import register
from policies.agreement import Agreement


class NoticeService:
    """Shows notices to their readers and to auditors. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Read the notices of an office."""
        self.office = office

    def notices(self, viewer: Viewer) -> tuple[NoticeShown, ...]:
        """Return the notices the viewer may read, newest first."""
        versions = {ref: one.agreement for ref, one in held_versions(self.office).items()}
        found = [one for one in notices(self.office.log) if _reads(viewer, one.new)]
        return tuple(_shown(viewer, one, versions.get(one.new.agreement or "")) for one in reversed(found))

    def page(self, viewer: Viewer, before: int | None, limit: int, *, open_only: bool = False) -> NoticePage:
        """Return the notices the viewer may read that were given before an entry, at most so many."""
        found = [
            one
            for one in self.notices(viewer)
            if (before is None or one.entry_seq < before) and (not open_only or one.state == "open")
        ]
        return NoticePage(tuple(found[:limit]), found[limit - 1].entry_seq if len(found) > limit else None)

    def notice(self, viewer: Viewer, notice: str) -> NoticeShown:
        """Return one notice, with what became since of what it rests on."""
        found = next((one for one in self.notices(viewer) if one.id == notice), None)
        if found is None:
            demand_read(viewer, (), "notice")
        assert found is not None
        version = held_versions(self.office).get(f"{found.agreement}@{found.version}")
        agreement = None if version is None else version.agreement
        since = [
            one for one in doubts(self.office.log, found.cites) if may_read(viewer, one.happened.readers)
        ]
        return replace(found, doubts=tuple(_doubt(one, agreement) for one in since))

    def dismiss(self, viewer: Viewer, notice: str, asked: DismissalRequest) -> NoticeShown:
        """Dismiss a notice for one of the viewer's parties; needs `approve` within it."""
        party = self._party(viewer, notice, asked.party)
        dismiss(self.office, notice, by=party, reason=asked.reason)
        return self.notice(viewer, notice)

    def file(self, viewer: Viewer, notice: str, asked: FilingRequest) -> NoticeShown:
        """Make a case of a notice in the name of one of the viewer's parties; once. Needs `approve`."""
        shown = self.notice(viewer, notice)
        if shown.dispute is None:
            party = self._party(viewer, notice, asked.party)
            case = case_text(self.office, notice, by=party, amount=asked.amount)
            file_as(self.office, notice, file_case(self.office, viewer, case), by=party)
        return self.notice(viewer, notice)

    def _party(self, viewer: Viewer, notice: str, asked: str) -> str:
        """Return the party that the viewer acts for: the one asked for, else the only one it is for."""
        shown = self.notice(viewer, notice)
        mine = [one.id for one in shown.readers if one.id in viewer.parties]
        party = asked or (mine[0] if len(mine) == 1 else "")
        demand_role(viewer, "approve", party)
        return party


def _reads(viewer: Viewer, new: NewNotice) -> bool:
    """Tell whether a notice is for the viewer: about who decides also for who sits in the case."""
    sits = new.code in TURN_NOTICES and viewer.sits_in(new.about["dispute"])
    return sits or may_read(viewer, new.readers)


def _shown(viewer: Viewer, one: Notice, agreement: Agreement | None) -> NoticeShown:
    new = one.new
    ref, _, version = (new.agreement or "").partition("@")
    return NoticeShown(
        id=new.id,
        code=new.code,
        severity=new.severity,
        state=_state(viewer, one),
        agreement=ref or None,
        version=int(version) if version else None,
        clause=new.clause,
        text=said(new, agreement),
        about=tuple(_fact(name, about_words(name, text, agreement)) for name, text in new.about.items()),
        figures=tuple(_fact(name, figured(name, text)) for name, text in new.figures.items()),
        cites=new.cites,
        given_at=_when(agreement, one.given_at),
        given_by=_asserter(agreement, one.by),
        entry_seq=one.seq,
        readers=tuple(_named(agreement, party) for party in new.readers),
        dismissed=tuple(
            DismissalShown(_named(agreement, word.by), word.reason, _when(agreement, word.at), word.seq)
            for word in one.dismissed
        ),
        dispute=one.filed.dispute if one.filed else None,
        may_dismiss_for=tuple(
            party for party in new.readers if one.open_for(party) and viewer.has("approve", party)
        ),
        may_file=_may_file(viewer, one, agreement),
    )


def _doubt(one: Doubt, agreement: Agreement | None) -> DoubtShown:
    of = register(one.register)
    state = of.states[one.state]
    return DoubtShown(
        register=of.name,
        title=Text(of.title.zh, of.title.en),
        item=one.item,
        state=one.state,
        state_text=Text(state.zh, state.en),
        by=_asserter(agreement, one.happened.by),
        reason=one.reason or None,
        at=_when(agreement, one.happened.occurred_at),
        entry_seq=one.happened.seq,
        cited_seq=one.cited,
    )


def _state(viewer: Viewer, one: Notice) -> NoticeState:
    """Return where it stands for a viewer; for an auditor, who belongs to none, as for all of its readers."""
    if one.filed is not None:
        return "filed"
    concerned = viewer.parties.intersection(one.new.readers) or one.new.readers
    return "open" if any(one.open_for(party) for party in concerned) else "dismissed"


def _may_file(viewer: Viewer, one: Notice, agreement: Agreement | None) -> bool:
    if agreement is None or one.new.clause is None or one.filed is not None:
        return False
    clause = agreement.clauses[one.new.clause]
    sides = {key for key in (clause.holder, clause.toward) if key in agreement.parties}
    return len(sides) > 1 and any(viewer.has("approve", party) for party in one.new.readers)


def _fact(name: str, value: Text) -> NoticeFact:
    return NoticeFact(name, fact_label(name), value)


def fact_label(name: str) -> Text:
    """Return what people call something that notices tell: the house's word, else the name itself."""
    zh, en = (catalogue(one).term("notice-fact", name) for one in LANGUAGES)
    return Text(zh, en) if zh != name else plain(name.replace("_", " "))


def _named(agreement: Agreement | None, party: str) -> PartyName:
    return (
        PartyName(party, party, "party", plain(party)) if agreement is None else party_by_id(agreement, party)
    )


def _asserter(agreement: Agreement | None, by: str) -> Text:
    if agreement is not None:
        return who(agreement, by)
    return Text(*(catalogue(one).term("asserter", by) for one in LANGUAGES))


def _when(agreement: Agreement | None, text: str) -> str:
    return text if agreement is None else local_time(agreement, text)
