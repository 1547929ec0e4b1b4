"""Turns every refusal into an HTTP answer: RFC 9457 problem details for programs, a page for browsers.

The only place that gives a code its status. A problem's `type` is the address of its page, `/problems/CODE`.
Whatever is not a known refusal becomes `internal` with a reference for the server's log, and says no more.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict, dataclass, field
from enum import Enum
from importlib import import_module
from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException, PermissionDeniedException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Redirect, Response
from litestar.serialization import encode_json

from api.errors import ImportConflict, SignInNeeded, TooManyRequests
from api.language import Language, catalogue
from api.office.errors import AgreementNotReady
from api.pages import language_of, page
from ledger.errors import EntryConflict, LogBusy, LogClosed
from policies.errors import AgreementRejected, TallystickError

PROBLEM_JSON = "application/problem+json"
RETRY_SECONDS = 1
"""When to come back to a log that takes nothing for the moment."""

_LOG = logging.getLogger("tallystick.api")

STATUS: dict[str, int] = {
    "access.denied": 403,
    "access.sign-in-needed": 401,
    "access.code-refused": 401,
    "request.invalid": 400,
    "request.forged-form": 403,
    "request.not-found": 404,
    "request.method": 405,
    "request.too-large": 413,
    "request.media-type": 415,
    "request.too-many": 429,
    "request.refused": 400,
    "request.unusable": 422,
    "request.key-unusable": 400,
    "request.key-reused": 409,
    "request.key-in-use": 409,
    "agreement.taken": 409,
    "signing.refused": 409,
    "signing.out-of-turn": 409,
    "signing.over": 409,
    "key.refused": 409,
    "dispute.state": 409,
    "data.state": 409,
    "arbiter.refused": 409,
    "hold.refused": 409,
    "credit.refused": 409,
    "identity.needed": 409,
    "period.refused": 409,
    "period.checklist-open": 409,
    "checklist.override-refused": 409,
    "voucher.refused": 409,
    "hold.beyond-balance": 409,
    "evidence.not-ready": 409,
    "evaluation.not-ready": 409,
    "anchor.smaller": 409,
    "registry.ended": 409,
    "key-change.number": 409,
    "chain.contract-earlier": 409,
    "anchor.other-root": 409,
    "statement.lines-unavailable": 503,
    "statement.closed": 409,
    "match.refused": 409,
    "reconciliation.differs": 409,
    "statement.service-refused": 409,
    "contest.ended": 409,
    "invoice.taken": 409,
    "batch.void-refused": 409,
    "debt.refused": 409,
    "payout.refused": 409,
    "payout.changed": 409,
    "payout.same-person": 409,
    "log.moved": 409,
    "register.item.state": 409,
    "register.unusable": 500,
    "import.under-way": 409,
    "log.busy": 503,
    "log.closed": 503,
    "setting.unusable": 500,
    "split.does-not-sum": 500,
    "decision.readers-disagree": 500,
    "rules.engine-failed": 500,
    "rules.engines-disagree": 500,
    "settlement.differs": 500,
    "settlement.second-opinion": 500,
    "database.unsuitable": 500,
    "database.owner-needed": 500,
    "backup.unreadable": 500,
    "backup.refused": 500,
    "restore.refused": 500,
    "artifact.unusable": 500,
    "chain.file": 500,
    "chain.rewritten": 500,
    "internal": 500,
}
"""Codes whose status is not the default of their last word."""

LAST_WORD: dict[str, int] = {
    "conflict": 409,
    "not-found": 404,
    "unknown": 404,
    "denied": 403,
    "unavailable": 503,
}
"""Status by the last word of a code, so that new refusals get a sensible one; anything else is 422."""

DEFAULT_STATUS = 422

BY_HTTP_STATUS: dict[int, str] = {
    400: "request.invalid",
    401: "access.sign-in-needed",
    403: "access.denied",
    404: "request.not-found",
    405: "request.method",
    413: "request.too-large",
    415: "request.media-type",
    429: "request.too-many",
}
"""Codes of what the framework refuses by itself."""


@dataclass(frozen=True, slots=True)
class ProblemItem:
    """One of several faults: where it is, what is wrong, and its own code where it has one."""

    where: str
    message: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem details (RFC 9457) with our stable `code`, the place `where`, and the list of `errors`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    where: str | None = None
    errors: tuple[ProblemItem, ...] = field(default=())
    reference: str | None = None
    """For an internal fault: what to quote to the operator."""


def status_of(code: str) -> int:
    """Return the HTTP status of a code."""
    return STATUS.get(code) or LAST_WORD.get(code.rsplit(".", 1)[-1], DEFAULT_STATUS)


ERROR_MODULES = (
    "policies.errors",
    "policies.splits.line",
    "policies.decisions.conditions",
    "policies.rules.errors",
    "policies.diff.money",
    "policies.links",
    "policies.relations.draft",
    "policies.packs.shipped",
    "policies.templates",
    "policies.versions.timeline",
    "ledger.credit.errors",
    "ledger.errors",
    "ledger.measures.errors",
    "ledger.cases.errors",
    "ledger.exhibits.errors",
    "ledger.intake.errors",
    "ledger.invoices.errors",
    "ledger.settlement.errors",
    "ledger.payouts.errors",
    "ledger.queries.errors",
    "ledger.reconciliation.errors",
    "ledger.registers.errors",
    "ledger.sharing.errors",
    "ledger.signing.errors",
    "contracts.errors",
    "api.errors",
    "api.office.errors",
)
"""Where refusals are defined; a test finds those that are missing here."""


def known_codes() -> dict[str, type[TallystickError] | None]:
    """Return every code there is: those of the error tree, and the framework's own."""
    for module in ERROR_MODULES:
        import_module(module)
    found: dict[str, type[TallystickError] | None] = dict.fromkeys(STATUS)
    found.update({kind.code: kind for kind in _tree(TallystickError)})
    return found


