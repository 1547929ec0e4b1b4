"""Journals over the API: one download, written while it is read."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from api.access import signed_in
from api.given import OnlyOf, TheHouse, TheViewer
from api.problems import api_problems
from api.sending import streamed
from ledger.journals.writing import Program

First = Annotated[str | None, QueryParameter(name="from", max_length=10, description="The first day.")]
Last = Annotated[str | None, QueryParameter(name="to", max_length=10, description="The last day.")]


@get(
    "/journals/{program:str}",
    opt=signed_in(),
    responses=api_problems(),
    media_type="text/plain",
    sync_to_thread=True,
    tags=["accounts"],
)
def journal(  # noqa: PLR0913, PLR0917 -- one parameter a limit
    house: TheHouse,
    viewer: TheViewer,
    program: FromPath[Program],
    agreement: OnlyOf = None,
    first: First = None,
    last: Last = None,
) -> Stream:
    """Return the postings the viewer may read as a journal: PROGRAM is hledger or beancount."""
    text = house.journals.journal(viewer, program, agreement, (first, last))
    return streamed(text, f"{agreement or 'tallystick'}.{program}", "text/plain")


api = Router("/v1", route_handlers=[journal])
