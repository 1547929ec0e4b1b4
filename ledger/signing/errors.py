"""What signing on the record refuses.

LedgerError
├─ SigningRefused    a step that a proposal cannot take
│  ├─ OutOfTurn      a signature before those that the order puts first
│  └─ ProposalOver   the proposal was declined, withdrawn, has expired, or is signed by all
└─ KeyRefused        a change of a party's keys that the register does not take
"""

from __future__ import annotations

from ledger.errors import LedgerError


class SigningRefused(LedgerError):
    """A step that a proposal cannot take, or terms of signing that cannot be."""

    code = "signing.refused"


class OutOfTurn(SigningRefused):
    """A signature given before those that the proposal's order puts first."""

    code = "signing.out-of-turn"


class ProposalOver(SigningRefused):
    """The proposal is over: declined, withdrawn, expired, or signed by everybody already."""

    code = "signing.over"


class KeyRefused(LedgerError):
    """A change of a party's keys that the register does not take; the message says why."""

    code = "key.refused"
