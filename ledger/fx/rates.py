"""Rates as facts of the log: said by somebody, of a source, as of an instant.

rate.recorded   `base`, `quote`, `rate` (as text, 7.1234 or 50000/7021), `source`

The rate that counts at a time is the last one of the pair and source as of that time or before; if only the
other way round was recorded, its exact inverse. A rate that is corrected is recorded again as of its instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.entries import Group, NewEntry
from ledger.errors import RateUnknown
from ledger.fx.arithmetic import Rate, read_rate
from ledger.leaves import microseconds, occurred_text
from ledger.log import Log

RATE_KIND = "rate.recorded"
RATE_GROUP = "rate"
SOURCE = "tallystick.fx"


@dataclass(frozen=True, slots=True)
class RecordedRate:
    """A rate in the log: its text as recorded, of what source, as of when (RFC 3339), in which entry."""

    rate: Rate
    text: str
    source: str
    as_of: str
    seq: int


def record_rate(  # noqa: PLR0913 -- the pair, the rate, its source and instant, under which agreement
    log: Log, base: str, quote: str, text: str, *, source: str, at: datetime, agreement: str,
    readers: tuple[str, ...], by: str,
) -> int:  # fmt: skip
    """Record a rate on the word of `by`; return its seq. The same again adds nothing. Raises FxRefused."""
    read_rate(base, quote, text)
    entry = NewEntry(
        source=SOURCE,
        id=f"{agreement.partition('@')[0]}/{base}-{quote}/{source}/{occurred_text(at)}/{text}",
        kind=RATE_KIND,
        occurred_at=at,
        asserter=by,
        agreement=agreement,
        concerns=readers,
        groups=(Group(RATE_GROUP, readers, {"base": base, "quote": quote, "rate": text, "source": source}),),
    )
    report = log.append([entry])
    return (*report.accepted, *report.repeated)[0]


def rate_at(  # noqa: PLR0913, PLR0917 -- the pair, its source and time, under which agreement
    log: Log, agreement: str, base: str, quote: str, source: str, at: datetime, *, end: int | None = None
) -> RecordedRate:
    """Return the rate of a pair and source that counts at a time under an agreement (by id).

    Of several as of one instant the last recorded counts, with `end` before that seq. Raises RateUnknown.
    """
    best: tuple[int, int] | None = None
    after = -1
    while entries := log.entries(after, 1_000, kinds=[RATE_KIND], agreement=agreement):
        for entry in entries:
            (content,) = (one.content for one in log.groups(entry.seq) if one.name == RATE_GROUP)
            key = (entry.occurred_us, entry.seq)
            if end is not None and entry.seq >= end:
                continue
            fits = content["source"] == source and {content["base"], content["quote"]} == {base, quote}
            if fits and entry.occurred_us <= microseconds(at) and (best is None or key > best):
                best = key
        after = entries[-1].seq
    if best is None:
        raise RateUnknown(
            f"no rate of {source} is recorded as of {occurred_text(at)}; record one first",
            where=f"{base}/{quote}",
        )
    return rate_of(log, best[1], base, quote)


def rate_of(log: Log, seq: int, base: str, quote: str) -> RecordedRate:
    """Return the rate that an entry records, told from `base` to `quote`."""
    entry = log.entry(seq)
    (content,) = (one.content for one in log.groups(seq) if one.name == RATE_GROUP)
    told = read_rate(content["base"], content["quote"], content["rate"])
    rate = told if told.base == base else told.inverse
    assert (rate.base, rate.quote) == (base, quote), "a rate of this pair"
    return RecordedRate(rate, content["rate"], content["source"], entry.occurred_at, seq)