def _tree(kind: type[TallystickError]) -> list[type[TallystickError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _tree(child))]


def api_problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Declare, for OpenAPI, the problems a route of `/v1` can answer with beside those that any route can."""
    return {
        status: ResponseSpec(
            Problem, description=_DESCRIPTIONS[status], media_type=PROBLEM_JSON, generate_examples=False
        )
        for status in sorted({400, 401, 403, 429, 500, *statuses})
    }


_DESCRIPTIONS = {
    400: "The request cannot be read; `errors` says where.",
    401: "Nobody is signed in, or the token is not valid.",
    403: "Not allowed, or not there among what you may read.",
    404: "There is no such thing.",
    409: "It contradicts what is already recorded.",
    413: "The body is too large.",
    415: "The body is of a type that this route does not take.",
    422: "Understood and refused by the agreement's or the log's rules.",
    429: "Too many requests; `Retry-After` says when to come back.",
    500: "A fault of the server; quote `reference` to its operator.",
    503: "Nothing is taken for the moment; `Retry-After` says when to come back.",
}


def problem_of(error: Exception) -> Problem:
    """Describe any exception as a problem, without its internals."""
    if isinstance(error, TallystickError) and status_of(error.code) != 500:
        return _problem(error.code, error.message, error.where, _items(error))
    if isinstance(error, ValidationException):
        return _problem("request.invalid", "the request does not have the form this route takes", None,
                        _validation_items(error))  # fmt: skip
    if isinstance(error, PermissionDeniedException):
        return _problem("request.forged-form", "the form's token is missing or stale; load the page again")
    if isinstance(error, HTTPException) and error.status_code < 500:
        code = BY_HTTP_STATUS.get(error.status_code, "request.refused")
        return _problem(code, catalogue("en").text(f"problem.{code}.todo"))
    reference = secrets.token_hex(6)
    _LOG.error("internal fault, reference %s", reference, exc_info=error)
    return _problem(
        "internal", "the server failed; nothing was recorded by this request", reference=reference
    )


def _problem(
    code: str,
    detail: str,
    where: str | None = None,
    errors: tuple[ProblemItem, ...] = (),
    reference: str | None = None,
) -> Problem:
    return Problem(
        type=f"/problems/{code}",
        title=problem_title(code, "en"),
        status=status_of(code),
        detail=detail,
        code=code,
        where=where,
        errors=errors,
        reference=reference,
    )


def problem_title(code: str, language: Language) -> str:
    """Return a code's title: from the catalogue, else the error class's own first sentence, else the code."""
    words = catalogue(language)
    if words.has(f"problem.{code}.title"):
        return words.text(f"problem.{code}.title")
    kind = known_codes().get(code)
    sentence = (kind.__doc__ or "").strip().split("\n")[0] if kind is not None else ""
    return sentence.rstrip(".") or code


def problem_todo(code: str, language: Language) -> str:
    """Return what to do about a code: its own words, else the general ones."""
    words = catalogue(language)
    key = f"problem.{code}.todo"
    return words.text(key if words.has(key) else "problem-page.generic-todo")


def _items(error: TallystickError) -> tuple[ProblemItem, ...]:
    if isinstance(error, AgreementNotReady):
        return tuple(
            ProblemItem(finding["path"], finding["message"], finding["code"])
            for finding in error.data.get("findings", [])
        )
    if isinstance(error, EntryConflict):
        return tuple(
            ProblemItem(f"entry {place}", f"different in {', '.join(conflict.fields)}", EntryConflict.code)
            for place, conflict in zip(error.places, error.conflicts, strict=True)
        )
    if isinstance(error, ImportConflict):
        return tuple(ProblemItem(where, message) for where, message in error.data["errors"])
    if not isinstance(error, AgreementRejected):
        return ()
    return tuple(
        ProblemItem(
            where=f"line {finding.line}, {finding.path}" if finding.line else finding.path,
            message=finding.message,
            code=finding.code,
        )
        for finding in error.findings
    )


def _validation_items(error: ValidationException) -> tuple[ProblemItem, ...]:
    extra = error.extra if isinstance(error.extra, list) else []
    return tuple(
        ProblemItem(
            where=".".join(_word(part) for part in (item.get("source"), item.get("key")) if part),
            message=str(item.get("message", "")),
        )
        for item in extra
        if isinstance(item, dict)
    )


def _word(part: object) -> str:
    return str(part.value if isinstance(part, Enum) else part)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer a request that failed. Set once on the application for every exception."""
    language = language_of(request)
    problem = problem_of(error)
    headers = _headers(error)
    if wants_page(request):
        if isinstance(error, SignInNeeded) and request.method == "GET":
            return Redirect("/sign-in", query_params={"next": request.url.path}, status_code=303)
        title = problem_title(problem.code, language)
        shown = page(
            request,
            "problem.html",
            status=problem.status,
            problem=problem,
            title=title,
            todo=problem_todo(problem.code, language),
        )
        shown.headers.update(headers)
        return shown
    body = {key: value for key, value in asdict(problem).items() if value is not None}
    return Response(encode_json(body), status_code=problem.status, media_type=PROBLEM_JSON, headers=headers)


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Say whether the one who asks is a browser looking at pages."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, TooManyRequests):
        return {"retry-after": str(error.data["retry_after_s"])}
    if isinstance(error, LogBusy | LogClosed):
        return {"retry-after": str(RETRY_SECONDS)}
    if status_of(getattr(error, "code", "")) == 401:
        return {"www-authenticate": 'Bearer realm="tallystick"'}
    if isinstance(error, HTTPException) and error.headers:
        return {"allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return {}
