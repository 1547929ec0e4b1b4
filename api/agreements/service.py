"""What the agreement pages ask of the house."""

from __future__ import annotations

from typing import Protocol

from api.access import Viewer
from api.agreements.schemas import AgreementDetail, AgreementRow


class AgreementService(Protocol):
    """Shows agreements to their parties and to auditors. Raises AccessDenied for any other."""

    def agreements(self, viewer: Viewer) -> tuple[AgreementRow, ...]:
        """Return the versions the viewer may read, newest first by agreement."""
        ...

    def agreement(self, viewer: Viewer, agreement: str, version: int) -> AgreementDetail:
        """Return one version whole."""
        ...

    def canonical(self, viewer: Viewer, agreement: str, version: int) -> bytes:
        """Return the exact signed bytes of a version."""
        ...
