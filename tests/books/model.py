"""The books as a plain model: lists of what was said, and sums over them. What the machine holds a log to.

Nothing here rests on the ledger's own reckoning: no table, no sum kept, no month or hold of its making.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ledger.periods import Period

ZONE = ZoneInfo("Asia/Shanghai")
AGREEMENT_ID = "autumn-beauty"

EVER = datetime.max.replace(tzinfo=UTC)
"""Recorded whenever."""

Month = tuple[int, int]
"""Year and month."""


def month_of(at: datetime) -> Month:
    local = at.astimezone(ZONE)
    return local.year, local.month


def following(month: Month, by: int = 1) -> Month:
    count = month[0] * 12 + month[1] - 1 + by
    return count // 12, count % 12 + 1


def plain_month(period: Period) -> Month:
    return period.year, period.month


def yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


@dataclass(frozen=True)
class Said:
    """One entry: its key, when it occurred and was recorded, what escrow got by it, which month it counts in.

    `late_from` is the month it is of, where that was closed when it came; `of` is what it takes back.
    """

    source: str
    id: str
    kind: str
    at: datetime
    recorded: datetime
    minor: int
    month: Month
    late_from: Month | None
    of: int | None


@dataclass
class HoldModel:
    """A hold on escrow, and what was released of it: when, recorded when, how much."""

    at: datetime
    recorded: datetime
    minor: int
    expires: datetime | None
    released: list[tuple[datetime, datetime, int]] = field(default_factory=list)
    expiry_told: bool = False

    def held(self, at: datetime, recorded: datetime = EVER) -> int:
        if at < self.at or recorded < self.recorded or (self.expires is not None and at >= self.expires):
            return 0
        gone = sum(part for when, known, part in self.released if when <= at and known <= recorded)
        return self.minor - gone

    def last(self) -> datetime:
        """When its last event happened, as far as anybody has told."""
        told = [self.at, *(when for when, _, _ in self.released)]
        return max(told if not self.expiry_told or self.expires is None else [*told, self.expires])

    def left_at_expiry(self, now: datetime) -> int:
        """What was held until it expired, if that was by `now` and nobody has told of it."""
        if self.expires is None or self.expires > now or self.expiry_told:
            return 0
        return self.held(self.expires - timedelta(microseconds=1))


@dataclass
class LegalHoldModel:
    """What is kept from erasure: an agreement or all of them, an order or all of them."""

    agreement: str | None
    order: str | None
    stands: bool = True

    def covers(self, order: str) -> bool:
        return self.stands and self.agreement in {None, AGREEMENT_ID} and self.order in {None, order}


@dataclass(frozen=True)
class ReportModel:
    """What a source's file said of an order: by which entry, and what was paid."""

    seq: int
    source: str
    minor: int


@dataclass
class FileModel:
    """An order file, and which entries were taken from it and stand: from seq, to short of seq."""

    source: str
    rows: tuple[tuple[str, int], ...]
    latest: datetime
    recorded: int | None = None
    ranges: list[tuple[int, int]] = field(default_factory=list)
    proposals: dict[str, str] = field(default_factory=dict)
    """Who proposed to void it, by what it held then."""

    @property
    def held(self) -> str:
        """What names exactly the entries it holds."""
        entries = sum(stop - first for first, stop in self.ranges)
        return f"{self.ranges[0][0]}-{self.ranges[-1][1]}-{entries}"


class BooksModel:
    """Everything that must be true of the log and the accounts over it; an entry's place is its seq."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.sales: dict[str, tuple[int, int]] = {}
        self.refunds: dict[str, list[int]] = {}
        self.holds: dict[str, HoldModel] = {}
        self.legal_holds: dict[str, LegalHoldModel] = {}
        self.closed: list[tuple[Month, int]] = []
        self.erased: dict[int, int] = {}
        self.reports: dict[str, list[ReportModel]] = {}
        self.voided: set[int] = set()
        self.files: dict[str, FileModel] = {}

    def say(
        self,
        key: tuple[str, str],
        kind: str,
        at: datetime,
        now: datetime,
        minor: int = 0,
        of: int | None = None,
    ) -> int:
        """Take an entry; return its seq. What is of a closed month counts in the first open one."""
        month, late_from = month_of(at), None
        if self.closed and month <= self.closed[-1][0]:
            month, late_from = following(self.closed[-1][0]), month
        self.said.append(Said(*key, kind, at, self.recorded(now), minor, month, late_from, of))
        return len(self.said) - 1

    def recorded(self, now: datetime) -> datetime:
        """When the log says that it takes something now: its own time never runs backwards."""
        return max(now, self.said[-1].recorded) if self.said else now

    def left(self, seq: int) -> int:
        """What of an entry's amount was not taken back yet."""
        return self.said[seq].minor + sum(one.minor for one in self.said if one.of == seq)

    def is_voided(self, seq: int) -> bool:
        """Whether an entry, or what it takes back in turn, was voided: neither is taken back again."""
        of: int | None = seq
        while of is not None and of not in self.voided:
            of = self.said[of].of
        return of is not None

    def stands(self, seq: int) -> bool:
        """Whether something of a reversal stands: less what took it back, and so on."""
        return self._net(seq) != 0

    def _net(self, seq: int) -> int:
        takers = (n for n, one in enumerate(self.said) if one.of == seq)
        return self.said[seq].minor + sum(self._net(n) for n in takers)

    def is_reversed(self, seqs: Collection[int]) -> bool:
        """Whether a reversal of any of some entries stands, so that they cannot be voided."""
        return any(one.of in seqs and self.stands(n) for n, one in enumerate(self.said))

    def funded(self, order: str, without: Collection[int] = ()) -> int:
        """What a line of files has put on escrow: what the first report that stands says."""
        standing = (one for one in self.reports.get(order, ()) if one.seq not in self.voided)
        return next((one.minor for one in standing if one.seq not in without), 0)

    def seq(self, source: str, name: str) -> int:
        (found,) = [n for n, one in enumerate(self.said) if (one.source, one.id) == (source, name)]
        return found

    def balance(self, at: datetime, recorded: datetime = EVER) -> int:
        return sum(one.minor for one in self.said if one.at <= at and one.recorded <= recorded)

    def held(self, at: datetime, recorded: datetime = EVER) -> int:
        return sum(hold.held(at, recorded) for hold in self.holds.values())

    def month(self, month: Month) -> tuple[int, int, dict[Month, int], int]:
        """What escrow was before a month, moved in it, got late by month of origin, and became."""
        opening = sum(one.minor for one in self.said if one.month < month)
        moved = sum(one.minor for one in self.said if one.month == month and one.late_from is None)
        late: Counter[Month] = Counter()
        for one in self.said:
            if one.month == month and one.late_from is not None:
                late[one.late_from] += one.minor
        came = {origin: minor for origin, minor in late.items() if minor}
        return opening, moved, came, opening + moved + sum(came.values())

    def may_close(self, month: Month, now: datetime) -> bool:
        """A month that is over; the first may be any, from then on they follow each other."""
        return month < month_of(now) and (not self.closed or month == following(self.closed[-1][0]))

    def kept(self, order: str) -> bool:
        return any(hold.covers(order) for hold in self.legal_holds.values())
