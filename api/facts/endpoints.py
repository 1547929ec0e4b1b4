"""Facts of what falls due over the API, and on their page: what counts, who said what, and saying it."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Response, Stream

from api.access import needs, signed_in
from api.facts.schemas import FactsRequest, FactsTaken, FactTyped, RecordedFact
from api.forms import BLANK, Form, asked_for, page_of_forms, refused
from api.given import Asked, Chosen, Done, PathText, TheHouse, TheViewer, Typed
from api.problems import api_problems
from api.sending import table
from api.tables import csv_table
from policies.errors import TallystickError

_TAGS = ["agreements"]
_COLUMNS = ("clause", "rows", "about", "fact", "label_zh", "label_en", "value", "standing")


@get(
    "/agreements/{agreement:str}/facts",
    opt=signed_in(),
    responses=api_problems(404),
    sync_to_thread=True,
    tags=_TAGS,
)
def facts(house: TheHouse, viewer: TheViewer, agreement: PathText) -> tuple[RecordedFact, ...]:
    """Return what counts of every fact recorded of an agreement, and who said what."""
    return house.facts.facts(viewer, agreement)


@post(
    "/agreements/{agreement:str}/facts",
    opt=needs("approve"),
    responses=api_problems(404, 422),
    sync_to_thread=True,
    tags=_TAGS,
)
def record(
    house: TheHouse, viewer: TheViewer, agreement: PathText, data: JSONBody[FactsRequest]
) -> FactsTaken:
    """Record or contest facts that what falls due rests on. Needs `approve` for the party named."""
    return house.facts.record(viewer, agreement, data)


@csv_table("/agreements/{agreement:str}/facts.csv", _TAGS, 404)
def facts_csv(house: TheHouse, viewer: TheViewer, agreement: PathText) -> Stream:
    """Return what counts of every fact recorded of an agreement as CSV."""
    return table(house.facts.facts(viewer, agreement), f"{agreement}-facts", _COLUMNS)


def _answer(  # noqa: PLR0913, PLR0917 -- who asks for what, and the form that they sent
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    agreement: str | None,
    form: Form = BLANK,
    done: str | None = None,
) -> Response[str]:
    known, chosen = house.agreements.choice(viewer, agreement)
    rows = house.facts.facts(viewer, chosen) if chosen else ()
    forms = house.facts.forms(viewer, chosen) if chosen else None
    return page_of_forms(
        request,
        "facts.html",
        form,
        known=known,
        chosen=chosen,
        rows=rows,
        forms=forms,
        done=done,
    )


@get("/facts", opt=signed_in(), sync_to_thread=True)
def list_page(
    request: Asked, house: TheHouse, viewer: TheViewer, agreement: Chosen = None, done: Done = None
) -> Response[str]:
    """Show what counts of the facts of one agreement, and who said what."""
    return _answer(request, house, viewer, agreement, done=done)


@post("/facts", opt=needs("approve"), status_code=303, sync_to_thread=True)
def say_form(request: Asked, house: TheHouse, viewer: TheViewer, data: Typed) -> Response[str] | Redirect:
    """Record a fact from the page, or contest one where no value is given."""
    asked = asked_for(FactTyped, data)
    done = "contested" if asked.value is None else "recorded"
    try:
        house.facts.say(viewer, asked)
    except TallystickError as fault:
        return _answer(request, house, viewer, asked.agreement, refused(request, "say", data, fault))
    query = {"agreement": asked.agreement, "done": done}
    return Redirect("/facts", query_params=query, status_code=303)


pages = Router("/", route_handlers=[list_page, say_form], include_in_schema=False)
api = Router("/v1", route_handlers=[facts, facts_csv, record])
