"""Forms of pages: what was typed, why it was refused, and the answer that keeps what somebody has typed.

Not for refusals of whole pages (hidden, not signed in, a fault of the server): those are problems.py's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from litestar import Request
from litestar.response import Response

from api.errors import RequestUnusable
from api.pages import language_of, page
from api.problems import Problem, problem_of, problem_title, problem_todo
from policies.errors import TallystickError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Wanted = TypeVar("Wanted", bound="DataclassInstance")
_OF_THE_PAGE = frozenset({401, 403, 500})
_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was refused, in its reader's language; `detail`, in English, names the particulars."""

    status: int
    code: str
    title: str
    todo: str
    detail: str
    where: str | None
    errors: tuple[tuple[str, str], ...] = ()
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form by its name: what stands in its fields, and why it was refused, None before it was sent."""

    name: str = ""
    typed: Mapping[str, str] | None = None
    refusal: Refusal | None = None

    def value(self, form: str, field: str, default: str = "") -> str:
        """Return what was typed into a field of one of the page's forms; `default` where it was not sent."""
        return (self.typed or {}).get(field, default) if form == self.name else default

    def refused(self, form: str) -> Refusal | None:
        """Return why one of the page's forms was refused, None where it was not."""
        return self.refusal if form == self.name else None

    @property
    def status(self) -> int:
        """The HTTP status that the page is answered with."""
        return self.refusal.status if self.refusal else 200


BLANK = Form()
"""No form was sent."""


def page_of_forms(
    request: Request[Any, Any, Any], template: str, form: Form, **context: Any
) -> Response[str]:
    """Answer with a page that has forms; where the one sent was refused, with that refusal's status."""
    return page(request, template, status=form.status, form=form, **context)


def asked_for(kind: type[Wanted], typed: Mapping[str, str], *, capitals: Sequence[str] = ()) -> Wanted:
    """Return what a form asks for: the fields of a request, white space folded, what is empty left out.

    A field that the request cannot do without is empty then, and is refused where it is looked at; `capitals`
    names those that are written so, such as currencies.
    """
    found: dict[str, str] = {}
    for one in fields(kind):
        text = " ".join(typed.get(one.name, "").split())
        if text or one.default is MISSING:
            found[one.name] = text.upper() if one.name in capitals else text
    return kind(**found)


def number_of(text: str, where: str) -> int:
    """Return a whole number as typed. Raises RequestUnusable for what is none, or too long for one."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise RequestUnusable("must be a whole number", where=where)
    return int(text)


def instant(text: str, where: str = "at") -> datetime:
    """Read an instant with its offset, as typed. Raises RequestUnusable."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        message = f"'{text[:40]}' is no time with an offset, such as 2026-03-02T20:00:00+08:00"
        raise RequestUnusable(message, where=where)
    return found


def refused(
    request: Request[Any, Any, Any], name: str, typed: Mapping[str, str], fault: TallystickError
) -> Form:
    """Return a sent form with its refusal; what no form explains (hidden, our own fault) is raised again."""
    problem = problem_of(fault)
    if problem.status in _OF_THE_PAGE:
        raise fault
    return Form(name, typed, refusal_of(request, problem))


def refusal_of(request: Request[Any, Any, Any], problem: Problem) -> Refusal:
    """Return a problem as a page says it, in the request's language."""
    language = language_of(request)
    return Refusal(
        problem.status,
        problem.code,
        problem_title(problem.code, language),
        problem_todo(problem.code, language),
        problem.detail,
        problem.where,
        tuple((item.where, item.message) for item in problem.errors),
        problem.reference,
    )
