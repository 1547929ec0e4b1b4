"""The log as pages and as JSON, and the proof of one entry."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import QueryParameter
from litestar.response import Response, Stream

from api.access import needs, signed_in
from api.given import Asked, PathNumber, PathText, TheHouse, TheViewer
from api.log.schemas import CheckpointNote, LogPage, ProofShown
from api.log.service import ENTRIES_PER_PAGE, SEQ_MAX, LogFilter
from api.pages import page
from api.problems import api_problems
from api.sending import download, streamed, table
from api.tables import csv_table

_TAGS = ["log"]
_PLAIN = "text/plain; charset=utf-8"
_LINES = "application/x-ndjson"
_ENTRIES_MAX = 500
_COLUMNS = ("seq", "kind", "agreement", "source", "source_id", "asserter", "occurred_at", "recorded_at")

Kind = Annotated[
    str | None, QueryParameter(name="kind", max_length=64, description="Only entries of this kind.")
]
Of = Annotated[
    str | None, QueryParameter(name="agreement", max_length=128, description="Only of this agreement.")
]
Before = Annotated[
    int | None,
    QueryParameter(name="before", ge=0, le=SEQ_MAX, description="Only entries before this number."),
]
Limit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=_ENTRIES_MAX, description="Entries to return at most.")
]

Old = Annotated[
    int, QueryParameter(name="old", ge=0, le=SEQ_MAX, description="The size of the checkpoint you kept.")
]
Size = Annotated[
    int | None, QueryParameter(name="size", ge=0, le=SEQ_MAX, description="A signed checkpoint's size.")
]


@get("/log", opt=signed_in(), sync_to_thread=True)
def list_page(  # noqa: PLR0913, PLR0917 -- one parameter a filter
    request: Asked,
    house: TheHouse,
    viewer: TheViewer,
    kind: Kind = None,
    agreement: Of = None,
    before: Before = None,
) -> Response[str]:
    """Show the entries the viewer may see, newest first."""
    wanted = LogFilter(kind or None, agreement or None, before)
    shown = house.log.entries(viewer, wanted, ENTRIES_PER_PAGE)
    return page(request, "log.html", log=shown, wanted=wanted, complete=house.log.complete(viewer))


@get("/log/{seq:int}", opt=signed_in(), sync_to_thread=True)
def proof_page(request: Asked, house: TheHouse, viewer: TheViewer, seq: PathNumber) -> Response[str]:
    """Show one entry and its proof, which the page itself can check."""
    return page(request, "proof.html", proof=house.log.proof(viewer, seq))


@get("/log", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def entries(  # noqa: PLR0913, PLR0917 -- one parameter a filter
    house: TheHouse,
    viewer: TheViewer,
    kind: Kind = None,
    agreement: Of = None,
    before: Before = None,
    limit: Limit = ENTRIES_PER_PAGE,
) -> LogPage:
    """Return the entries the viewer may see, newest first; `next_before` is the cursor of the next page."""
    return house.log.entries(viewer, LogFilter(kind, agreement, before), limit)


@get("/log/{seq:int}", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def proof(house: TheHouse, viewer: TheViewer, seq: PathNumber) -> ProofShown:
    """Return an entry with the proof that it is in the log."""
    return house.log.proof(viewer, seq)


@get("/log/{seq:int}/tlog-proof", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def entry_proof(house: TheHouse, viewer: TheViewer, seq: PathNumber) -> Response[bytes]:
    """Return the proof of an entry as a C2SP tlog-proof, which `tallystick verify` checks offline.

    Its extra line holds the leaf, and the groups that the caller may open.
    """
    text = house.log.entry_proof(viewer, seq)
    return download(text.encode(), f"entry-{seq}.tlog-proof", _PLAIN)


@get("/log/consistency", opt=signed_in(), responses=api_problems(409), sync_to_thread=True, tags=_TAGS)
def consistency(house: TheHouse, old: Old, size: Size = None) -> Response[bytes]:
    """Return the proof that the latest checkpoint, or that of `size`, extends the first `old` entries.

    It is the text that a C2SP witness is sent: `old N`, the hashes, a blank line, the checkpoint.
    """
    text = house.log.consistency_proof(old, size)
    return download(text.encode(), f"from-{old}.consistency", _PLAIN)


@get("/log/rotations", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def key_rotations(house: TheHouse) -> Response[bytes]:
    """Return the statements by which the log's keys named their successors, signed by both, oldest first."""
    return download(house.log.rotations().encode(), "log.rotations", _PLAIN)


@csv_table("/log.csv", _TAGS)
def entries_csv(  # noqa: PLR0913, PLR0917 -- one parameter a filter
    house: TheHouse,
    viewer: TheViewer,
    kind: Kind = None,
    agreement: Of = None,
    before: Before = None,
    limit: Limit = _ENTRIES_MAX,
) -> Stream:
    """Return the headers of entries the viewer may see as CSV, newest first."""
    shown = house.log.entries(viewer, LogFilter(kind, agreement, before), limit)
    return table(shown.entries, "log", _COLUMNS)


@get(
    "/parties/{party:str}/completeness",
    opt=signed_in(),
    responses=api_problems(409),
    media_type=_LINES,
    sync_to_thread=True,
    tags=_TAGS,
)
def completeness(house: TheHouse, viewer: TheViewer, party: PathText, size: Size = None) -> Stream:
    """Return the proof that these are all entries that concern a party: JSON lines, one an entry.

    `tallystick verify` checks it offline. Under a checkpoint signed now, or that of `size`.
    """
    lines = house.log.completeness(viewer, party, size)
    return streamed(lines, f"{party.replace(':', '-')}.complete.ndjson", _LINES)


@get("/checkpoints", opt=signed_in(), responses=api_problems(), sync_to_thread=True, tags=_TAGS)
def checkpoints(house: TheHouse) -> tuple[CheckpointNote, ...]:
    """Return the newest signed checkpoints and where they are anchored, newest first. Keep one."""
    return house.log.checkpoints()


@post("/checkpoints", opt=needs("operator"), responses=api_problems(409), sync_to_thread=True, tags=_TAGS)
def sign_checkpoint(house: TheHouse) -> CheckpointNote:
    """Sign the present state of the log and anchor it; the same state again returns what stands. Operator."""
    return house.log.sign_checkpoint()


pages = Router("/", route_handlers=[list_page, proof_page], include_in_schema=False)
api = Router(
    "/v1",
    route_handlers=[
        entries,
        entries_csv,
        proof,
        entry_proof,
        consistency,
        completeness,
        checkpoints,
        sign_checkpoint,
    ],
)
