"""Reports of sessions, promotions and lotteries for who reads their items, and drawing in a party's name."""

from __future__ import annotations

from fractions import Fraction

from api.access import Viewer
from api.office.agreements import signed_versions
from api.office.opening import Office
from api.office.sessions import report_of_promotion, report_of_session
from api.reading import Money, Text, plain
from api.registers.schemas import EventTold, TellRequest
from api.registers.service import RegisterService
from api.registers.shown import field_shown, labelled, time_code
from api.sessions.schemas import (
    ChannelShown,
    CloseRequest,
    CountShown,
    DrawRequest,
    ItemSold,
    PromotionShown,
    SaidShown,
    SessionShown,
    SessionSold,
    ShareShown,
    SoldShown,
)
from api.worded import of_words, rate_text
from ledger.registers.declaration import register
from ledger.registers.items import Item
from ledger.sessions import lottery
from ledger.sessions.draw import entrants_of
from ledger.sessions.promotion import REGISTER as PROMOTION
from ledger.sessions.report import Said
from ledger.sessions.sales import REGISTER as SESSION
from ledger.sessions.sales import Sold


class SessionService:
    """Shows sessions in figures to the readers of their items. Raises AccessDenied for others."""

    def __init__(self, office: Office, registers: RegisterService) -> None:
        """Work over an office, and the registers that sessions are kept in."""
        self.office = office
        self.registers = registers

    def session(self, viewer: Viewer, session: str) -> SessionShown:
        """Return the report of a session."""
        one = self.registers.whole(viewer, SESSION, session)
        report, currency = report_of_session(self.office, session), self._currency(one)
        of = register(SESSION)
        shown = report.basis != "above"
        return SessionShown(
            session=one.id,
            agreement=one.agreement or "",
            state=_state(one),
            host=field_shown(of, "host_type", one.text("host_type"), None).text or Text("", ""),
            basis=report.basis,
            sold=_sold(report.sold, currency) if shown else None,
            items=tuple(ItemSold(it.sku, it.prices, _sold(it.sold, currency)) for it in report.items),
            seconds=report.seconds,
            counts=tuple(
                CountShown(name, labelled(of.all_fields[name].text), count)
                for name, count in report.figures.items()
            ),
            conversion=_exact(report.conversion if shown else None),
            conversion_text=_percent(report.conversion if shown else None),
            interaction=_exact(report.interaction),
            interaction_text=_percent(report.interaction),
            said=tuple(_said(said) for said in report.said),
            recording=report.recording,
            kept_until=report.kept_until,
            promotion=one.text(PROMOTION) or None,
        )

    def promotion(self, viewer: Viewer, promotion: str) -> PromotionShown:
        """Return the report of a promotion."""
        one = self.registers.whole(viewer, PROMOTION, promotion)
        report, currency = report_of_promotion(self.office, promotion), self._currency(one)
        return PromotionShown(
            promotion=one.id,
            agreement=one.agreement or "",
            name=one.text("name"),
            state=_state(one),
            cost=Money(report.cost_minor, currency),
            budget=Money(report.budget_minor, currency) if report.budget_minor is not None else None,
            gross=Money(report.gross_minor, currency),
            net=Money(report.net_minor, currency),
            roi=_exact(report.roi),
            roi_text=_percent(report.roi),
            shares=tuple(
                ShareShown(
                    it.role, rate_text(it.rate), Money(it.bears_minor, currency),
                    Money(it.paid_minor, currency), Money(it.due_minor, currency),
                )
                for it in report.shares
            ),
            channels=tuple(
                ChannelShown(
                    it.channel, _channel(it.channel), Money(it.cost_minor, currency),
                    it.results.get("impressions", 0), it.results.get("clicks", 0),
                    it.results.get("bookings", 0),
                )
                for it in report.channels
            ),
            sessions=tuple(
                SessionSold(name, _sold(sold, currency)) for name, sold in report.sessions.items()
            ),
        )  # fmt: skip

    def fairness(self, viewer: Viewer, name: str) -> lottery.Fairness:
        """Return what a draw rests on."""
        self.registers.whole(viewer, lottery.REGISTER, name)
        return lottery.fairness(self.office.log, name)

    def redraw(self, viewer: Viewer, name: str, entrants: tuple[str, ...]) -> lottery.Redone:
        """Draw again from the record and a list of entrants; nothing is written."""
        self.registers.whole(viewer, lottery.REGISTER, name)
        return lottery.redo(self.office.log, name, entrants_of("\n".join(entrants)))

    def close(self, viewer: Viewer, name: str, asked: CloseRequest) -> EventTold:
        """Close a lottery with its list of entrants; see RegisterService.tell for who may."""
        fields = lottery.closing_fields(entrants_of("\n".join(asked.entrants)))
        return self.registers.tell(
            viewer, lottery.REGISTER, name, TellRequest(lottery.CLOSED, fields, asked.by)
        )

    def draw(self, viewer: Viewer, name: str, asked: DrawRequest) -> EventTold:
        """Draw a lottery by its seed and list; see RegisterService.tell for who may."""
        self.registers.whole(viewer, lottery.REGISTER, name)
        entrants = entrants_of("\n".join(asked.entrants))
        fields = lottery.drawing_fields(self.office.log, name, asked.seed, entrants)
        return self.registers.tell(
            viewer, lottery.REGISTER, name, TellRequest(lottery.DRAWN, fields, asked.by)
        )

    def _currency(self, one: Item) -> str:
        return signed_versions(self.office, one.agreement or "")[-1].agreement.currency


def _state(one: Item) -> Text:
    return of_words(register(one.register).states[one.state].model_dump())


def _sold(one: Sold, currency: str) -> SoldShown:
    gross, refunded, net = (
        Money(minor, currency) for minor in (one.gross_minor, one.refunded_minor, one.net_minor)
    )
    return SoldShown(len(one.orders), one.lines, gross, refunded, net)


def _said(one: Said) -> SaidShown:
    label = of_words(register(SESSION).events[one.kind].text.model_dump())
    return SaidShown(one.at_ms, time_code(one.at_ms), one.kind, label, one.speaker, one.text, one.entry_seq)


def _channel(name: str) -> Text:
    options = register(PROMOTION).fields["channel"].options or {}
    return labelled(options[name]) if name in options else plain(name)


def _exact(rate: Fraction | None) -> str | None:
    return None if rate is None else str(rate)


def _percent(rate: Fraction | None) -> str | None:
    return None if rate is None else rate_text(rate).partition(" ")[0]
