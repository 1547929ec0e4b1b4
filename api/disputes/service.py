"""What the dispute pages ask of the house."""

from __future__ import annotations

from typing import Protocol

from api.access import Viewer
from api.disputes.schemas import DisputeDetail, DisputeRow


class DisputeService(Protocol):
    """Shows disputes to their parties, their arbiter and auditors. Raises AccessDenied for others."""

    def disputes(self, viewer: Viewer) -> tuple[DisputeRow, ...]:
        """Return the disputes the viewer may read, those with the nearest deadline first."""
        ...

    def dispute(self, viewer: Viewer, dispute: str) -> DisputeDetail:
        """Return one dispute whole."""
        ...
