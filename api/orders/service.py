"""Takes an order file on the word of the party whose file it is: the platform of the agreement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from api.access import Role, Viewer, demand_any_role, demand_read, may_read
from api.errors import ImportConflict
from api.office.agreements import Held, held_versions
from api.office.batches import terms_of_orders
from api.office.opening import Office
from api.office.orders import import_orders, intake_terms
from api.orders.schemas import (
    DifferencePage,
    FactDiffering,
    ImportAnswer,
    RejectedRows,
    ReportNamed,
    SaleDiffering,
)
from api.reading import Text
from api.worded import of_words
from ledger.intake.differences import Finding, differences
from ledger.intake.errors import MappingUnknown
from ledger.intake.events import line_key
from ledger.intake.importing import Progress
from ledger.intake.mapping import load_mapping, shipped_mappings
from ledger.intake.report import ImportReport
from policies.errors import TallystickError, did_you_mean

_MEDIA_TYPES = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WRITERS: tuple[Role, ...] = ("draft", "pay")
_PLAIN_NAME = re.compile(r"[^\w.\- ]")


class OrderService:
    """Imports order files for those who may write the source. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Import into the log of an office."""
        self.office = office

    def take(  # noqa: PLR0913 -- the file, how to read it, whose it is, and how to go about it
        self,
        viewer: Viewer,
        path: Path,
        *,
        name: str,
        mapping: str,
        agreement: str,
        strict: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
        rejects: Path | None = None,
    ) -> ImportAnswer:
        """Import a file as it was laid down at a path and return what became of it.

        With `strict` a file that contradicts the log is refused whole, before anything of it is taken. Rows
        that were not taken are written to `rejects`, and `progress` is told how far it is.
        Raises ImportConflict then, and what import_orders raises. Mappings are those that are shipped: no
        file of the server is read on a caller's word.
        """
        self.demand(viewer, agreement)
        _require_shipped(mapping)
        shown = _PLAIN_NAME.sub("_", name)[:100] or "orders"
        with shown_as(shown, path):
            if strict:
                _refuse_conflicts(import_orders(self.office, path, mapping, agreement, dry_run=True), shown)
            report = import_orders(
                self.office, path, mapping, agreement, dry_run=dry_run, progress=progress, rejects=rejects
            )
        return ImportAnswer(report.clean, _renamed(report.as_json(), str(path), shown))

    def rejects(
        self, viewer: Viewer, path: Path, *, mapping: str, agreement: str, form: Literal["csv", "xlsx"]
    ) -> RejectedRows:
        """Return the rows of a file that an import does not take, writing nothing of it anywhere.

        Raises what import_orders raises. Mappings are those that are shipped.
        """
        self.demand(viewer, agreement)
        _require_shipped(mapping)
        written = path.with_name(f"rejected.{form}")
        with shown_as("orders", path):
            import_orders(self.office, path, mapping, agreement, dry_run=True, rejects=written)
        data = written.read_bytes()
        return RejectedRows(*media_type_of(data), data)

    def differences(self, viewer: Viewer, agreement: str, after: str | None) -> DifferencePage:
        """Return a page of the sales that sources tell otherwise, of those that the viewer may read.

        Raises AccessDenied for those who are party to no version of the agreement.
        """
        demand_read(viewer, self._parties(agreement), "agreement")
        terms = terms_of_orders(self.office, agreement)
        page = differences(self.office.log, terms, _line_after(after) if after else None)
        readers = {one.reference: one.readers for one in (*terms.overtaken, *terms.versions)}
        return DifferencePage(
            tuple(
                shown_difference(one)
                for one in page.findings
                if all(may_read(viewer, readers[report.version]) for report in (one.counts, one.other))
            ),
            line_key(*page.next_after) if page.next_after else None,
        )

    def _parties(self, agreement: str) -> list[str]:
        documents = [one.agreement for one in held_versions(self.office).values() if one.is_signed]
        return [one.party_id(key) for one in documents if one.id == agreement for key in one.parties]

    def demand(self, viewer: Viewer, agreement: str) -> None:
        """Raise AccessDenied for those who may not write the agreement's order files."""
        versions = self._signed(agreement)
        document = versions[-1].agreement if versions else None
        demand_read(
            viewer, [document.party_id(key) for key in document.parties] if document else (), "agreement"
        )
        demand_any_role(viewer, _WRITERS, (intake_terms(versions).asserter,))

    def may_import(self, viewer: Viewer, agreement: str) -> bool:
        """Say whether the viewer may write an agreement's order files."""
        versions = self._signed(agreement)
        party = intake_terms(versions).asserter if versions else ""
        return any(viewer.has(role, party) for role in _WRITERS)

    def _signed(self, agreement: str) -> tuple[Held, ...]:
        held = held_versions(self.office).values()
        return tuple(one for one in held if one.is_signed and one.agreement.id == agreement)


@cache
def mapping_titles() -> dict[str, Text]:
    """Return what the shipped mappings are called, by name."""
    titles = {name: load_mapping(name).document.title for name in shipped_mappings()}
    return {name: of_words(title) for name, title in titles.items()}


def media_type_of(data: bytes) -> tuple[str, str]:
    """Return the ending and the media type of a file of rejected rows, by its first bytes."""
    ending = "ndjson" if data[:1] == b"{" else "xlsx" if data[:2] == b"PK" else "csv"
    return ending, _MEDIA_TYPES[ending]


def shown_difference(one: Finding) -> SaleDiffering:
    """Return a finding as it is shown, with what each of the two reports says."""
    counts, other = one.counts, one.other
    return SaleDiffering(
        counts.content["order"],
        counts.content["line"],
        ReportNamed(counts.seq, counts.source),
        ReportNamed(other.seq, other.source),
        tuple(FactDiffering(name, counts.content[name], other.content[name]) for name in one.fields),
    )


def _line_after(cursor: str) -> tuple[str, str]:
    order, _, line = cursor.partition("/")
    return unquote(order), unquote(line)


@contextmanager
def shown_as(shown: str, path: Path) -> Iterator[None]:
    """Name the file in a refusal as its sender does, and not where it lies here."""
    try:
        yield
    except TallystickError as fault:
        fault.where = fault.where.replace(str(path), shown) if fault.where else fault.where
        raise


def _require_shipped(mapping: str) -> None:
    if mapping not in shipped_mappings():
        raise MappingUnknown(
            f"no mapping '{mapping[:64]}' is shipped{did_you_mean(mapping, shipped_mappings())}"
        )


def _refuse_conflicts(report: ImportReport, shown: str) -> None:
    if report.conflict_count:
        raise ImportConflict(
            f"{report.conflict_count} events differ from what is recorded; nothing of the file was taken",
            where=shown,
            errors=[
                (f"row {one.row}, entry {one.seq}", f"{one.id}: different in {', '.join(one.fields)}")
                for one in report.conflicts
            ],
        )


def _renamed(value: Any, path: str, shown: str) -> Any:
    """Return a report with the name that the sender gave the file in place of where it lay here."""
    match value:
        case dict():
            return {key: _renamed(one, path, shown) for key, one in value.items()}
        case list():
            return [_renamed(one, path, shown) for one in value]
        case str():
            return value.replace(path, shown)
        case _:
            return value
