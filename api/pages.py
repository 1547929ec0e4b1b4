"""Writes HTML pages: the Jinja environment, its filters, and `page()`, by which routes answer with HTML.

Everything a template shows is escaped; templates hold no logic beyond choosing and repeating.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.handlers.base import BaseRouteHandler
from litestar.response import Response
from litestar.template.base import csrf_token

from api.access import Viewer
from api.language import LANGUAGE_COOKIE, LANGUAGES, Language, catalogue, choose_language
from api.modules import module
from api.navigation import ROOMS, room_of
from api.reading import Money
from api.worded import kind_words

STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"
_STATIC_NAME = re.compile(r"/?[a-z][a-z0-9./_-]{0,80}", re.IGNORECASE)
_YEAR_S = 365 * 24 * 3600
_MINUS = "\N{MINUS SIGN}"


def money(amount: Money) -> str:
    """Write an amount for people: thousands grouped, a true minus sign, no currency."""
    whole, dot, cents = amount.decimal().lstrip("-").partition(".")
    return f"{_MINUS if amount.amount_minor < 0 else ''}{int(whole):,}{dot}{cents}"


def moment(text: str | None) -> str:
    """Write an RFC 3339 time as date, minute and offset; a date stays as it is, nothing becomes a dash."""
    if not text:
        return "—"
    if "T" not in text:
        return text
    when = datetime.fromisoformat(text)
    return when.isoformat(" ", "minutes")


def short(digest: str) -> str:
    """Shorten a digest or address to its two ends."""
    return digest if len(digest) <= 18 else f"{digest[:10]}…{digest[-6:]}"


def plain_path(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse a static file by a name that none has, before the file system is asked. Raises NotFound."""
    if not _STATIC_NAME.fullmatch(str(connection.path_params.get("file_path", ""))):
        raise NotFoundException


@cache
def asset(name: str) -> str:
    """Return the address of a static file with its digest, so that browsers may keep it for good."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def words_under(language: Language, prefix: str) -> list[tuple[str, str]]:
    """Return the words that a script of the page may say: all under a prefix, their names not filled in."""
    known = catalogue(language).messages
    return [
        (key.removeprefix(f"{prefix}."), text) for key, text in known.items() if key.startswith(f"{prefix}.")
    ]


@cache
def environment() -> Environment:
    """Return the template environment, made once."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(money=money, moment=moment, short=short)
    made.globals["asset"] = asset
    made.globals["module"] = module
    made.globals["words_under"] = words_under
    return made


def language_of(request: Request[Any, Any, Any]) -> Language:
    """Return the language that a request wants."""
    return choose_language(
        request.query_params.get("lang"),
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("accept-language", ""),
    )


def render(request: Request[Any, Any, Any], template: str, **context: Any) -> str:
    """Render a template in the request's language, for its viewer."""
    language = language_of(request)
    words = catalogue(language)
    viewer = request.scope.get("user")
    return (
        environment()
        .get_template(template)
        .render(
            **context,
            t=words.text,
            term=partial(_term, language),
            lang=language,
            languages=LANGUAGES,
            viewer=viewer if isinstance(viewer, Viewer) else None,
            rooms=ROOMS,
            room=room_of(request.url.path),
            path=request.url.path,
            here=_here(request),
            csrf=csrf_token({"request": request}),
        )
    )


def _term(language: Language, group: str, value: str) -> str:
    """Return the word for a value of an open vocabulary; kinds of entry have those of their register."""
    if group == "entry-kind" and (words := kind_words(value)) is not None:
        return words.spoken(language)
    return catalogue(language).term(group, value)


def page(
    request: Request[Any, Any, Any], template: str, *, status: int = 200, **context: Any
) -> Response[str]:
    """Answer with a page; a language asked for in the address is remembered."""
    cookies = []
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        cookies.append(
            Cookie(key=LANGUAGE_COOKIE, value=asked, path="/", max_age=_YEAR_S, samesite="lax", httponly=True)
        )
    return Response(
        render(request, template, **context), status_code=status, media_type=MediaType.HTML, cookies=cookies
    )


def _here(request: Request[Any, Any, Any]) -> str:
    """Return the present address without its language, ready for `lang=` to be added."""
    path = "/" + request.url.path.lstrip("/")  # two slashes would lead to another site
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    return f"{path}?{urlencode(kept)}&" if kept else f"{path}?"
