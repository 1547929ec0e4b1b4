"""Reports and their figures as they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Text


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure: its exact value as a fraction, none where nothing tells, and how people read it (`shown`).

    `items` is over how many items of the register it was taken.
    """

    id: str
    text: Text
    value: str | None
    shown: str
    items: int


@dataclass(frozen=True, slots=True)
class FigureRow:
    """The figures of items that say the same in the field that the report is told apart by."""

    key: str
    items: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class ReportShown:
    """A report: of which register, agreement and period (empty: all there is), told apart by which field."""

    report: str
    title: Text
    lead: Text
    register: str
    agreement: str
    period: str
    by: str
    fields: tuple[str, ...]
    rows: tuple[FigureRow, ...]


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure of a report as a row of a table."""

    report: str
    agreement: str
    period: str
    key: str
    measure: str
    text: Text
    value: str
    shown: str
    items: int


@dataclass(frozen=True, slots=True)
class ReportName:
    """A report that there is: its name, title, what it says, and the fields that it can be told apart by."""

    report: str
    title: Text
    lead: Text
    register: str
    fields: tuple[str, ...]
