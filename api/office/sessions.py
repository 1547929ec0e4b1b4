"""Reports of sessions and promotions under the documents that the office holds, and lotteries drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from api.office.opening import Office
from api.office.registers import tell_event
from api.office.settling import deal_documents
from ledger.log import Log
from ledger.registers.errors import ItemUnknown
from ledger.registers.items import item
from ledger.sessions import lottery
from ledger.sessions.promotion import REGISTER as PROMOTION
from ledger.sessions.promotion import PromotionReport, promotion_report
from ledger.sessions.report import SessionReport, session_report
from ledger.sessions.sales import REGISTER as SESSION
from ledger.settlement.deal import deal_terms
from ledger.settlement.terms import Terms

Report = TypeVar("Report")


def report_of_session(office: Office, session: str) -> SessionReport:
    """Return the report of a session as the log stands. Raises ItemUnknown, AgreementUnknown."""
    return _reported(office, SESSION, session, session_report)


def report_of_promotion(office: Office, promotion: str) -> PromotionReport:
    """Return the report of a promotion as the log stands. Raises ItemUnknown, AgreementUnknown."""
    return _reported(office, PROMOTION, promotion, promotion_report)


def _reported(
    office: Office, register: str, item_id: str, report: Callable[[Log, Terms, str, int], Report]
) -> Report:
    end = office.log.size()
    agreement = item(office.log, register, item_id, end).agreement
    if agreement is None:
        raise ItemUnknown("what was told of it names no agreement", where=item_id)
    return report(office.log, deal_terms(office.log, deal_documents(office, agreement), end), item_id, end)


def close_lottery(office: Office, name: str, entrants: Sequence[str], *, by: str) -> int:
    """Close a lottery with its list of entrants; return the seq of the entry."""
    fields = lottery.closing_fields(entrants)
    return _tell_lottery(office, name, lottery.CLOSED, fields, by)


def draw_lottery(office: Office, name: str, seed: str, entrants: Sequence[str], *, by: str) -> int:
    """Draw a lottery by its seed and list; return the seq of the entry. Raises ItemState, TellingRefused."""
    fields = lottery.drawing_fields(office.log, name, seed, entrants)
    return _tell_lottery(office, name, lottery.DRAWN, fields, by)


def _tell_lottery(office: Office, name: str, event: str, fields: dict[str, str], by: str) -> int:
    agreement = item(office.log, lottery.REGISTER, name).agreement
    return tell_event(office, lottery.REGISTER, name, event, fields, by=by, agreement=agreement)
