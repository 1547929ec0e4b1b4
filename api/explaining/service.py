"""Explanations for those who may read what is explained: a statement's party, or the party that asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from api.access import AUDITOR, Viewer, demand_read
from api.explaining.effects import effects_shown
from api.explaining.forecasting import forecast_shown
from api.explaining.schemas import (
    AmountExplained,
    CauseShown,
    ChangeShown,
    EffectsShown,
    FigureExplained,
    FigurePart,
    ForecastShown,
    LineAnswer,
    OrderAnswer,
)
from api.office.agreements import held_versions
from api.office.opening import Office
from api.office.settling import OrderOf, explain_stated_figure, forecast_of, statement_change, why_order
from api.office.simulating import version_effects
from api.pages import money
from api.reading import Money, PartyName, plain
from api.statements.due_reading import due_explained
from api.statements.line_reading import facts_shown, steps_shown
from api.statements.service import StatementService
from api.worded import both, of_words, party_by_id
from ledger.settlement.errors import ChangeRefused
from ledger.statements.explanation import Explanation
from ledger.statements.explanation import LineAnswer as StoredAnswer
from policies.agreement import Agreement


class ExplainingService:
    """Explains figures and orders. Raises AccessDenied for who may not read them."""

    def __init__(self, office: Office, statements: StatementService) -> None:
        """Explain what an office holds; statements are found by their own service."""
        self.office = office
        self.statements = statements

    def figure(self, viewer: Viewer, statement: str, figure: str) -> FigureExplained:
        """Return why a figure of a statement is what it is. Raises StatementUnknown for one it lacks."""
        stored = self.statements.readable(viewer, statement)
        found = explain_stated_figure(self.office, stored, figure)
        first = found.lines[0].number if found.lines else None
        return FigureExplained(
            statement=found.statement,
            agreement=found.agreement,
            figure=found.place,
            label=of_words(found.label),
            amount=Money(found.amount_minor, found.currency),
            words=tuple(of_words(one) for one in found.words),
            clause=found.clause,
            clause_text=of_words(found.clause_text) if found.clause_text else None,
            parts=tuple(
                FigurePart(one.place, of_words(one.label), Money(one.amount_minor, found.currency))
                for one in found.parts
            ),
            count=found.count,
            lines=tuple(self.statements.line(viewer, statement, one.number) for one in found.lines),
            line=self.statements.explain(viewer, statement, first) if first is not None else None,
            due=due_explained(self.office, stored, found.due.number) if found.due else None,
            entry_seq=found.entry,
        )

    def change(self, viewer: Viewer, statement: str, since: str | None) -> ChangeShown:
        """Return why a statement pays another amount than an earlier one, the one before where none is named.

        Raises ChangeRefused, and StatementUnknown where there is none before.
        """
        after = self.statements.readable(viewer, statement)
        earlier = since or after.content["previous"]
        if earlier is None:
            raise ChangeRefused("it is the first statement; nothing stands before it", where=statement)
        found = statement_change(self.office, self.statements.readable(viewer, earlier), after)
        currency = found.currency
        return ChangeShown(
            before=found.before,
            after=found.after,
            agreement=after.agreement,
            party=self.statements.statement(viewer, statement).party,
            paid_before=Money(found.before_minor, currency),
            paid_after=Money(found.after_minor, currency),
            change=Money(found.change_minor, currency),
            causes=tuple(
                CauseShown(
                    one.kind,
                    both(f"change-cause.{one.kind}"),
                    one.clause,
                    Money(one.before_minor, currency),
                    Money(one.after_minor, currency),
                    Money(one.change_minor, currency),
                    one.lines_before,
                    one.lines_after,
                )
                for one in found.causes
            ),
            separated=found.separated,
        )

    def effects(self, viewer: Viewer, agreement: str, version: int, against: int) -> EffectsShown:
        """Return what a version changes of all orders against another, for the viewer's parties.

        An auditor sees all. Raises AccessDenied, SettlementRefused.
        """
        versions = [one.agreement for one in held_versions(self.office).values() if one.is_signed]
        mine = [one for one in versions if one.id == agreement and one.version in {version, against}]
        parties = [{one.party_id(key) for key in one.parties} for one in mine]
        both_of = set.intersection(*parties) if len({one.version for one in mine}) == 2 else set()
        demand_read(viewer, both_of, "agreement")
        found = version_effects(self.office, agreement, against, version)
        newest = next(one for one in mine if one.version == version)
        shown = sorted(both_of if AUDITOR in viewer.roles else both_of & viewer.parties)
        return effects_shown(newest, found, against, shown)

    def forecast(self, viewer: Viewer, agreement: str, days: int) -> ForecastShown:
        """Return what the viewer's parties may expect by day; an auditor sees all. Raises AccessDenied."""
        versions = [one.agreement for one in held_versions(self.office).values() if one.is_signed]
        mine = [one for one in versions if one.id == agreement]
        demand_read(viewer, [one.party_id(key) for one in mine for key in one.parties], "agreement")
        found = forecast_of(self.office, agreement, days)
        return forecast_shown(mine[-1], found, None if AUDITOR in viewer.roles else viewer.parties)

    def order(self, viewer: Viewer, order: str, party: str, agreement: str | None) -> OrderAnswer:
        """Return why a party, by its key or id, got what it got out of an order; of one agreement, or all."""
        within = None if AUDITOR in viewer.roles else viewer.parties
        found = why_order(self.office, order, party, self.office.clock(), agreement, within)
        demand_read(viewer, tuple(one.party for one in found), "order")
        totals: dict[str, int] = defaultdict(int)
        for one in found:
            for answer in one.answers:
                for each in answer.explanations:
                    totals[each.currency] += each.amount_minor
        name = self._name(found)
        amounts = tuple(Money(amount, currency) for currency, amount in sorted(totals.items()))
        said = plain("; ".join(f"{money(one)} {one.currency}" for one in amounts) or "0")
        return OrderAnswer(
            order,
            name,
            both("why.total", party=name.name, order=order, amount=said),
            amounts,
            tuple(_line(one, answer) for one in found for answer in one.answers),
        )

    def _name(self, found: Sequence[OrderOf]) -> PartyName:
        return party_by_id(found[0].agreement, found[0].party)


def _line(one: OrderOf, answer: StoredAnswer) -> LineAnswer:
    day = answer.earned_from.isoformat() if answer.earned_from else None
    return LineAnswer(
        one.agreement.id,
        answer.order,
        answer.line,
        answer.version,
        answer.standing,
        both(f"line-standing.{answer.standing}", day=day or "—"),
        day,
        tuple(_amount(one.agreement, each) for each in answer.explanations),
    )


def _amount(agreement: Agreement, one: Explanation) -> AmountExplained:
    return AmountExplained(
        of_words(one.label),
        one.kind,
        one.version,
        one.clause,
        of_words(one.clause_text),
        Money(one.amount_minor, one.currency),
        facts_shown(agreement, one.facts),
        steps_shown(one.steps, one.currency),
        one.reverses,
    )
