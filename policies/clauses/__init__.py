"""Clause kinds by name. Each file is one kind: its parameters, and its expansion to the core clause.

A kind that is not listed here is read as a core clause, so a document may carry kinds nobody shipped.
"""

from __future__ import annotations

from policies.clauses.attribution import Attribution
from policies.clauses.clearing import Clearing
from policies.clauses.commission import Commission
from policies.clauses.core import Clause
from policies.clauses.data_grant import DataGrant
from policies.clauses.dispute_process import DisputeProcess
from policies.clauses.payout import Payout
from policies.clauses.returns import Returns

KINDS: dict[str, type[Clause]] = {
    "attribution": Attribution,
    "clearing": Clearing,
    "commission": Commission,
    "data_grant": DataGrant,
    "dispute_process": DisputeProcess,
    "payout": Payout,
    "returns": Returns,
}

__all__ = ["KINDS", "Clause"]
