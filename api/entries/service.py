"""Takes entries from those who may write their source, through the queue before the log.

One entry is read where the request is handled and waits for nobody's thread; many are read in a thread. What
an entry says, and who reads it, is decided in ledger/intake/told.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from litestar.concurrency import sync_to_thread
from litestar.exceptions import ValidationException

from api.access import Viewer, demand_read, demand_source
from api.entries.schemas import EntriesTaken, EntryRefused, EntryTaken
from api.entries.terms import Deal, KeptTerms
from api.errors import AccessDenied, RequestUnusable
from api.office.opening import Office
from ledger.derive import LINE_EVENTS
from ledger.entries import NewEntry
from ledger.errors import EntryConflict, EntryInvalid, LogBusy
from ledger.group_commit import WAIT_SECONDS
from ledger.intake.attesting import Attesting
from ledger.intake.terms import IntakeTerms
from ledger.intake.told import Teller, Told
from ledger.reports import Attest
from ledger.sorting import AppendReport
from policies.errors import TallystickError

ENTRIES_MAX = 10_000
"""The most entries of one request."""

LINE_BYTES_MAX = 1 << 20
"""The most bytes of one entry."""

_POLL_SECONDS = 0.02
_told = msgspec.json.Decoder(Told)


@dataclass(frozen=True, slots=True)
class _Read:
    """Entries that read well, with their places among those sent, and those that do not."""

    entries: list[NewEntry]
    places: list[int]
    refused: list[EntryRefused]
    terms: dict[str, IntakeTerms]

    @property
    def attest(self) -> Attest:
        """What sales among them post beside other reports, under all of their agreements."""
        return Attesting(*self.terms.values()).postings


class EntryService:
    """Entries of programs that hold a grant for their source. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Write to the log of an office, through its queue."""
        self._office = office
        self._terms = KeptTerms(office)

    async def take(self, viewer: Viewer, body: bytes) -> EntryTaken:
        """Take one entry; the same again returns where it stands.

        Raises AccessDenied, EntryInvalid, EntryConflict, LogBusy, LogClosed.
        """
        told = _read(body)
        deal = self._terms.find(told.agreement)
        if deal is None:
            deal = await sync_to_thread(self._terms.load, told.agreement)
        entry, teller = _entry(viewer, told, deal)
        report = await self._submit(entry, teller.attesting.postings)
        (seq,) = report.seqs
        assert seq is not None, "what conflicts is refused"
        return EntryTaken(seq, bool(report.repeated))

    async def _submit(self, entry: NewEntry, attest: Attest) -> AppendReport:
        """Hand one entry over, waiting for room without holding a thread."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                return await self._office.queue.submit_soon([entry], attest=attest)
            except LogBusy:
                if time.monotonic() >= until:
                    raise
                await asyncio.sleep(_POLL_SECONDS)

    async def take_many(self, viewer: Viewer, body: bytes, *, partial: bool) -> EntriesTaken:
        """Take entries written one a line, all or none; with `partial` what can be, and report the rest.

        Raises RequestUnusable where there are too many, and without `partial` what `take` raises, with the
        place of the first entry concerned.
        """
        read = await sync_to_thread(self._read_many, viewer, body, partial=partial)
        queued = await sync_to_thread(
            self._office.queue.submit, read.entries, partial=partial, attest=read.attest
        )
        report = await asyncio.wrap_future(queued)
        refused = list(read.refused)
        conflicts = iter(report.conflicts)
        seqs: list[int | None] = [None] * (len(read.entries) + len(refused))
        for place, seq in zip(read.places, report.seqs, strict=True):
            seqs[place] = seq
            if seq is None:
                refused.append(EntryRefused(place, EntryConflict.code, next(conflicts).fields))
        refused.sort(key=lambda one: one.index)
        return EntriesTaken(len(report.accepted), len(report.repeated), tuple(refused), tuple(seqs))

    def _read_many(self, viewer: Viewer, body: bytes, *, partial: bool) -> _Read:
        read = _Read([], [], [], {})
        for index, line in enumerate(_lines(body)):
            try:
                told = _read(line)
                entry, teller = _entry(viewer, told, self._terms.load(told.agreement))
            except (TallystickError, ValidationException) as fault:
                if not partial:
                    raise _placed(fault, index) from None
                read.refused.append(_refusal(index, fault))
            else:
                read.entries.append(entry)
                read.places.append(index)
                read.terms[told.agreement] = teller.terms
        return read


def _lines(body: bytes) -> Iterator[bytes]:
    """Yield the lines of a body, without empty ones. Raises RequestUnusable for too many."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > ENTRIES_MAX:
        wanted = f"{len(lines)} entries are more than {ENTRIES_MAX}; send them in several requests"
        raise RequestUnusable(wanted, where="body")
    yield from lines


def _read(line: bytes) -> Told:
    if len(line) > LINE_BYTES_MAX:
        raise EntryInvalid(f"an entry takes at most {LINE_BYTES_MAX} bytes", where="entry")
    try:
        return _told.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        message, _, path = str(fault).partition(" - at `")
        where = path.rstrip("`").removeprefix("$").removeprefix(".") or "entry"
        raise ValidationException(extra=[{"source": "body", "key": where, "message": message}]) from None


def _entry(viewer: Viewer, told: Told, deal: Deal | None) -> tuple[NewEntry, Teller]:
    """Return the entry of what was told and its teller. Raises AccessDenied, EntryInvalid.

    Of orders only the party whose word an order file is tells, as with files.
    """
    demand_source(viewer, told.asserter, told.source)
    if deal is None or told.asserter not in deal.parties:
        demand_read(viewer, (), "agreement")
    assert deal is not None
    if told.kind in LINE_EVENTS and told.asserter != deal.teller.terms.asserter:
        raise AccessDenied("orders are told of by the platform of the agreement alone", where="asserter")
    return deal.teller.entry(told), deal.teller


def _placed(fault: TallystickError | ValidationException, index: int) -> Exception:
    if isinstance(fault, ValidationException):
        assert isinstance(fault.extra, list)
        item = fault.extra[0]
        return ValidationException(extra=[{**item, "key": f"entry {index}, {item['key']}"}])
    fault.where = f"entry {index}, {fault.where}" if fault.where else f"entry {index}"
    return fault


def _refusal(index: int, fault: TallystickError | ValidationException) -> EntryRefused:
    if isinstance(fault, TallystickError):
        return EntryRefused(index, fault.code, (fault.where,) if fault.where else ())
    assert isinstance(fault.extra, list)
    return EntryRefused(index, "request.invalid", (fault.extra[0]["key"],))
