"""Puts the application together: routes, guard, problems, headers, limits, identification, OpenAPI.

Not for starting a server or making the services: the command line does that and hands the `House` over.
"""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.csrf import CSRFConfig
from litestar.di import Provide
from litestar.static_files import create_static_files_router

import api.accounts.endpoints as accounts
import api.agreements.endpoints as agreements
import api.arbiters.endpoints as arbiters
import api.arbiters.pages as arbiter_pages
import api.batches.endpoints as batches
import api.chain.endpoints as chain
import api.credit.endpoints as credit
import api.debts.endpoints as debts
import api.disputes.endpoints as disputes
import api.entries.endpoints as entries
import api.evaluations.endpoints as evaluations
import api.exhibits.endpoints as exhibits
import api.exhibits.pages as exhibit_pages
import api.explaining.endpoints as explaining
import api.facts.endpoints as facts
import api.fx.endpoints as fx
import api.fx.pages as fx_pages
import api.holds.endpoints as holds
import api.identities.endpoints as identities
import api.invoices.endpoints as invoices
import api.journals.endpoints as journals
import api.live.endpoints as live
import api.log.endpoints as log
import api.measures.endpoints as measures
import api.members.endpoints as members
import api.monitors.endpoints as monitors
import api.notices.endpoints as notices
import api.orders.endpoints as orders
import api.orders.pages as order_pages
import api.overview.endpoints as overview
import api.payouts.endpoints as payouts
import api.payouts.pages as payout_pages
import api.periods.endpoints as periods
import api.queries.endpoints as queries
import api.queries.pages as query_pages
import api.reconciliation.endpoints as reconciliation
import api.reconciliation.pages as reconciliation_pages
import api.registers.endpoints as registers
import api.registers.pages as register_pages
import api.relations.endpoints as relations
import api.rulings.endpoints as rulings
import api.scores.endpoints as scores
import api.sessions.endpoints as sessions
import api.sessions.pages as session_pages
import api.settlements.endpoints as settlements
import api.sharing.endpoints as sharing
import api.sharing.pages as sharing_pages
import api.signers.endpoints as signers
import api.statements.endpoints as statements
import api.suspense.endpoints as suspense
import api.vouchers.endpoints as vouchers
import api.witnesses.endpoints as witnesses
from api import modules, reference
from api.access import Viewer, guard, public
from api.agreements import signing_pages
from api.asking import Asking
from api.headers import set_headers
from api.house import House
from api.idempotency import Idempotent
from api.limits import Limiter, RateLimit
from api.log.tiles import tiled
from api.members.identify import Identify
from api.pages import STATIC, plain_path
from api.problems import answer
from api.settings import Settings

FORM_COOKIE = "tallystick_form"
FORM_HEADER = "x-form-token"


ROUTES = (
    overview.pages,
    overview.api,
    agreements.pages,
    signing_pages.pages,
    agreements.api,
    statements.pages,
    statements.api,
    order_pages.pages,
    orders.api,
    batches.pages,
    batches.api,
    chain.pages,
    chain.api,
    credit.pages,
    credit.api,
    debts.api,
    settlements.api,
    signers.pages,
    signers.api,
    sharing_pages.pages,
    sharing.api,
    evaluations.pages,
    evaluations.api,
    live.pages,
    live.api,
    explaining.pages,
    explaining.api,
    identities.pages,
    identities.api,
    scores.pages,
    scores.api,
    measures.pages,
    measures.api,
    invoices.pages,
    invoices.api,
    payout_pages.pages,
    payouts.api,
    reconciliation_pages.pages,
    reconciliation.api,
    journals.api,
    accounts.pages,
    accounts.api,
    facts.pages,
    facts.api,
    register_pages.pages,
    registers.api,
    session_pages.pages,
    sessions.api,
    suspense.pages,
    suspense.api,
    holds.pages,
    holds.api,
    notices.pages,
    notices.api,
    monitors.pages,
    monitors.api,
    periods.pages,
    periods.api,
    vouchers.pages,
    vouchers.api,
    fx_pages.pages,
    fx.api,
    disputes.pages,
    disputes.api,
    arbiter_pages.pages,
    arbiters.api,
    query_pages.pages,
    queries.api,
    rulings.api,
    exhibit_pages.pages,
    exhibits.api,
    relations.pages,
    relations.api,
    log.pages,
    log.api,
    witnesses.api,
    members.api,
    modules.pages,
    reference.pages,
)
"""The routes that are the same for every house."""


def create_app(house: House) -> Litestar:
    """Return the application over the services of a house."""
    settings = house.settings
    sign_ins = Limiter(settings.sign_ins_per_minute)
    return Litestar(
        route_handlers=[*ROUTES, *_routes_of(house, sign_ins), _static_files()],
        request_class=Asking,
        guards=[guard],
        dependencies={
            "house": Provide(lambda: house, sync_to_thread=False),
            "viewer": Provide(_viewer, sync_to_thread=False),
        },
        middleware=[
            RateLimit(Limiter(settings.requests_per_minute)),
            Identify(house.members, sign_ins),
            Idempotent(house.kept, settings.body_bytes_max),
        ],
        csrf_config=_form_tokens(settings),
        exception_handlers={Exception: answer},
        before_send=[set_headers],
        on_shutdown=[house.uploads.close],
        request_max_body_size=settings.body_bytes_max,
        openapi_config=reference.openapi(),
        logging_config=None,
    )


def _routes_of(house: House, sign_ins: Limiter) -> tuple[Router, ...]:
    """Return the routes that a house's own settings and services make."""
    settings = house.settings
    return (
        tiled(to_anybody=settings.public_log),
        entries.api(house.entries, settings.body_bytes_max),
        members.pages(sign_ins),
    )


def _static_files() -> Router:
    """Return the route of what pages load: style sheets, scripts, fonts."""
    return create_static_files_router(
        path="/static", directories=[STATIC], guards=[plain_path], opt=public(), include_in_schema=False
    )


def _form_tokens(settings: Settings) -> CSRFConfig:
    """Return how forms of pages are known to be ours; `/v1` takes no cookie for an act."""
    return CSRFConfig(
        secret=settings.secret,
        cookie_name=FORM_COOKIE,
        header_name=FORM_HEADER,
        cookie_httponly=True,
        cookie_secure=settings.https,
        cookie_samesite="lax",
        exclude=["^/v1/"],
    )


def _viewer(request: Request[Viewer, str, Any]) -> Viewer:
    """Return the signed-in viewer; the guard has made sure that there is one."""
    return request.user
