"""Pages about the server itself: the API reference, one page per problem code, and whether it is up.

The reference is plain HTML written from the OpenAPI document: no script, nothing from another origin.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.response import Response

from api.access import public
from api.errors import ThingUnknown
from api.given import PathText
from api.pages import language_of, page, render
from api.problems import known_codes, problem_title, problem_todo, status_of

API_VERSION = "1.0.0"
_DESCRIPTION = """\
Agreements, statements, disputes and the log, each narrowed to what the caller may read. Every refusal is a
problem document (RFC 9457) with a stable `code`; its `type` is the address of a page that says what to do.
Amounts are integers of the currency's minor unit. Times are RFC 3339 with their offset. Lists are paged by
cursor."""
_METHODS = ("get", "post", "put", "patch", "delete")


class PlainReference(OpenAPIRenderPlugin):
    """Renders the OpenAPI document as a page of our own."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Write the page."""
        operations = [
            (path, method, item[method])
            for path, item in sorted(openapi_schema["paths"].items())
            for method in _METHODS
            if method in item
        ]
        return render(request, "reference.html", info=openapi_schema["info"], operations=operations).encode()


def openapi() -> OpenAPIConfig:
    """Return the OpenAPI configuration: title, security scheme, JSON and plain HTML under `/v1/schema`."""
    scheme = SecurityScheme(
        type="http", scheme="bearer", description="An access code, sent as `Authorization: Bearer tly_…`."
    )
    return OpenAPIConfig(
        title="Tallystick",
        version=API_VERSION,
        description=_DESCRIPTION,
        security=[{"bearer": []}],
        components=Components(security_schemes={"bearer": scheme}),
        use_handler_docstrings=True,
        openapi_router=Router("/v1/schema", route_handlers=[], opt=public(), include_in_schema=False),
        render_plugins=[PlainReference(path="/"), JsonRenderPlugin(path="/openapi.json")],
    )


@get("/problems", opt=public(), sync_to_thread=False)
def problem_list(request: Request[Any, Any, Any]) -> Response[str]:
    """List every code."""
    language = language_of(request)
    rows = [(code, status_of(code), problem_title(code, language)) for code in sorted(known_codes())]
    return page(request, "problems.html", rows=rows)


@get("/problems/{code:str}", opt=public(), sync_to_thread=False)
def problem_page(request: Request[Any, Any, Any], code: PathText) -> Response[str]:
    """Explain one code: what it means and what to do."""
    codes = known_codes()
    if code not in codes:
        raise ThingUnknown("there is no such problem code; /problems lists them all", where="code")
    kind = codes[code]
    about = " ".join((kind.__doc__ or "").split()) if kind is not None else ""
    language = language_of(request)
    title, todo = problem_title(code, language), problem_todo(code, language)
    return page(
        request, "problem_code.html", code=code, http=status_of(code), title=title, todo=todo, about=about
    )


@get("/health", opt=public(), sync_to_thread=False)
def health() -> dict[str, str]:
    """Say that the process answers; nothing about the data."""
    return {"status": "ok"}


pages = Router("/", route_handlers=[problem_list, problem_page, health], include_in_schema=False)
