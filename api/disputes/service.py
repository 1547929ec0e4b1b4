"""Disputes as both sides, the platform, arbiters and auditors read them: claim, facts, timeline, decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from api.access import Viewer, demand_read, may_judge, may_read_case
from api.disputes.acting import file_case, serve_case, settlement_to_sign
from api.disputes.decision import decision_shown, posting_shown
from api.disputes.schemas import (
    CaseFact,
    DisputeDetail,
    DisputeRow,
    ExtensionAsked,
    OfferShown,
    ServedAs,
    SettlementAsked,
    SettlementToSign,
)
from api.disputes.timeline import events, side_name, when, windows
from api.office.dispute_settlements import (
    SETTLED_KIND,
    ToSign,
    offer_to_sign,
    proposed_in,
    standing_offers,
)
from api.office.disputes import Dispute, disputes, heard
from api.office.evidence import decision_bundle
from api.office.opening import Office
from api.reading import Money, Text, plain
from api.to_sign import signers_asked
from api.worded import both, label, of_words, readable
from ledger.cases.closing import UNTOLD, whose_turn
from policies.agreement import Agreement
from policies.decisions.moves import Move, postings
from policies.errors import CaseRejected
from policies.money import to_minor
from policies.process.standing import Act, Standing
from policies.process.terms import SIDES, Side
from policies.render import render

ORDERS_SHOWN = 100
"""Rows of orders that a page shows; the case itself has all of them."""

_SIDE_ACTS: tuple[Act, ...] = ("answer", "rest", "appeal", "waive", "settle", "withdraw")
_WAITS = {"filed": "operator", "deciding": "rules", "proposed": "arbiter", "appealed": "arbiter"}


class DisputeService:
    """Shows disputes to their parties, arbiters and auditors. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Read the disputes of an office."""
        self.office = office

    def disputes(self, viewer: Viewer) -> tuple[DisputeRow, ...]:
        """Return the disputes the viewer may read: those that wait, nearest deadline first, then the rest."""
        found = disputes(self.office).values()
        rows = [self._row(viewer, one) for one in found if may_read_case(viewer, one.parties, one.id)]
        return tuple(
            sorted(rows, key=lambda row: (row.ended, row.deadline is None, row.deadline or "", row.id))
        )

    def dispute(self, viewer: Viewer, dispute: str) -> DisputeDetail:
        """Return one dispute whole."""
        return self.shown(viewer, self.found(viewer, dispute))

    def shown(self, viewer: Viewer, found: Dispute) -> DisputeDetail:
        """Return a dispute that the viewer was found to read."""
        row, now = self._row(viewer, found), found.standing(self.office.clock())
        claim = found.case["case"]["claim"]
        answered = found.record.last("answered")
        return DisputeDetail(
            id=row.id,
            title=row.title,
            agreement=row.agreement,
            version=found.agreement.version,
            clause=found.case["clause"],
            status=row.status,
            claimant=row.claimant,
            respondent=row.respondent,
            claim=_demand(claim.get("demand")),
            claimed=row.claimed,
            filed_at=when(found.agreement, found.filed.recorded_at),
            filed_seq=found.filed.seq,
            deadline=row.deadline,
            waiting_for=row.waiting_for,
            waits_for_you=row.waits_for_you,
            facts=tuple(_facts(found)),
            timeline=tuple(events(viewer, found, now)),
            decision=decision_shown(found),
            may_confirm=_confirmable(found, now) and may_judge(viewer, found.parties, found.id),
            answer=answered.content["words"] if answered else None,
            level=now.level,
            windows=windows(found, now),
            extensions=tuple(_asked(viewer, found, now)),
            offers=tuple(self._offers(viewer, found, now)),
            orders_listed=len(orders_listed(found)),
            acts=_acts(viewer, found, now),
        )

    def found(self, viewer: Viewer, dispute: str) -> Dispute:
        """Return a dispute that the viewer may read. Raises AccessDenied."""
        found = disputes(self.office).get(dispute)
        if found is None or not may_read_case(viewer, found.parties, found.id):
            demand_read(viewer, (), "dispute")
        assert found is not None
        return found

    def file(self, viewer: Viewer, body: bytes) -> DisputeDetail:
        """File a case for its claimant."""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise CaseRejected("it is not text in UTF-8", where="case") from None
        return self.dispute(viewer, file_case(self.office, viewer, text).id)

    def act(self, viewer: Viewer, dispute: str, do: Callable[..., Dispute], *asked: object) -> DisputeDetail:
        """Do something to a dispute, one of the acts of acting.py, and return it as it is then."""
        do(self.office, viewer, self.found(viewer, dispute), *asked)
        return self.dispute(viewer, dispute)

    def serve(self, viewer: Viewer, dispute: str, asked: ServedAs) -> DisputeRow:
        """Record for the operator, who need not be able to read a dispute, that it reached its respondent."""
        found = disputes(self.office).get(dispute)
        if found is None:
            demand_read(viewer, (), "dispute")
        assert found is not None
        return self._row(viewer, serve_case(self.office, viewer, found, asked))

    def to_sign(self, viewer: Viewer, dispute: str, asked: SettlementAsked) -> SettlementToSign:
        """Return what a side signs to propose a settlement."""
        return _to_sign(
            self.office, settlement_to_sign(self.office, viewer, self.found(viewer, dispute), asked)
        )

    def offer_to_sign(self, viewer: Viewer, dispute: str, number: int) -> SettlementToSign:
        """Return what the other side signs to accept a proposal."""
        return _to_sign(self.office, offer_to_sign(self.office, self.found(viewer, dispute).id, number))

    def orders(self, viewer: Viewer, dispute: str) -> tuple[str, ...]:
        """Return the orders that a dispute lists."""
        return orders_listed(self.found(viewer, dispute))

    def evidence(self, viewer: Viewer, dispute: str) -> bytes:
        """Return the evidence bundle of a decision, as one of its parties may hold it."""
        found = self.found(viewer, dispute)
        mine = sorted(viewer.parties.intersection(found.parties))
        return decision_bundle(self.office, found, mine[0] if mine else found.parties[0])

    def _row(self, viewer: Viewer, dispute: Dispute) -> DisputeRow:
        agreement, case = dispute.agreement, dispute.case
        claimant, respondent = (side_name(dispute, side) for side in SIDES)
        amount = case["case"]["claim"].get("amount")
        now = dispute.standing(self.office.clock())
        window = now.open_deadline
        waits, due = window.waits_for if window else (), window or now.turn
        return DisputeRow(
            id=dispute.id,
            title=both(
                "dispute.title",
                about=_heading(agreement, case["clause"]),
                claimant=claimant.name,
                respondent=respondent.name,
            ),
            agreement=agreement.id,
            status="closed" if now.closed and now.state == "decided" else now.state,
            claimant=claimant,
            respondent=respondent,
            claimed=Money(to_minor(amount, agreement.currency) if amount else 0, agreement.currency),
            outcome=dispute.shown.content["outcome"] if dispute.shown else None,
            deadline=due.last_day.isoformat() if due and due.last_day else None,
            waiting_for="both" if len(waits) > 1 else waits[0] if waits else _WAITS.get(now.state),
            waits_for_you=_waits_for(viewer, dispute, now),
            ended=now.ended,
        )

    def _offers(self, viewer: Viewer, one: Dispute, now: Standing) -> Iterator[OfferShown]:
        for step in standing_offers(self.office, one) if now.may("settle", "claimant") else ():
            proposal, number = proposed_in(step), step.content["offer"]
            moves = [
                Move(
                    each.source,
                    each.target,
                    SETTLED_KIND,
                    to_minor(each.amount, one.agreement.currency),
                    one.case["clause"],
                )
                for each in proposal.payments
            ]
            mine = any(side != step.content["side"] for side in _sides(viewer, one))
            yield OfferShown(
                number=number,
                by=side_name(one, step.content["side"]),
                words=proposal.words,
                payments=tuple(
                    posting_shown(one.agreement, each) for each in postings(moves, one.agreement.currency)
                ),
                may_accept=mine,
                request=offer_to_sign(self.office, one.id, number).request if mine else None,
            )


def orders_listed(one: Dispute) -> tuple[str, ...]:
    """Return the orders that a case lists, in its order; none where it is about rows or all of them."""
    return tuple(one.case["case"].get("order_list") or ())


def _to_sign(office: Office, found: ToSign) -> SettlementToSign:
    return SettlementToSign(
        number=found.number,
        request=found.request,
        digest="0x" + found.digest.hex(),
        opens=found.opens,
        signers=signers_asked(office, found.signers),
    )


def _sides(viewer: Viewer, one: Dispute) -> tuple[Side, ...]:
    return tuple(side for side in SIDES if viewer.has("approve", one.party_of(side)))


def _acts(viewer: Viewer, one: Dispute, now: Standing) -> tuple[str, ...]:
    """Return what a viewer may do to a dispute now, in the order of the process."""
    sides = _sides(viewer, one)
    found: list[str] = [act for act in _SIDE_ACTS if any(now.may(act, side) for side in sides)]
    window = now.open_deadline
    impartial = may_judge(viewer, one.parties, one.id)
    if window is not None and (impartial or set(sides) & set(window.waits_for)):
        found.append("extend")
    if now.state == "deciding" and ("respondent" in sides or impartial):
        found.append("decide")
    if now.state == "filed" and viewer.has("operator"):
        found.append("serve")
    if now.ended and not now.closed and impartial:
        found.append("close")
    return tuple(found)


def _waits_for(viewer: Viewer, one: Dispute, now: Standing) -> bool:
    """Tell whether a viewer is who the next step waits for: a side, who rules, or the operator."""
    if now.state == "filed":
        return viewer.has("operator")
    if now.open_deadline is not None:
        return not set(_sides(viewer, one)).isdisjoint(now.open_deadline.waits_for)
    return whose_turn(now) is not None and may_judge(viewer, one.parties, one.id)


def _asked(viewer: Viewer, one: Dispute, now: Standing) -> Iterator[ExtensionAsked]:
    """Yield the extensions asked for of the window that runs, which nobody has granted."""
    window = now.open_deadline
    granted = {step.content.get("asked") for step in one.record.of("extended")}
    for step in one.record.of("extension_asked"):
        if window is None or step.content["of"] != window.name or step.name in granted:
            continue
        other = any(side != step.content["side"] for side in _sides(viewer, one))
        impartial = may_judge(viewer, one.parties, one.id)
        yield ExtensionAsked(
            asked=step.name,
            of=window.step,
            days=step.content["days"],
            reason=step.content["reason"],
            by=side_name(one, step.content["side"]),
            may_grant=other or impartial,
        )


def _confirmable(dispute: Dispute, now: Standing) -> bool:
    """Tell whether a person may confirm what was proposed, or on appeal what was ruled."""
    step = dispute.ruled or dispute.proposed
    return whose_turn(now) is not None and step is not None and step.content["outcome"] not in UNTOLD


def _heading(agreement: Agreement, clause: str) -> Text:
    zh, en = (
        next((one.heading for one in render(agreement, language).sections if one.id == clause), clause)
        for language in ("zh", "en")
    )
    return Text(zh, en)


def _demand(demand: str | dict[str, str] | None) -> Text:
    if demand is None:
        return plain("—")
    return plain(demand) if isinstance(demand, str) else of_words(demand)


def _facts(dispute: Dispute) -> Iterator[CaseFact]:
    """Yield the facts of the case as heard so far, the orders it is about, and what was settled on them."""
    agreement, case = dispute.agreement, dispute.case["case"]
    seq = dispute.filed.seq
    answered = dispute.record.last("answered")
    replies: Mapping[str, Any] = answered.content["facts"] if answered else {}
    for name, given in heard(dispute, dispute.record.steps).file.facts.items():
        evidence = given.evidence or []
        shown = (evidence,) if isinstance(evidence, str) else tuple(evidence)
        told = answered.seq if answered is not None and name not in case["facts"] else seq
        yield CaseFact(
            name, label(agreement, name), _value(agreement, name, given.value), given.status, shown, told,
            _reply(replies.get(name)),
        )  # fmt: skip
    for index, row in enumerate((case.get("orders") or [])[:ORDERS_SHOWN]):
        words = both("dispute.orders")
        yield CaseFact(f"orders[{index}]", words, _orders(agreement, row), "asserted", (), seq)
    for name, amount in case["settled"].items() if isinstance(case["settled"], dict) else ():
        words = label(agreement, f"settled.{name}")
        yield CaseFact(f"settled.{name}", words, plain(readable(amount)), "asserted", (), seq)


def _reply(said: Mapping[str, Any] | None) -> str | None:
    """Return what the respondent says of a fact: admitted, disputed, or its own value."""
    if said is None:
        return None
    return str(said["value"]) if "value" in said else "admitted" if said.get("admitted") else "disputed"


def _value(agreement: Agreement, name: str, value: str) -> Text:
    """Return the value of a fact as people write it: figures grouped, yes and no and channels in words."""
    if value in {"true", "false"}:
        return both(f"word.{value}")
    if name.rpartition(".")[2] == "channel":
        return label(agreement, value)
    fact = agreement.document.facts.get(name)
    return plain(readable(value) if fact is not None and fact.type in {"money", "count"} else value)


def _orders(agreement: Agreement, row: dict[str, Any]) -> Text:
    named = [(label(agreement, name), text) for name, text in row.items() if name != "count"]
    facts = Text(
        "、".join(f"{name.zh} {readable(text)}" for name, text in named),
        ", ".join(f"{name.en} {readable(text)}" for name, text in named),
    )
    return both("dispute.orders-alike", count=f"{int(row.get('count', '1')):,}", facts=facts)
