"""A case as its entries tell it, and appending the next step.

Each step of a dispute is one entry of the source `tallystick.disputes`: its id is `CASE/NAME`, its kind
`dispute.KIND`, and what it says stands in a group that its readers open: `case` for steps, `decision` for
what was proposed, ruled and decided, `evidence` for evidence. The name is the step's own within the case, so
that doing it again adds nothing.

Not here: which step may follow which (acts.py), and what a case is about (api/office/disputes.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.appending import append_once
from ledger.cases.errors import DisputeUnknown
from ledger.database import Row, Session, reading
from ledger.disclosed import DISPUTES
from ledger.entries import Group, NewEntry, Posting, entry_of
from ledger.leaves import instant_of
from ledger.log import Log
from ledger.reading import content_of

CASE_GROUP, EVIDENCE_GROUP = "case", "evidence"

KIND = "dispute."
"""What the kind of every entry about a case begins with."""

FILED = "filed"
STEPS = (
    FILED, "served", "answered", "extension_asked", "extended", "rested", "proposed", "ruled", "appealed",
    "appeal_waived", "settlement_offered", "settlement_accepted", "withdrawn", "deadline_passed", "reminded",
    "decided", "closed",
)  # fmt: skip
"""Kinds of the steps of the process itself."""

BESIDE = (
    "evidence_filed", "evidence_sealed", "evidence_unsealed", "evidence_redacted", "custody_passed",
    "arbiter_appointed", "conflict_declared", "arbiter_challenged", "challenge_decided", "arbiter_replaced",
    "fee_set", "costs_ruled", "query_saved", "query_widened",
)  # fmt: skip
"""Kinds of what happens beside the process: evidence, and who decides."""

ENTRY_KINDS = tuple(f"{KIND}{kind}" for kind in (*STEPS, *BESIDE))

NEVER = 2**62
"""A seq beyond any log."""

_TOLD = (
    "SELECT e.seq, e.source_id, e.agreement, e.kind, e.occurred_at, e.recorded_us, e.asserter, d.readers,"
    " d.opened FROM entry e LEFT JOIN disclosure d ON d.seq = e.seq"
    " AND (d.name = 'case' OR d.name = 'decision' OR d.name = 'evidence')"
    " WHERE e.source = ? AND e.seq < ?"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case. `kind` is the entry's without `dispute.`, `name` what is unique within the case.

    `by` is who asserts it: a party's id, a member, `rules`. `content` is what it says, empty where it was
    erased; `readers` are the global ids that may open it.
    """

    kind: str
    name: str
    seq: int
    occurred_at: datetime
    recorded_at: datetime
    by: str
    content: Mapping[str, Any] = field(repr=False)
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case: its id, the version (id@version) it is under, every step in order of recording, its readers.

    `filed` is the first of `steps`.
    """

    id: str
    agreement: str
    filed: Step
    steps: tuple[Step, ...]
    readers: tuple[str, ...]

    def of(self, *kinds: str) -> tuple[Step, ...]:
        """Return the steps of some kinds, in order."""
        return tuple(one for one in self.steps if one.kind in kinds)

    def last(self, *kinds: str) -> Step | None:
        """Return the last step of some kinds, None where there is none."""
        return next((one for one in reversed(self.steps) if one.kind in kinds), None)

    def named(self, name: str) -> Step | None:
        """Return the step of a name, None where it was not taken."""
        return next((one for one in self.steps if one.name == name), None)


def case_records(log: Log, end: int | None = None) -> dict[str, CaseRecord]:
    """Return every case by id in order of filing, as the log stood before seq `end`."""
    with reading(log.engine) as session:
        sql = f"{_TOLD} AND e.kind > 'dispute.' AND e.kind < 'dispute/' ORDER BY e.seq, d.position"
        return _records(session.rows(sql, (DISPUTES, NEVER if end is None else end)))


def case_record(log: Log, case: str, end: int | None = None) -> CaseRecord:
    """Return one case as the log stood before seq `end`. Raises DisputeUnknown."""
    with reading(log.engine) as session:
        return record_within(session, case, end)


def record_within(session: Session, case: str, end: int | None = None) -> CaseRecord:
    """Return one case as a transaction sees it; see case_record."""
    sql = f"{_TOLD} AND e.source_id > ? AND e.source_id < ? ORDER BY e.seq, d.position"
    beyond = NEVER if end is None else end
    found = _records(session.rows(sql, (DISPUTES, beyond, f"{case}/", f"{case}0")))  # '/' comes before '0'
    if case not in found:
        raise DisputeUnknown("no dispute of that id is filed", where=case[:80])
    return found[case]


def _records(rows: Iterable[Row]) -> dict[str, CaseRecord]:
    steps: dict[str, dict[int, Step]] = {}
    agreements: dict[str, str] = {}
    for seq, entry_id, agreement, kind, occurred_at, recorded_us, asserter, readers, opened in rows:
        case, _, name = entry_id.partition("/")
        if kind == f"{KIND}{FILED}" and opened is not None:
            steps[case], agreements[case] = {}, agreement
        if case not in steps or seq in steps[case]:
            continue
        steps[case][seq] = Step(
            kind.removeprefix(KIND),
            name,
            seq,
            datetime.fromisoformat(occurred_at),
            instant_of(recorded_us),
            asserter,
            {} if opened is None else content_of(bytes(opened)),
            () if readers is None else tuple(json.loads(readers)),
        )
    return {
        case: CaseRecord(case, agreements[case], (filed := next(iter(mine.values()))), tuple(mine.values()),
                         filed.readers)
        for case, mine in steps.items()
    }  # fmt: skip


def filed_entry(  # noqa: PLR0913 -- the parts of one entry
    case: str,
    agreement: str,
    content: Mapping[str, Any],
    *,
    readers: Sequence[str],
    by: str,
    at: datetime,
) -> NewEntry:
    """Return the entry that files a case under a version (id@version), not yet appended.

    `readers` are the global ids of those who see the case. Raises EntryInvalid.
    """
    return entry_of(
        Group(CASE_GROUP, tuple(readers), {"dispute": case, **content}),
        source=DISPUTES, id=f"{case}/{FILED}", kind=f"{KIND}{FILED}", at=at, by=by, agreement=agreement,
    )  # fmt: skip


def step_entry(  # noqa: PLR0913 -- the parts of one entry
    record: CaseRecord,
    kind: str,
    name: str,
    content: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    readers: Sequence[str] | None = None,
    group: str = CASE_GROUP,
    postings: Sequence[Posting] = (),
) -> NewEntry:
    """Return the entry of a step of a case, not yet appended: for who appends it with others.

    `readers` are global ids, the case's where None is given. Raises EntryInvalid.
    """
    assert kind in STEPS or kind in BESIDE, kind
    opens = record.readers if readers is None else tuple(readers)
    return entry_of(
        Group(group, opens, {"dispute": record.id, **content}, tuple(postings)),
        source=DISPUTES,
        id=f"{record.id}/{name}",
        kind=f"{KIND}{kind}",
        at=at,
        by=by,
        agreement=record.agreement,
    )


def append_step(  # noqa: PLR0913 -- as step_entry
    log: Log,
    record: CaseRecord,
    kind: str,
    name: str,
    content: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    readers: Sequence[str] | None = None,
    group: str = CASE_GROUP,
    postings: Sequence[Posting] = (),
    require: Callable[[Session], None] | None = None,
) -> int:
    """Append a step of a case; return its seq. The same again, whenever, adds nothing.

    `name` is unique within the case; `require` is asked within the transaction, unless the step stands
    already, and raises what is not to be (`record_within` reads the case there). Raises EntryConflict for
    another step under the name.
    """
    entry = step_entry(
        record, kind, name, content, by=by, at=at, readers=readers, group=group, postings=postings
    )
    return append_once(log, entry, require)
