"""What the overview asks of the house. Never writes."""

from __future__ import annotations

from typing import Protocol

from api.access import Viewer
from api.overview.schemas import Overview


class OverviewService(Protocol):
    """Gathers what needs one viewer."""

    def overview(self, viewer: Viewer) -> Overview:
        """Return what waits for the viewer, narrowed to their parties."""
        ...
