"""Data of orders for the parties whom a grant names: asked for, and who received what.

A member asks for a party of the agreement with the role `read` there. Of answers each party sees those to it,
and those under grants that it holds; auditors see all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.access import Viewer, demand_read, demand_role, may_read
from api.errors import RequestUnusable
from api.office.agreements import held_versions, signed_versions
from api.office.data_requests import DataAsked
from api.office.opening import Office
from api.office.orders import intake_terms
from api.office.sharing import Answered, share
from api.reading import Text
from api.sharing.schemas import (
    DataAnswer,
    GoneRequest,
    GrantShown,
    GroupGiven,
    OrderGiven,
    SharingPage,
    SharingShown,
    SharingState,
)
from api.worded import both, label, local_time, of_words, party_by_id, party_name
from ledger.settlement.events import recorded_events
from ledger.sharing.ending import say_gone
from ledger.sharing.record import TOLD, Sharing, sharings, sharings_of_order
from policies.agreement import Agreement
from policies.clauses.data_grant import DataGrant
from policies.grants import data_grants, in_term


class SharingService:
    """Answers requests for data and shows what was answered. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def access(self, viewer: Viewer, asked: DataAsked) -> DataAnswer:
        """Answer a request of one of the viewer's parties; it is on record when this returns."""
        agreement = self._newest(viewer, asked.agreement)
        party = _asking(viewer, agreement, asked.party)
        demand_role(viewer, "read", party)
        return _answer(share(self.office, asked, recipient=party, member=viewer.member))

    def grants(self, viewer: Viewer, agreement: str) -> tuple[GrantShown, ...]:
        """Return the data grants of the version in force, of an agreement that the viewer may read."""
        theirs = self._newest(viewer, agreement)
        versions = signed_versions(self.office, agreement)
        terms = intake_terms(versions, recorded_events(self.office.log, versions[0].agreement))
        now = self.office.clock()
        in_force = terms.version_at(now)
        ref = in_force.reference if in_force is not None else versions[0].agreement.ref
        document = next(one.agreement for one in versions if one.agreement.ref == ref)
        if not may_read(viewer, _ids(document)):  # of who left, the last version that was theirs
            document = theirs
        today = now.astimezone(document.zone).date()
        return tuple(_grant(document, one, runs=in_term(one, today)) for one in data_grants(document))

    def labels(self, viewer: Viewer, agreement: str) -> dict[str, Text]:
        """Return what people call the facts of orders of an agreement that the viewer may read."""
        document = self._newest(viewer, agreement)
        facts = document.document.facts
        return {name: label(document, name) for name, one in facts.items() if one.of == "order"}

    def page(
        self, viewer: Viewer, agreement: str | None, before: int | None, limit: int, order: str | None = None
    ) -> SharingPage:
        """Return answers that the viewer may see, newest first, those before entry `before`.

        With `order` those that it was in, as far as their records stand; it needs `agreement`.
        """
        seen = self._seen(viewer, agreement, order)
        found = [one for one in seen if before is None or one.seq < before]
        documents = {ref: one.agreement for ref, one in held_versions(self.office).items()}
        shown = tuple(_shown(one, documents) for one in found[:limit])
        return SharingPage(shown, shown[-1].entry_seq if len(found) > limit else None)

    def sharings(self, viewer: Viewer, agreement: str | None) -> tuple[SharingShown, ...]:
        """Return every answer that the viewer may see, newest first."""
        documents = {ref: one.agreement for ref, one in held_versions(self.office).items()}
        return tuple(_shown(one, documents) for one in self._seen(viewer, agreement))

    def gone(self, viewer: Viewer, sharing: str, asked: GoneRequest) -> SharingShown:
        """Record that what a party was given is deleted or was given back; needs `approve` for that party."""
        one = next((one for one in self._seen(viewer, None) if one.id == sharing), None)
        if one is None:
            demand_read(viewer, (), "answer")
        assert one is not None
        demand_role(viewer, "approve", one.recipient)
        done = say_gone(
            self.office.log,
            sharing,
            asked.how,
            certificate=asked.certificate_sha256,
            by=one.recipient,
            at=self.office.clock(),
        )
        documents = {ref: held.agreement for ref, held in held_versions(self.office).items()}
        return _shown(done, documents)

    def _seen(self, viewer: Viewer, agreement: str | None, order: str | None = None) -> list[Sharing]:
        log = self.office.log
        if order is not None and agreement is None:
            raise RequestUnusable("an order is one of an agreement; name it too", where="agreement")
        if order is None:
            return [one for one in sharings(log, agreement)[::-1] if may_read(viewer, one.readers)]
        found = sharings_of_order(log, agreement or "", order)
        return [
            one for one in found[::-1] if may_read(viewer, one.readers) and _may_ask_of_orders(viewer, one)
        ]

    def _newest(self, viewer: Viewer, agreement: str) -> Agreement:
        """Return the newest signed version of an agreement that the viewer may read."""
        mine = [
            one.agreement
            for one in held_versions(self.office).values()
            if one.is_signed and one.agreement.id == agreement and may_read(viewer, _ids(one.agreement))
        ]
        if not mine:
            demand_read(viewer, (), "agreement")
        return max(mine, key=lambda one: one.version)


