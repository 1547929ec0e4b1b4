"""What a version says of the second opinion on its settlements, before anybody signs or settles it."""

from __future__ import annotations

from api.agreements.schemas import OpinionAhead
from api.office.opening import Office
from api.reading import Text
from contracts.errors import SplitNotCompiled
from contracts.split_plan import compile_split
from policies.agreement import Agreement


def opinion_ahead(office: Office, agreement: Agreement) -> OpinionAhead | None:
    """Return whether settlements of a version are worked out a second time, and if not, why.

    None for a document that shares nothing out, and where an installation asks about no line.
    """
    lines = office.settings.splitter_lines
    if agreement.commission is None or not lines:
        return None
    try:
        plan = compile_split(agreement)
    except SplitNotCompiled as fault:
        return OpinionAhead(0, None, Text(zh=fault.data["zh"], en=fault.message))
    return OpinionAhead(lines, f"0x{plan.digest.hex()}", None)
