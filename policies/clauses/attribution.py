"""Attribution: which order lines fall under this agreement, and to whom each of them is credited."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from policies.clauses.core import Clause
from policies.fields import Formula, Model, Name, WholeNumber

Ground = Literal["session", "link", "coupon", "window", "host"]
"""What ties an order to somebody: a session, a link, a coupon, a window of time, or who was host."""

Host = Literal["head", "leader", "self"]
"""Who was host: a head streamer, a team leader, or the seller itself."""


class Route(Model):
    """One way in which an order line comes to this agreement: where `when` holds, it is credited to `payee`.

    Of several routes that hold, of this agreement or another, the one with the smallest `priority` counts.
    """

    by: Ground
    host: Host | None = None
    when: Formula
    payee: Name
    priority: Annotated[WholeNumber, Field(ge=1)]


class Attribution(Clause):
    """The routes by which order lines come to this agreement. Formulas read order facts."""

    kind: Literal["attribution"]
    routes: tuple[Route, ...] = Field(min_length=1, max_length=40)

    @property
    def computed(self) -> bool:
        """An attribution is always computed."""
        return True
