"""Sign-in and sign-out in the browser, and who am I for the API."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from litestar import Router, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery
from litestar.response import Redirect, Response

from api.access import public, signed_in
from api.errors import CodeRefused
from api.given import Asked, TheHouse, TheViewer
from api.limits import Limiter, client_of
from api.members.identify import SESSION_COOKIE
from api.members.schemas import GrantShown, Me, SignIn
from api.pages import page
from api.problems import api_problems

HOME = "/"


def safe_next(target: str) -> str:
    """Return a path on this server to go to after sign-in; what leads elsewhere becomes the overview."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return HOME
    local = (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and not parts.scheme
        and not parts.netloc
    )
    return target if local and "\\" not in target and target.isprintable() else HOME


@get("/sign-in", opt=public(), sync_to_thread=False)
def sign_in_page(request: Asked, next: FromQuery[str] = HOME) -> Response[str]:  # noqa: A002 -- ?next=
    """Show the sign-in form."""
    return page(request, "sign_in.html", next=safe_next(next), refused=False)


@post("/sign-in", opt=public(), status_code=303, sync_to_thread=True)
def sign_in(
    request: Asked,
    house: TheHouse,
    sign_in_limiter: NamedDependency[Limiter],
    data: Annotated[SignIn, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[str] | Redirect:
    """Check the access code and start a session; a code that is refused shows the form again."""
    sign_in_limiter.demand(client_of(request.scope))
    try:
        viewer = house.members.viewer_of_code(data.code.strip())
    except CodeRefused:
        return page(request, "sign_in.html", status=401, next=safe_next(data.next), refused=True)
    token = house.members.open_session(viewer)
    return Redirect(
        safe_next(data.next),
        status_code=303,
        cookies=[
            Cookie(
                key=SESSION_COOKIE,
                value=token,
                path="/",
                httponly=True,
                samesite="lax",
                secure=house.settings.https,
                max_age=house.settings.session_seconds_max,
            )
        ],
    )


@post("/sign-out", opt=signed_in(), status_code=303, sync_to_thread=True)
def sign_out(request: Asked, house: TheHouse) -> Redirect:
    """End the session on the server, not only in the browser."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        house.members.close_session(token)
    gone = Cookie(
        key=SESSION_COOKIE,
        value="",
        path="/",
        httponly=True,
        samesite="lax",
        max_age=0,
        secure=house.settings.https,
    )
    return Redirect("/sign-in", status_code=303, cookies=[gone])


@get("/me", opt=signed_in(), responses=api_problems(), sync_to_thread=False, tags=["members"])
def me(viewer: TheViewer) -> Me:
    """Return who the token or session belongs to."""
    grants = sorted(viewer.grants, key=lambda grant: (grant.party or "", grant.role))
    return Me(viewer.member, viewer.name, tuple(GrantShown(grant.role, grant.party) for grant in grants))


def pages(limiter: Limiter) -> Router:
    """Return the sign-in pages, with the limiter that slows guessing down."""
    return Router(
        "/",
        route_handlers=[sign_in_page, sign_in, sign_out],
        include_in_schema=False,
        dependencies={"sign_in_limiter": Provide(lambda: limiter, sync_to_thread=False)},
    )


api = Router("/v1", route_handlers=[me])