def _ids(agreement: Agreement) -> Iterable[str]:
    return (agreement.party_id(key) for key in agreement.parties)


def _may_ask_of_orders(viewer: Viewer, one: Sharing) -> bool:
    """Say whether the viewer may know which orders an answer was of: not who received groups of them."""
    others = {*one.readers} - {one.recipient}
    return one.level == "order" or not others or may_read(viewer, others)


def _asking(viewer: Viewer, agreement: Agreement, named: str | None) -> str:
    """Return the global id of the party that asks: the one named, else the viewer's only one."""
    if named is not None:
        party = agreement.party_id(named) if named in agreement.parties else named
        if party not in _ids(agreement):
            known = ", ".join(agreement.parties)
            raise RequestUnusable(f"'{named:.64}' is no party of {agreement.id}: {known}", where="party")
        return party
    mine = sorted(viewer.parties.intersection(_ids(agreement)))
    if len(mine) != 1:
        named = ", ".join(mine) or "none of this agreement is yours"
        raise RequestUnusable(f"say for which party you ask: {named}", where="party")
    return mine[0]


def _answer(done: Answered) -> DataAnswer:
    access, agreement = done.access, done.agreement
    clause = agreement.clauses.get(access.clause or "")
    return DataAnswer(
        decision="permit" if done.permitted else "deny",
        id=access.id,
        entry_seq=done.seq,
        at=local_time(agreement, done.at.isoformat()),
        agreement=access.agreement,
        clause=access.clause,
        clause_text=None if clause is None else Text(clause.text.zh, clause.text.en),
        reason=access.reason,
        message=_message(done),
        outside=access.outside,
        rows=tuple(OrderGiven(**row) for row in done.given.rows),
        groups=tuple(GroupGiven(**group) for group in done.given.groups),
        withheld=dict(access.withheld),
        kept_days=access.days if done.permitted else None,
        then=access.then if done.permitted else None,
        sha256=access.sha256,
    )


def _message(done: Answered) -> Text:
    access = done.access
    if done.permitted:
        return both("data.permitted", clause=access.clause, given=access.given, level=access.level)
    key = "data.denied-none" if access.clause is None else f"data.denied-{access.reason}"
    return both(key, clause=access.clause, fields=", ".join(access.outside))


def _grant(agreement: Agreement, grant: DataGrant, *, runs: bool) -> GrantShown:
    groups = grant.aggregates
    return GrantShown(
        agreement=agreement.ref,
        clause=grant.id,
        text=Text(grant.text.zh, grant.text.en),
        holder=None if grant.holder is None else party_name(agreement, grant.holder),
        recipients=tuple(party_name(agreement, key) for key in grant.recipients),
        fields=grant.fields,
        personal=grant.personal,
        purpose=of_words({"zh": grant.purpose.zh, "en": grant.purpose.en}),
        days=grant.retention.days,
        then=grant.retention.then,
        aggregates_at_least=None if groups is None else groups.at_least,
        only_groups=groups is not None and groups.only,
        opt_outs=grant.opt_outs or (),
        valid_from=None if grant.valid_from is None else grant.valid_from.isoformat(),
        valid_until=None if grant.valid_until is None else grant.valid_until.isoformat(),
        runs=runs,
    )


def _shown(one: Sharing, documents: Mapping[str, Agreement]) -> SharingShown:
    content, document = one.content, documents[one.agreement]
    until = content.get("until")
    asked = content["asked"]
    return SharingShown(
        id=one.id,
        entry_seq=one.seq,
        at=local_time(document, one.at),
        agreement=one.agreement,
        recipient=party_by_id(document, one.recipient),
        member=content["member"],
        purpose=content["purpose"],
        fields=tuple(content["fields"]),
        level=one.level,
        asked=" – ".join(dict.fromkeys(asked["days"])) if "days" in asked else str(asked["orders"]),
        clause=content.get("clause"),
        reason=content.get("reason"),
        given=content.get("given", 0),
        withheld=sum(content.get("withheld", {}).values()),
        state=_state(one),
        until=None if until is None else local_time(document, until),
        settled_seq=one.settled_seq,
    )


def _state(one: Sharing) -> SharingState:
    if not one.permitted:
        return "refused"
    if one.level == TOLD:
        return "told"
    if one.level == "aggregate":
        return "aggregate"
    if not one.content["given"]:
        return "nothing"
    if one.settled == "deleted":
        return "deleted"
    if one.settled == "returned":
        return "returned"
    return "held" if one.ended_seq is None else "ended"
