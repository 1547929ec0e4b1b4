"""Exhibits that the log holds, folded from the steps of their case: of one case, one of them, or all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.cases.record import KIND, CaseRecord, Step, case_record, case_records
from ledger.database import Session, reading
from ledger.exhibits.errors import ExhibitUnknown
from ledger.exhibits.exhibit import ACTS, EVIDENCE_GROUP, FILED, Act, Described, Exhibit, Held
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.reading import read_groups

_FILED = FILED.removeprefix(KIND)
_ACTS = tuple(one.removeprefix(KIND) for one in ACTS)
EXHIBIT_STEPS = (_FILED, *_ACTS)
"""Kinds of the steps of a case that are about its exhibits."""


def exhibit_name(number: int) -> str:
    """Return the name of the step that files the `number`-th exhibit of a case, from 1."""
    return f"exhibits/{number}"


def act_name(number: int, place: int) -> str:
    """Return the name of the step that does the `place`-th thing to an exhibit, from 1."""
    return f"{exhibit_name(number)}/{place}"


def exhibits(log: Log, case: str) -> list[Exhibit]:
    """Return the exhibits of a case in the order in which they were filed. Raises EntryUnknown."""
    record = case_record(log, case)
    with reading(log.engine) as session:
        return exhibits_of(session, record)


def exhibit(log: Log, case: str, number: int) -> Exhibit:
    """Return one exhibit. Raises EntryUnknown, ExhibitUnknown."""
    return numbered(exhibits(log, case), number, case)


def all_exhibits(log: Log) -> Iterator[Exhibit]:
    """Yield every exhibit there is, case by case."""
    records = case_records(log)
    with reading(log.engine) as session:
        for record in records.values():
            yield from exhibits_of(session, record)


def numbered(found: list[Exhibit], number: int, case: str) -> Exhibit:
    """Return the exhibit of a number. Raises ExhibitUnknown."""
    if not 1 <= number <= len(found):
        raise ExhibitUnknown(
            "there is no such exhibit among what you may see", where=f"{case[:40]} E{number}"
        )
    return found[number - 1]


def exhibits_of(session: Session, record: CaseRecord) -> list[Exhibit]:
    """Return the exhibits of a case as a transaction sees it."""
    acts: dict[str, list[Act]] = {}
    for step in record.of(*_ACTS):
        name = step.name.rpartition("/")[0]
        at = microseconds(step.recorded_at)
        content = {**step.content, **_words(session, step.seq)}
        acts.setdefault(name, []).append(Act(KIND + step.kind, step.seq, at, step.by, content))
    filed = record.of(_FILED)
    return [_exhibit(session, record, step, tuple(acts.get(step.name, ()))) for step in filed]


def _exhibit(session: Session, record: CaseRecord, step: Step, acts: tuple[Act, ...]) -> Exhibit:
    case = step.content
    words = _words(session, step.seq)
    return Exhibit(
        dispute=record.id,
        number=int(step.name.rpartition("/")[2]),
        seq=step.seq,
        recorded_us=microseconds(step.recorded_at),
        agreement=record.agreement,
        by=step.by,
        kind=case["kind"],
        sha256=case["sha256"],
        size=case["bytes"],
        captured_at=case["captured_at"],
        supports=tuple(case["supports"]),
        late=case["late"],
        under_seal=case["under_seal"],
        record=case.get("record"),
        readers=record.readers,
        described=_described(words) if words else None,
        acts=acts,
    )


def _words(session: Session, seq: int) -> Mapping[str, Any]:
    """Return what an entry says for fewer, nothing where it says nothing or was erased."""
    for group in read_groups(session, seq, None):
        if group.name == EVIDENCE_GROUP and group.erased_by is None:
            return group.content
    return {}


def _described(content: Mapping[str, Any]) -> Described:
    return Described(
        title=content["title"],
        description=content["description"],
        file=content["file"],
        media_type=content["media_type"],
        address=content.get("address", ""),
        signature=content.get("signature", ""),
        held=tuple(Held(one["holder"], one["at"], one["how"]) for one in content["held"]),
    )
