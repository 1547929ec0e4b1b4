"""The services that one server runs on, put together once at start and handed to every route.

Not a registry to look things up in from elsewhere: only `app.py` and the endpoints see it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from api.accounts.service import AccountService
from api.agreements.service import AgreementService
from api.arbiters.service import BenchService
from api.batches.service import BatchService
from api.chain.service import ChainService
from api.credit.service import CreditService
from api.debts.service import DebtService
from api.disputes.service import DisputeService
from api.entries.service import EntryService
from api.evaluations.service import EvaluationService
from api.exhibits.service import ExhibitService
from api.explaining.service import ExplainingService
from api.facts.service import FactService
from api.fx.service import FxService
from api.holds.service import HoldService
from api.idempotency import KeptAnswers
from api.identities.service import IdentityService
from api.invoices.service import InvoiceService
from api.journals.service import JournalService
from api.live.service import LiveService
from api.log.service import LogService
from api.measures.service import MeasureService
from api.members.service import MemberService
from api.monitors.service import MonitorService
from api.notices.service import NoticeService
from api.office.opening import Office
from api.orders.service import OrderService
from api.orders.uploads import Uploads
from api.overview.service import OverviewService
from api.payouts.accounts import PayeeAccountService
from api.payouts.service import PayoutService
from api.periods.service import PeriodService
from api.queries.service import QueryService
from api.reconciliation.service import ReconciliationService
from api.registers.service import RegisterService
from api.relations.service import RelationService
from api.rulings.service import RulingService
from api.scores.service import ScoreService
from api.sessions.service import SessionService
from api.settings import Settings
from api.settlements.service import SettlementService
from api.sharing.service import SharingService
from api.signers.service import SignerService
from api.statements.service import StatementService
from api.suspense.service import SuspenseService
from api.vouchers.service import VoucherService
from api.witnesses.service import WitnessService
from ledger.leaves import microseconds

_UPLOAD_BYTES = 12
"""Random bytes in the address of a file that was handed in."""


@dataclass(frozen=True, slots=True)
class House:
    """Settings and one service a capability."""

    settings: Settings
    members: MemberService
    kept: KeptAnswers
    overview: OverviewService
    agreements: AgreementService
    statements: StatementService
    disputes: DisputeService
    bench: BenchService
    queries: QueryService
    rulings: RulingService
    exhibits: ExhibitService
    relations: RelationService
    log: LogService
    entries: EntryService
    witnesses: WitnessService
    orders: OrderService
    batches: BatchService
    chain: ChainService
    credit: CreditService
    debts: DebtService
    settlements: SettlementService
    sharing: SharingService
    signers: SignerService
    live: LiveService
    identities: IdentityService
    measures: MeasureService
    scores: ScoreService
    invoices: InvoiceService
    explaining: ExplainingService
    evaluations: EvaluationService
    journals: JournalService
    accounts: AccountService
    facts: FactService
    suspense: SuspenseService
    registers: RegisterService
    sessions: SessionService
    holds: HoldService
    notices: NoticeService
    monitors: MonitorService
    periods: PeriodService
    reconciliation: ReconciliationService
    vouchers: VoucherService
    fx: FxService
    payouts: PayoutService
    payee_accounts: PayeeAccountService
    uploads: Uploads


def house_of(office: Office) -> House:
    """Put the services together over an opened office; whoever opened it closes it."""
    agreements = AgreementService(office)
    statements = StatementService(office)
    disputes = DisputeService(office)
    batches = BatchService(office)
    orders = OrderService(office)
    payouts = PayoutService(office)
    payee_accounts = PayeeAccountService(office)
    invoices = InvoiceService(office)
    notices = NoticeService(office)
    registers = RegisterService(office)

    def clock_us() -> int:
        return microseconds(office.clock())

    members = MemberService(office.engine, clock_us, office.settings.session_seconds_max)
    return House(
        settings=office.settings,
        members=members,
        kept=KeptAnswers(office.engine, clock_us),
        overview=OverviewService(
            office, agreements, statements, disputes, batches, invoices, payouts, payee_accounts, notices
        ),
        agreements=agreements,
        statements=statements,
        disputes=disputes,
        bench=BenchService(disputes, members),
        queries=QueryService(disputes),
        rulings=RulingService(office, disputes),
        exhibits=ExhibitService(office),
        relations=RelationService(office),
        log=LogService(office),
        entries=EntryService(office),
        witnesses=WitnessService(office),
        orders=orders,
        batches=batches,
        chain=ChainService(office),
        credit=CreditService(office),
        debts=DebtService(office),
        settlements=SettlementService(office),
        sharing=SharingService(office),
        signers=SignerService(office),
        live=LiveService(office),
        identities=IdentityService(office),
        measures=MeasureService(office),
        scores=ScoreService(office),
        invoices=invoices,
        explaining=ExplainingService(office, statements),
        evaluations=EvaluationService(office),
        journals=JournalService(office),
        accounts=AccountService(office),
        facts=FactService(office),
        suspense=SuspenseService(office),
        registers=registers,
        sessions=SessionService(office, registers),
        holds=HoldService(office),
        notices=notices,
        monitors=MonitorService(office),
        periods=PeriodService(office),
        reconciliation=ReconciliationService(office),
        vouchers=VoucherService(office),
        fx=FxService(office),
        payouts=payouts,
        payee_accounts=payee_accounts,
        uploads=Uploads(orders, clock_us, lambda: secrets.token_urlsafe(_UPLOAD_BYTES)),
    )
