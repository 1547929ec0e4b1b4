"""The state of the chain over the API, and its page."""

from __future__ import annotations

from litestar import Router, get
from litestar.response import Response

from api.access import needs
from api.chain.schemas import ChainShown
from api.given import Asked, TheHouse
from api.pages import language_of, page
from api.problems import api_problems, problem_title, problem_todo


@get("/chain", opt=needs("operator", "auditor"), sync_to_thread=True)
def chain_page(request: Asked, house: TheHouse) -> Response[str]:
    """Show what waits for the chain and what holds it up."""
    state, language = house.chain.state(), language_of(request)
    faults = [state.fault, *(one.fault for one in state.tasks)]
    said = {
        one.code: (problem_title(one.code, language), problem_todo(one.code, language))
        for one in faults
        if one is not None
    }
    return page(request, "chain.html", chain=state, said=said)


@get("/chain", opt=needs("operator", "auditor"), responses=api_problems(), sync_to_thread=True, tags=["log"])
def show_chain(house: TheHouse) -> ChainShown:
    """Return what waits for the chain, how it was last seen, and what holds it up. No chain is asked."""
    return house.chain.state()


pages = Router("/", route_handlers=[chain_page], include_in_schema=False)
api = Router("/v1", route_handlers=[show_chain])
