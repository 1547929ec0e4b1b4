"""Read models of an evaluation. Figures are decimal text as they are shown; limits are at 95%."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import PartyName, Text


@dataclass(frozen=True, slots=True)
class SideShown:
    """One window's figure in the measure's unit, its limits, and of how many it is."""

    value: str | None
    low: str | None
    high: str | None
    hits: int
    of: int


@dataclass(frozen=True, slots=True)
class Span:
    """Where a figure and its limits lie on a chart, in thousandths of its width."""

    at: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Two figures with their limits on one axis, whose ends are given as text."""

    before: Span
    after: Span
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class MeasureShown:
    """A measure before and after. `unit` is score, share, balance (-100 to 100), per_10000, money or count.

    `change` is the second less the first in the unit, for what is sold a growth in percent; `told_apart` says
    that chance alone does not explain it, `better` whether it went as wanted (null where it is not told).
    """

    name: str
    label: Text
    unit: str
    before: SideShown
    after: SideShown
    change: str | None
    change_low: str | None
    change_high: str | None
    method: str | None
    told_apart: bool
    better: bool | None
    verdict: Text
    cautions: tuple[Text, ...]
    chart: IntervalChart | None


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure as one row of a table."""

    measure: str
    label: Text
    unit: str
    before: str | None
    before_low: str | None
    before_high: str | None
    before_of: int
    after: str | None
    after_low: str | None
    after_high: str | None
    after_of: int
    change: str | None
    change_low: str | None
    change_high: str | None
    method: str | None
    told_apart: str
    cautions: Text


@dataclass(frozen=True, slots=True)
class KindShown:
    """Violations of one kind for 10,000 orders, before and after."""

    kind: str
    label: Text
    before: SideShown
    after: SideShown


@dataclass(frozen=True, slots=True)
class WindowShown:
    """A window: its first and last day."""

    first: str
    last: str
    days: int


@dataclass(frozen=True, slots=True)
class DailyChart:
    """Orders by day over both windows as points of a line, the day of the version, and the highest day."""

    points: str
    turn: int
    most: int


@dataclass(frozen=True, slots=True)
class MedianShown:
    """The middle of some times, in hours to one place, with its limits; of how many disputes."""

    hours: str | None
    low: str | None
    high: str | None
    of: int


@dataclass(frozen=True, slots=True)
class PartShown:
    """How many of how many, the share in percent and its limits."""

    hits: int
    of: int
    share: str | None
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class DisputesShown:
    """Disputes filed in a window (`when` is before, after or ever) and how they went."""

    when: str
    label: Text
    filed: int
    ended: int
    answered: MedianShown
    ruled: MedianShown
    closed: MedianShown
    appealed: PartShown
    overturned: PartShown
    departed: PartShown


@dataclass(frozen=True, slots=True)
class DutyShown:
    """A duty: under which clause, who owes whom, and whether it is mirrored, considered or one-sided."""

    clause: str
    heading: Text
    debtor: PartyName
    creditor: PartyName
    answer: str


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one party owes another: the clauses, and how many of them nothing answers."""

    creditor: str
    clauses: tuple[str, ...]
    one_sided: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """What a party owes each other party, and how many duties and rights it has."""

    party: PartyName
    owes: int
    is_owed: int
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class MatrixShown:
    """Rights and duties of a version. `symmetry` is the share of duties that are answered, in percent."""

    version: int
    symmetry: str | None
    permille: int
    parties: tuple[PartyName, ...]
    rows: tuple[MatrixRow, ...]
    duties: tuple[DutyShown, ...]


@dataclass(frozen=True, slots=True)
class EvaluationShown:
    """A version evaluated: measures over equal windows, what makes those unlike, disputes, rights and duties.

    `as_of_seq` is the size of the log that it rests on: asked again with the same log it is the same.
    """

    agreement: str
    title: Text
    version: int
    earlier: int | None
    versions: tuple[int, ...]
    before: WindowShown
    after: WindowShown
    asked_days: int
    as_of_seq: int
    cautions: tuple[Text, ...]
    measures: tuple[MeasureShown, ...]
    kinds: tuple[KindShown, ...]
    daily: DailyChart | None
    disputes: tuple[DisputesShown, ...]
    matrix: MatrixShown
    matrix_before: MatrixShown | None
