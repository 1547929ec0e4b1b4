"""What a route is given: the request, the house, the viewer, and by name what stands in address or form.

Not for what one capability alone is asked for: that stands with its routes.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, URLEncodedBody

from api.access import Viewer
from api.house import House
from api.log.service import SEQ_MAX

Asked = Request[Viewer, str, Any]
"""The request, where a page is written in its language."""

TheHouse = NamedDependency[House]
TheViewer = NamedDependency[Viewer]
PathText = FromPath[str]
PathNumber = FromPath[int]

Of = Annotated[str, QueryParameter(name="agreement", max_length=64, description="The agreement's id.")]
OnlyOf = Annotated[
    str | None, QueryParameter(name="agreement", max_length=64, description="Only this agreement, by id.")
]
Chosen = Annotated[str | None, QueryParameter(name="agreement", max_length=64)]
"""The agreement that a page is to show; the first that the viewer may read where it is left out."""

Done = Annotated[str | None, QueryParameter(name="done", max_length=20)]
"""What a form has just done, for its page to say so."""

ROWS_MAX = 1_000
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=ROWS_MAX, description="Rows to return at most.")]
AfterEntry = Annotated[
    int | None, QueryParameter(name="after", ge=0, le=SEQ_MAX, description="The cursor of the page before.")
]
BeforeEntry = Annotated[
    int | None, QueryParameter(name="before", ge=0, le=SEQ_MAX, description="The cursor of the page before.")
]

Typed = URLEncodedBody[dict[str, str]]
"""The fields of a page's form as typed; `api.forms.asked_for` makes a request of them."""
