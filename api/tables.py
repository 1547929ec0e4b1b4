"""The routes of tables as CSV: declared alike, whatever they hold. Writing the rows is `sending`'s."""

from __future__ import annotations

from litestar import get
from litestar.types import Dependencies

from api.access import signed_in
from api.problems import api_problems


def csv_table(path: str, tags: list[str], *statuses: int, dependencies: Dependencies | None = None) -> get:
    """Declare a table as CSV for any signed-in member, who is sent what they may see of it.

    `statuses` are those of problems that it can answer with beside what any route can.
    """
    return get(
        path,
        opt=signed_in(),
        dependencies=dependencies,
        responses=api_problems(*statuses),
        media_type="text/csv",
        sync_to_thread=True,
        tags=tags,
    )
