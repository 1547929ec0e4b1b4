"""Findings that the parties sign over: by code and clause, with their reason, in what they all sign."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from policies.fields import ClauseId, Model, Words


class AcceptedFinding(Model):
    """One kind of finding of one clause, or of the document as a whole, that every party signs over."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$", max_length=80)]
    clause: ClauseId | None = None
    reason: Words
