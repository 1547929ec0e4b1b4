"""The error tree of settlement and statements.

LedgerError
└─ SettlementError              refused by settlement or its statements
   ├─ SettlementRefused         a run that cannot be made as asked: its cut-off, its versions, its facts
   ├─ FactsRefused              what a party says of facts and cannot be recorded as said
   ├─ ChangeRefused             two statements of which no change can be told
   ├─ SuspenseRefused           a claim to a line that is not in suspense, or not theirs to make or accept
   ├─ ClaimUnknown              no such claim
   ├─ StatementUnknown          no such statement, or none that this reader may see
   ├─ StatementClosed           accepted, or its window over: nothing of it can be contested any more
   ├─ ServiceRefused            it cannot be served like this
   ├─ ContestRefused            not something that can be contested, or contested already
   ├─ ContestUnknown            no such contest of the statement
   ├─ ContestEnded              a contest that has ended otherwise
   ├─ DebtRefused               a debt that cannot be written off like this, or by this member
   ├─ LinesUnavailable          the line file of a statement is missing or not what the statement names
   ├─ SecondOpinionDiffers      somebody else works out a line of a run otherwise; nothing is issued
   └─ SettlementDiffers         a rebuilt statement is not the one that stands in the log
"""

from __future__ import annotations

from ledger.errors import LedgerError


class SettlementError(LedgerError):
    """Refused by settlement or its statements."""

    code = "settlement"


class SettlementRefused(SettlementError):
    """A run that cannot be made as asked; the message says what to change. Nothing was written."""

    code = "settlement.refused"


class FactsRefused(SettlementError):
    """What a party says of facts cannot be recorded as said; the message names the fact and what to write."""

    code = "facts.refused"


class ChangeRefused(SettlementError):
    """Two statements of which no change can be told: of several parties, or in the wrong order."""

    code = "change.refused"


class SuspenseRefused(SettlementError):
    """A claim to a line that is not in suspense, or not this party's to make, accept or decide."""

    code = "suspense.refused"


class ClaimUnknown(SettlementError):
    """No claim of that id is made under the agreement, or beside it."""

    code = "suspense.unknown"


class StatementUnknown(SettlementError):
    """No such statement, or none that this reader may see; the two are not told apart."""

    code = "statement.unknown"


class StatementClosed(SettlementError):
    """Accepted, or its window to contest is over: nothing of it can be contested any more."""

    code = "statement.closed"


class ServiceRefused(SettlementError):
    """It cannot be served like this: nobody opens the inbox, or the document gives no address."""

    code = "statement.service-refused"


class ContestRefused(SettlementError):
    """Not something that can be contested, or contested already."""

    code = "contest.refused"


class ContestUnknown(SettlementError):
    """The statement has no such contest."""

    code = "contest.unknown"


class ContestEnded(SettlementError):
    """The contest has ended otherwise already."""

    code = "contest.ended"


class DebtRefused(SettlementError):
    """A debt that cannot be written off like this: nothing of that name or amount, or by the same member."""

    code = "debt.refused"


class LinesUnavailable(SettlementError):
    """The line file of a statement is missing or holds other lines; it can be rebuilt from the log."""

    code = "statement.lines-unavailable"


class SecondOpinionDiffers(SettlementError):
    """A second opinion gives a line of a run another figure, or none; nothing was written.

    Its data names order, line and leg and has both figures in minor units.
    """

    code = "settlement.second-opinion"


class SettlementDiffers(SettlementError):
    """A rebuilt statement is not the one that stands in the log: log, documents or program were changed."""

    code = "settlement.differs"
