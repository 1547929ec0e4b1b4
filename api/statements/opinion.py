"""What a statement says of the second opinion on its run: from the run's record, and the document."""

from __future__ import annotations

from api.reading import Text
from api.statements.schemas import OpinionShown
from contracts.errors import SplitNotCompiled
from contracts.split_plan import compile_split
from ledger.log import Log
from ledger.settlement.runs import numbered_run
from ledger.statements.reading import Statement
from policies.agreement import Agreement


def opinion_shown(log: Log, agreement: Agreement, statement: Statement) -> OpinionShown | None:
    """Return what CommissionSplitter was asked about the run of a statement, None where it was not.

    Why it could not be asked is said of the version that the statement is shown by, and of no other, to which
    its party need not be a party.
    """
    run = numbered_run(log, statement.agreement, statement.number)
    told = run.content.get("second_opinion") if run is not None else None
    if told is None:
        return None
    beyond = any(one["version"] == agreement.version and "not_compiled" in one for one in told["plans"])
    return OpinionShown(told["by"], told["lines"], told["taken_back"], _reason(agreement) if beyond else None)


def _reason(agreement: Agreement) -> Text | None:
    try:
        compile_split(agreement)
    except SplitNotCompiled as fault:
        return Text(zh=fault.data["zh"], en=fault.message)
    return None
